"""Judges, their agreement with a developer, and the labels that follow from it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.trainer.rewards.judging import JudgeServer, judge_server
from unit.trainer.rewards.places import event

from penchant_core.judging_settings import JudgingSettings
from penchant_trainer.intervals import wilson
from penchant_trainer.metrics import Generation
from penchant_trainer.rewards.agreement import Agreement, Tally, measure, own_pairs
from penchant_trainer.rewards.asking import about_one, about_two, in_words, probability
from penchant_trainer.rewards.constitution import Principle, principles
from penchant_trainer.rewards.judge import ChecksJudge, JudgeError, ModelJudge, fractions
from penchant_trainer.rewards.labels import Drawn, labelled
from penchant_trainer.rewards.principled import principled
from penchant_trainer.rewards.remote_oracle import RemoteOracle
from penchant_trainer.rewards.reward import Reward
from penchant_trainer.rewards.verifiable import checks
from penchant_trainer.units import Event, Pair

PRINCIPLES = principles()
CHECKS = checks(JudgingSettings())


class Biased:
    """Finds texts with ``good`` in them good, but says yes to whatever comes first more often."""

    name = "biased"

    def __init__(self, bias: float) -> None:
        self.bias = bias

    def probabilities(self, questions: Sequence[str]) -> list[float | None]:
        found: list[float | None] = []
        for question in questions:
            first = question.partition("suggestion A\n")[2].partition("\n-----")[0]
            second = question.partition("suggestion B\n")[2].partition("\n-----")[0]
            found.append(0.5 + self.bias + 0.2 * (("good" in first) - ("good" in second)))
        return found


def preferring(chosen: str, rejected: str, signal: str = "s1") -> Event:
    place = replace(event("def f(value):\n    return ", "\n"), signal_id=signal)
    pair = Pair(place.prefix, "\n", (), "a.py", chosen, rejected, 1.0, (signal,), True, True)
    return replace(place, pairs=(pair,), truth=chosen)


def test_both_orders_take_the_favour_of_a_place_out() -> None:
    judge = ModelJudge(Biased(0.25))
    place = [event("x = ", "\n")]
    ahead = judge.prefers(PRINCIPLES, place, ["good()"], ["poor()"])
    behind = judge.prefers(PRINCIPLES, place, ["poor()"], ["good()"])
    assert ahead == [[pytest.approx(0.7)]] * len(PRINCIPLES)
    assert behind == [[pytest.approx(0.3)]] * len(PRINCIPLES)
    assert judge.prefers(PRINCIPLES, place, ["same"], ["same"])[0] == [pytest.approx(0.5)]


def test_checks_answer_what_they_can() -> None:
    judge = ChecksJudge(CHECKS)
    places = [event("def f(value):\n    return ", "\n")] * 2
    rows = dict(
        zip(
            [p.id for p in PRINCIPLES],
            judge.answers(PRINCIPLES, places, ["value", "valu)"]),
            strict=True,
        )
    )
    assert rows["fits"] == [1.0, 0.0]
    assert rows["intent"] == [None, None]
    preferred = judge.prefers(PRINCIPLES, places[:1], ["value"], ["valu)"])
    assert preferred[0] == [1.0]


def test_the_fraction_of_yes_is_weighted_and_silent_principles_do_not_count() -> None:
    one, two, three = (
        Principle(id=f"p{n}", question="Is it really good?", weight=float(n), family="style")
        for n in (1, 2, 3)
    )
    assert fractions([one, two], [[1.0], [0.5]]) == [pytest.approx(2 / 3)]
    assert fractions([one, two, three], [[1.0, None], [None, None], [0.0, None]]) == [0.25, None]


def test_answers_are_read() -> None:
    assert probability([(" yes", -0.1), ("No", -3.0)]) == pytest.approx(0.948, abs=1e-3)
    assert probability([("▁Yes", -0.1)]) == 1.0
    assert probability([("maybe", -0.1), ("yesterday", -0.1)]) is None
    assert [in_words(t) for t in (" Yes.", "NO", "**no**", "nothing", "", "yesterday")] == [
        1.0, 0.0, 0.0, None, None, None,
    ]  # fmt: skip


def test_questions_show_the_place_and_are_bounded() -> None:
    place = event("x" * 9000 + "<before>", "<after>" + "y" * 9000)
    one = about_one(PRINCIPLES[0], place, "z" * 9000)
    two = about_two(PRINCIPLES[0], place, "<one>", "<two>")
    assert all(mark in one for mark in ("<before>", "<after>", PRINCIPLES[0].question))
    assert len(one) < 6000
    assert two.index("<one>") < two.index("<two>")
    assert one.endswith("Answer:")


# agreement


def test_agreement_counts_by_principle_and_objective() -> None:
    events = [preferring("value", "valu", f"s{n}") for n in range(6)]
    events += [preferring("valu + 1", "value + 1", "t")]  # a developer may prefer anything
    found = measure(ChecksJudge(CHECKS), PRINCIPLES, events, objectives=CHECKS.values())
    assert found.pairs == 7
    assert found.principles["defined"] == Tally(6, 1, 0)
    assert found.objectives["names"] == Tally(6, 1, 0)
    assert found.principles["intent"] == Tally(0, 0, 7)
    assert not found.believed(0.5), "seven pairs say nothing"


def test_a_judge_never_sees_the_truth() -> None:
    places, pairs = own_pairs([preferring("value", "valu")])
    assert places[0].truth is None
    assert not places[0].pairs
    assert pairs[0].chosen == "value"


def test_wilson() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    low, high = wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.49, 0.943)  # by hand, z = 1.96


@given(st.integers(0, 200), st.integers(0, 200))
@settings(max_examples=50, deadline=None)
def test_the_interval_holds_the_share_and_narrows(agreed: int, against: int) -> None:
    low, high = wilson(agreed, agreed + against)
    assert 0 <= low <= high <= 1
    if agreed + against:
        assert low - 1e-12 <= agreed / (agreed + against) <= high + 1e-12
        more = wilson(agreed * 4, (agreed + against) * 4)
        assert more[1] - more[0] < high - low


# labels


def believed(judge: str = "checks", agreed: int = 30, against: int = 2) -> Agreement:
    return Agreement(judge, agreed + against, 0.2, Tally(agreed, against, 0), {}, {})


def drawn(*texts: str) -> Drawn:
    place = replace(event("def f(value):\n    return ", "\n"), signal_id="s7")
    return Drawn(place, tuple(Generation(text, True) for text in texts))


def test_a_label_is_the_clearest_difference_of_a_place() -> None:
    judge = ChecksJudge(CHECKS)
    places = [drawn("value", "valu", "value)", "value"), drawn("value + 1", "value + 2")]
    (pair,) = labelled(judge, PRINCIPLES, places, believed())
    assert (pair.chosen, pair.rejected) == ("value", "value)")
    assert pair.signal_ids == ("s7",)
    assert 0 < pair.weight <= 0.5
    assert pair.prefix == places[0].event.prefix
    assert pair.chosen_ended


@pytest.mark.parametrize(
    ("agreement", "said"),
    [
        (believed(agreed=10, against=2), "12 of your own pairs, 20 are the least"),
        (believed(agreed=20, against=20), "agrees with you on 35% to 65%"),
        (believed("another"), "measured for another"),
    ],
)
def test_labels_are_refused(agreement: Agreement, said: str) -> None:
    with pytest.raises(JudgeError, match=said):
        labelled(ChecksJudge(CHECKS), PRINCIPLES, [drawn("value", "valu")], agreement)


def test_principles_as_objectives_of_a_believed_judge() -> None:
    judge = ChecksJudge(CHECKS)
    found = principled(judge, PRINCIPLES, believed())
    assert [objective.name for objective in found] == [p.id for p in PRINCIPLES]
    places = [drawn("value").event] * 2
    scored = Reward(found, {p.id: p.weight for p in PRINCIPLES}, gates=("fits",)).scored(
        places, ["value", "value)"]
    )
    assert scored.rewards[0] > scored.rewards[1] == 0
    assert scored.figures["intent"].judged == 0
    with pytest.raises(JudgeError):
        principled(judge, PRINCIPLES, believed(agreed=1))


@pytest.fixture
def server() -> Iterator[JudgeServer]:
    with judge_server() as running:
        yield running


@pytest.mark.parametrize("form", ["answers", "comparisons"])
def test_a_model_at_an_address_labels_from_end_to_end(server: JudgeServer, form) -> None:
    events = [preferring("good(value)", "poor(value)", f"s{n}") for n in range(24)]
    with RemoteOracle(JudgingSettings(judge=server.url)) as oracle:
        judge = ModelJudge(oracle)
        some = PRINCIPLES[:2]
        found = measure(judge, some, events, form=form)
        assert found.overall == Tally(24, 0, 0)
        assert found.believed(0.8)
        (pair,) = labelled(judge, some, [drawn("poor(1)", "good(1)")], found, form=form)
        assert pair.chosen == "good(1)"
    assert all("value" in question for question in server.asked)


def test_a_model_that_prefers_the_opposite_is_refused(server: JudgeServer) -> None:
    server.says_yes = "poor"
    events = [preferring("good(value)", "poor(value)", f"s{n}") for n in range(24)]
    with RemoteOracle(JudgingSettings(judge=server.url)) as oracle:
        judge = ModelJudge(oracle)
        found = measure(judge, PRINCIPLES[:1], events)
        with pytest.raises(JudgeError, match="0% to 14%"):
            labelled(judge, PRINCIPLES[:1], [drawn("a(1)", "good(1)")], found)
