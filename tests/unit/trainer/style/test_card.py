"""What the style card says, and of what it keeps silent."""

import json

from penchant_trainer.style.card import style_card
from penchant_trainer.style.habits import HABITS
from penchant_trainer.style.tally import Count, Tally, tally, tally_from_json


def quotes(shown: int, occasions: int = 100) -> Tally:
    return Tally({"double_quotes": Count(shown, occasions)})


def test_a_learned_habit_reads_as_in_plain_words() -> None:
    card = style_card(quotes(41), quotes(96), quotes(97))
    assert card.sentences == ("double quotes: 41 % → 96 %; you: 97 %",)
    (line,) = card.lines
    assert (line.became, line.occasions) == ("learned", (100, 100, 100))


def test_it_is_said_the_developers_way_round() -> None:
    card = style_card(quotes(59), quotes(4), quotes(3))
    assert card.sentences == ("single quotes: 41 % → 96 %; you: 97 %",)


def test_what_was_not_learned_has_a_sentence() -> None:
    card = style_card(quotes(41), quotes(45), quotes(97))
    none, missed = card.sentences
    assert none == "none of 1 habits with enough occasions moved towards yours"
    assert missed == "not learned: double quotes: 41 % → 45 %; you: 97 %"


def test_what_was_lost_has_a_sentence() -> None:
    card = style_card(quotes(90), quotes(40), quotes(97))
    assert card.sentences[1] == "moved away from you: double quotes: 90 % → 40 %; you: 97 %"


def test_what_did_not_need_to_move_is_not_spoken_of() -> None:
    assert style_card(quotes(93), quotes(96), quotes(97)).lines == ()


def test_a_developer_without_a_clear_habit_misses_nothing() -> None:
    assert style_card(quotes(90), quotes(88), quotes(60)).lines == ()


def test_few_occasions_say_nothing() -> None:
    assert style_card(quotes(1, 4), quotes(4, 4), quotes(97)).judged == 0
    few = style_card(quotes(4, 10), quotes(6, 10), quotes(97))
    assert few.of("learned") == ()  # 20 points, but two standard errors are more


def test_the_most_moved_comes_first_and_json_keeps_all() -> None:
    before = Tally({"double_quotes": Count(5, 10), "docstrings": Count(0, 50)})
    after = Tally({"double_quotes": Count(10, 10), "docstrings": Count(50, 50)})
    card = style_card(before, after, after)
    assert [line.habit for line in card.lines] == ["docstrings", "double_quotes"]
    data = json.loads(json.dumps(card.as_json()))
    assert data["sentences"] == list(card.sentences)
    assert data["lines"][0] == {
        "habit": "docstrings",
        "words": "docstrings on functions",
        "became": "learned",
        "before": 0.0,
        "after": 1.0,
        "own": 1.0,
        "occasions": [50, 50, 50],
    }


def test_tallies_count_each_completion_once() -> None:
    fragments = [("f(", "'a', 'b')", ""), ("f(", "'a', \"b\")", ""), ("f(", '"a")', "\n")]
    found = tally(fragments)
    assert found["double_quotes"] == Count(1, 3)
    assert found["early_returns"] == Count(0, 0)
    assert tally_from_json(json.loads(json.dumps(found.as_json()))) == found
    assert set(found.counts) <= set(HABITS)
