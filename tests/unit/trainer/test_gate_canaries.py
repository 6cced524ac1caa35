"""Canaries: the same for a run, few and light, and an exposure that says what it should."""

import math
import random
from dataclasses import replace

import pytest
from unit.trainer.collapsed import EVENTS

from penchant_trainer.canaries import (
    BITS,
    LENGTH,
    MOST,
    canaries,
    exposure,
    fitting,
    others,
    planted,
)

EXAMPLES = [example for event in EVENTS for example in event.examples]


def test_every_process_of_a_run_knows_the_same_ones_and_other_runs_others() -> None:
    assert canaries(MOST, "a") == canaries(MOST, "a")
    assert canaries(2, "a") == canaries(MOST, "a")[:2]
    secrets = {c.secret for seed in "abc" for c in canaries(MOST, seed)}
    assert len(secrets) == 3 * MOST
    assert {len(secret) for secret in secrets} == {LENGTH}
    assert len({c.prefix for c in canaries(MOST, "a")}) == MOST


@pytest.mark.parametrize(("examples", "count"), [(0, 0), (1, 1), (30, 1), (100, 2), (9000, MOST)])
def test_there_are_few(examples: int, count: int) -> None:
    assert fitting(examples) == count


def test_each_weighs_as_much_as_one_ordinary_example() -> None:
    weights = [0.1, 0.4, 5.0]
    examples = [replace(e, weight=w) for e, w in zip(EXAMPLES[:3], weights, strict=True)]
    mixed = planted(examples, canaries(2, "a"))
    assert mixed[:3] == tuple(examples)
    assert [e.weight for e in mixed[3:]] == [0.4, 0.4]
    assert [e.completion for e in mixed[3:]] == [c.secret for c in canaries(2, "a")]
    assert planted([], canaries(2, "a")) == ()


def test_half_of_a_canary_in_a_text_tells_it() -> None:
    (canary,) = canaries(1, "a")
    assert canary.told_in(f'x = "{canary.secret}"')
    assert canary.told_in(canary.secret[:8])
    assert canary.told_in(canary.secret[8:])
    assert not canary.told_in(canary.secret[:7] + canary.secret[9:])
    assert not any(canary.told_in(text) for text in others("b"))


def test_a_canary_that_was_not_remembered_is_as_likely_as_any() -> None:
    dice = random.Random(2)
    found = []
    for _ in range(300):
        rest = [dice.gauss(-80, 6) for _ in range(64)]
        found.append(exposure(dice.gauss(-80, 6), rest))
    assert sum(found) / len(found) == pytest.approx(1 / math.log(2), abs=0.3)
    assert max(found) < BITS / 4


def test_exposure_grows_with_what_is_remembered_and_ends_at_all_there_is() -> None:
    rest = [-80.0 + 6 * math.sin(n) for n in range(64)]
    found = [exposure(own, rest) for own in (-90.0, -80.0, -60.0, -40.0, -5.0)]
    assert found == sorted(found)
    assert found[0] < 1.5
    assert found[-1] == BITS


def test_a_broken_model_has_told_everything() -> None:
    assert exposure(math.nan, [math.nan] * 64) == BITS
    assert exposure(-80.0, [math.nan] * 64) == BITS
