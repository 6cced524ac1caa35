"""Rows come as often as they weigh, and never much oftener by chance."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant_trainer.sampling import ByWeight

WEIGHTS = st.lists(st.floats(0.01, 10), min_size=1, max_size=60)


@given(weights=WEIGHTS, seed=st.integers(0, 1000))
def test_each_pass_takes_a_row_its_due_number_of_times(weights: list[float], seed: int) -> None:
    count = len(weights)
    drawn = list(ByWeight(weights, [5] * count, 4, seed))
    assert len(drawn) == count
    taken = Counter(drawn)
    for row, weight in enumerate(weights):
        due = count * weight / sum(weights)
        assert due - 1.001 < taken[row] < due + 1.001


def test_passes_differ_and_seeds_repeat() -> None:
    sampler = ByWeight([1.0] * 40, list(range(40)), 4, 1)
    first, second = list(sampler), list(sampler)
    assert sorted(first) == sorted(second) == list(range(40))
    assert first != second
    assert list(ByWeight([1.0] * 40, list(range(40)), 4, 1)) == first


@pytest.mark.parametrize("heavy", [0, 20, 39])
def test_a_heavy_row_comes_oftener(heavy: int) -> None:
    weights = [1.0] * 40
    weights[heavy] = 10.0
    taken = Counter(list(ByWeight(weights, [5] * 40, 4, 3)))
    assert taken[heavy] in (8, 9)
