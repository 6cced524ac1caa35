"""Several objectives as one: gates, weights, scales of their own, and figures apart."""

from unit.trainer.rewards.places import event

from penchant_trainer.rewards.brevity import Brevity
from penchant_trainer.rewards.names import NAMES
from penchant_trainer.rewards.parsing import PARSES
from penchant_trainer.rewards.reward import Reward

PLACES = [event("def f(value):\n    return ", "\n")] * 4
TEXTS = ["value + 1", "valu + 1", "value + 1)", "value + 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8"]


def test_the_best_text_wins_and_a_broken_one_gets_nothing() -> None:
    reward = Reward((PARSES, NAMES, Brevity(9)))
    found = reward.scored(PLACES, TEXTS)
    good, undefined, broken, long = found.rewards
    assert good > undefined > broken == 0
    assert good > long > broken
    assert found.scores["names"] == [1.0, 0.0, None, 1.0]
    assert found.figures["parses"].failed == 0.25
    assert found.figures["names"].judged == 0.75
    assert reward.scores(PLACES, TEXTS) == list(found.rewards)


def test_a_fitted_reward_judges_a_text_the_same_in_any_batch() -> None:
    reward = Reward((PARSES, NAMES, Brevity(9)))
    alone = reward.scores(PLACES[:1], TEXTS[:1])
    assert alone != reward.scores(PLACES, TEXTS)[:1]
    fitted = reward.fitted(PLACES, TEXTS)
    assert fitted.scores(PLACES[:1], TEXTS[:1]) == fitted.scores(PLACES, TEXTS)[:1]


def test_weights_decide_between_virtues() -> None:
    for weights, better in (({"names": 9.0}, 3), ({"brevity": 9.0}, 1)):
        found = Reward((PARSES, NAMES, Brevity(9)), weights).scores(PLACES, TEXTS)
        assert found.index(max(found[i] or 0.0 for i in (1, 3))) == better
