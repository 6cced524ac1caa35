"""The statistics of a replay against values worked out by hand or printed in textbooks."""

import math

import pytest

from penchant_trainer.replay.statistics import (
    Clusters,
    binomial_p,
    clopper_pearson,
    detectable,
    holm,
    mcnemar,
    wilson,
)


@pytest.mark.parametrize(
    ("hits", "count", "p"),
    [(0, 0, 1.0), (1, 1, 1.0), (0, 5, 2 / 32), (1, 6, 14 / 64), (3, 6, 1.0), (2, 12, 158 / 4096)],
)
def test_the_exact_p_of_a_fair_coin(hits: int, count: int, p: float) -> None:
    assert binomial_p(hits, count) == pytest.approx(p)
    assert binomial_p(count - hits, count) == pytest.approx(p)


def test_mcnemar_looks_at_the_discordant_pairs_alone() -> None:
    old = [True] * 50 + [True] * 2 + [False] * 10 + [False] * 40
    new = [True] * 50 + [False] * 2 + [True] * 10 + [False] * 40
    found = mcnemar(old, new)
    assert (found.gained, found.lost) == (10, 2)
    assert found.p == pytest.approx(158 / 4096)
    assert found.odds == 5.0
    low, high = clopper_pearson(10, 12)
    assert found.odds_low == pytest.approx(low / (1 - low))
    assert found.odds_high == pytest.approx(high / (1 - high))


def test_nothing_lost_makes_the_odds_infinite_not_an_error() -> None:
    found = mcnemar([False] * 3, [True] * 3)
    assert found.odds is None
    assert found.odds_high is None
    assert found.odds_low == pytest.approx((0.025 ** (1 / 3)) / (1 - 0.025 ** (1 / 3)))
    same = mcnemar([True], [True])
    assert (same.p, same.odds) == (1.0, 1.0)


def test_the_exact_interval_of_a_share() -> None:
    low, high = clopper_pearson(8, 10)
    assert (low, high) == (pytest.approx(0.4439, abs=1e-4), pytest.approx(0.9748, abs=1e-4))
    assert clopper_pearson(0, 20)[1] == pytest.approx(1 - 0.025 ** (1 / 20))
    assert clopper_pearson(0, 0) == (0.0, 1.0)


def test_the_score_interval_of_a_share() -> None:
    found = wilson(8, 10)
    assert found.mean == 0.8
    assert found.low == pytest.approx(0.4902, abs=1e-4)
    assert found.high == pytest.approx(0.9433, abs=1e-4)


def test_holm_corrects_step_by_step_and_never_falls() -> None:
    found = holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005})
    assert found == pytest.approx({"d": 0.02, "a": 0.03, "c": 0.06, "b": 0.06})


@pytest.mark.parametrize(("count", "discordant", "gain"), [(1568, 0.08, 0.02), (626, 0.2, 0.05)])
def test_the_gain_that_can_be_seen(count: int, discordant: float, gain: float) -> None:
    assert detectable(count, discordant) == pytest.approx(gain, rel=0.01)
    assert detectable(0, discordant) == 1.0


def test_places_without_a_value_do_not_count_and_ratios_are_of_sums() -> None:
    clusters = Clusters([("c1", "a"), ("c1", "b"), ("c2", "a"), ("c2", "a")], seed=0, resamples=50)
    assert clusters.mean([1.0, None, 3.0, 5.0]).mean == 3.0
    assert clusters.mean([1.0, 2.0, 3.0, 4.0], per=[1.0, None, 1.0, 2.0]).mean == 2.0
    assert clusters.mean([None] * 4).mean == 0.0
    assert clusters.difference([0.0, 1.0, None, 1.0], [1.0, 1.0, 9.0, 2.0]).mean == pytest.approx(
        2 / 3
    )


def test_one_file_or_many_makes_the_difference_that_it_should() -> None:
    """Forty places with one value per commit know less than forty independent ones."""
    values = [float(i % 2) for i in range(8) for _ in range(5)]
    grouped = Clusters([(f"c{i}", "f") for i in range(8) for _ in range(5)], seed=1)
    alone = Clusters([(f"c{i}", "f") for i in range(40)], seed=1)
    wide, narrow = grouped.mean(values), alone.mean(values)
    assert wide.mean == narrow.mean == 0.5
    assert wide.high - wide.low > 1.8 * (narrow.high - narrow.low)
    # Independent halves: the textbook's standard error is sqrt(.25 / n).
    assert narrow.high - narrow.low == pytest.approx(2 * 1.96 * math.sqrt(0.25 / 40), rel=0.15)
    assert grouped.enough
    assert not Clusters([("c", "f")] * 30, seed=1, resamples=5).enough


def test_the_same_seed_gives_the_same_interval() -> None:
    groups = [(f"c{i % 4}", "f") for i in range(20)]
    values = [float(i) for i in range(20)]
    assert Clusters(groups, 3).mean(values) == Clusters(groups, 3).mean(values)
    assert Clusters(groups, 3).mean(values) != Clusters(groups, 4).mean(values)
