"""Where a model practises, and what a text is worth there."""

from collections.abc import Sequence

import pytest

from penchant_core import models
from penchant_trainer.practice import course, places, rewards
from penchant_trainer.rewards.likeness import Likeness
from penchant_trainer.tokens import Tokens, load_tokens
from penchant_trainer.units import Event


def event(truth: str | None, prefix: str = "x = ") -> Event:
    return Event("c", 1, 0.0, "w", "a.py", "python", prefix, "\ny = 1\n", (), truth)


class Fixed:
    """An objective that always says the same."""

    def __init__(self, *said: float | None) -> None:
        self.name, self.said = "fixed", list(said)

    def scores(self, _events: Sequence[Event], _texts: Sequence[str]) -> list[float | None]:
        return self.said


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    base = models.resolve("bundled")
    return load_tokens(str(base.directory), base.renderer, 64)


def test_likeness_is_the_similarity_to_what_was_finally_there() -> None:
    where = [event("abcd"), event("abcd"), event("abcd"), event(None)]
    found = Likeness().scores(where, ["abcd", "abxx", "", "abcd"])
    assert found == [1.0, 0.5, 0.0, None]


def test_going_on_where_the_developer_stopped_costs() -> None:
    (right, long) = Likeness().scores([event("f(1)")] * 2, ["f(1)", "f(1)\nf(2)\n"])
    assert right == 1.0
    assert long is not None
    assert long < 0.5


def test_objectives_are_weighed_and_those_without_an_opinion_left_out() -> None:
    objectives = [(Fixed(1.0, None, None), 1.0), (Fixed(0.0, 0.5, None), 3.0)]
    found = rewards(objectives, [event("a")] * 3, ["a", "b", "c"])
    assert found == pytest.approx([0.25, 0.5, 0.0])


def test_places_are_known_outcomes_that_leave_room_with_the_served_ids(tokens: Tokens) -> None:
    long = event("a", prefix="value = 1\n" * 60)
    found = places(tokens, [event("a"), event(None), event(""), long], 8)
    (place,) = found
    assert place.event.truth == "a"
    assert place.ids == tokens.prompt_ids("x = ", "\ny = 1\n", (), "a.py")


def test_the_course_of_rewards_is_told_by_its_ends() -> None:
    assert course([0.0, 0.2, 0.4, 0.6, 0.8, 0.8, 0.9, 1.0]) == {
        "reward_first": 0.1,
        "reward_last": 0.95,
    }
    assert course([]) == {"reward_first": 0.0, "reward_last": 0.0}
