"""The share of copies that makes the true tokens likeliest."""

import pytest
from bench.copying import fitted, surprise


def test_copies_that_are_never_right_get_nothing():
    assert fitted([(0.5, 0.0), (0.2, 0.0)]) == pytest.approx(0.0, abs=1e-6)


def test_copies_that_are_always_right_get_all():
    assert fitted([(0.5, 1.0), (0.2, 1.0)]) == pytest.approx(1.0, abs=0.02)


def test_the_fitted_share_is_the_best_of_all():
    pairs = [(0.6, 0.0), (0.1, 1.0), (0.3, 0.5), (0.05, 0.0), (0.0, 0.9)]
    best = fitted(pairs)
    assert 0 < best < 1
    tried = [surprise(pairs, step / 100) for step in range(101)]
    assert surprise(pairs, best) <= min(tried) + 1e-4
