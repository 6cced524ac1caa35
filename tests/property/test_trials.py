"""Who gets what is on trial, and that the verdict on it seldom errs."""

from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant_server.trials import BLOCK_S, takes
from penchant_trainer.trial import evidence

PATHS = st.text(max_size=40)
TIMES = st.floats(0, 4e9)
NAMES = st.integers(1, 9999).map(lambda n: f"dev-ada-v{n:04d}")


@given(NAMES, PATHS, TIMES, st.floats(0, 1))
def test_a_document_keeps_its_version_for_a_whole_block(
    name: str, path: str, at: float, later: float
) -> None:
    begin = at // BLOCK_S * BLOCK_S
    within = min(begin + later * BLOCK_S, begin + BLOCK_S - 0.01)
    assert takes(name, path, begin) == takes(name, path, within)


@given(NAMES, PATHS, st.integers(0, 2_000_000))
def test_every_document_gets_each_version_in_one_of_two_blocks(
    name: str, path: str, pair: int
) -> None:
    both = [takes(name, path, (2 * pair + n) * BLOCK_S) for n in (0, 1)]
    assert sorted(both) == [False, True]


@given(NAMES, st.integers(0, 4_000_000))
@settings(max_examples=20)
def test_about_half_of_the_documents_have_it_at_any_time(name: str, block: int) -> None:
    found = sum(takes(name, f"src/file_{n}.py", block * BLOCK_S) for n in range(400))
    assert 140 < found < 260


@given(st.floats(0, 1), st.floats(0, 1), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_the_evidence_is_fair_to_whatever_is_kept_as_often_or_more(
    one: float, two: float, n: int
) -> None:
    tried, beside = max(one, two), min(one, two)

    def chance(share: float, taken: int) -> float:
        return comb(n, taken) * share**taken * (1 - share) ** (n - taken)

    expected = sum(
        chance(tried, a) * chance(beside, b) * evidence(outcomes(a, n), outcomes(b, n))
        for a in range(n + 1)
        for b in range(n + 1)
    )
    assert expected <= 1 + 1e-9


def outcomes(taken: int, n: int) -> list[bool]:
    return [True] * taken + [False] * (n - taken)


def test_the_evidence_of_one_block() -> None:
    assert evidence([], [True]) == 1.0
    assert evidence([True], []) == 1.0
    assert evidence([False], [True]) > 1 > evidence([True], [False])
    assert evidence([True, False], [True, False]) == pytest.approx(
        evidence([False, True], [True, False])
    )
    assert evidence([False] * 30, [True] * 30 + [False] * 9) > 1e6
