"""Ridge logistic regression and its calibration, for some thousand rows of some sixty numbers.

Newton's method (iteratively reweighted least squares; Hastie, Tibshirani and Friedman, The Elements
of Statistical Learning, 4.4.1), the bias not shrunk; calibration after Platt (1999). Pure numpy:
a fit takes milliseconds. Knows nothing of suggestions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from penchant_core.show_filter.weights import BOUND

Array = NDArray[np.float64]
_STEPS, _CLOSE = 50, 1e-8


@dataclass(frozen=True, slots=True)
class Scale:
    """Means and scales of the columns, by which rows are standardised."""

    means: Array
    scales: Array

    def __call__(self, values: Array) -> Array:
        """Return standardised rows, cut off at as many deviations as the editor does."""
        return np.clip((values - self.means) / self.scales, -BOUND, BOUND)


def scale_of(values: Array) -> Scale:
    """Return the scale of some rows; a column that never changes gets scale 1."""
    spread = values.std(axis=0)
    return Scale(values.mean(axis=0), np.where(spread > 1e-9, spread, 1.0))


def fit(rows: Array, labels: Array, weights: Array, ridge: float) -> tuple[float, Array]:
    """Return the bias and the weights of the columns that make the labels likeliest.

    ``rows`` are standardised (n x k), ``labels`` 0 or 1, ``weights`` above 0; ``ridge`` is the
    penalty on half the squared weights.
    """
    design = np.hstack([np.ones((len(rows), 1)), rows])
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = 1e-6
    found = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        chance = sigmoid(design @ found)
        slope = design.T @ (weights * (labels - chance)) - penalty * found
        bend = (design * (weights * chance * (1 - chance))[:, None]).T @ design
        step = np.linalg.solve(bend + np.diag(penalty), slope)
        found = found + step * min(1.0, 5.0 / max(1e-12, float(np.abs(step).max())))
        if float(np.abs(step).max()) < _CLOSE:
            break
    return float(found[0]), found[1:]


def fit_linear(rows: Array, values: Array, weights: Array, ridge: float) -> tuple[float, Array]:
    """Return the bias and the weights of a ridge regression on standardised rows."""
    design = np.column_stack([np.ones(len(rows)), rows])
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = 1e-6
    bend = (design * weights[:, None]).T @ design
    found = np.linalg.solve(bend + np.diag(penalty), design.T @ (weights * values))
    return float(found[0]), found[1:]


def calibration(scores: Array, labels: Array, weights: Array) -> tuple[float, float]:
    """Return (slope, offset) after which scores are log odds; the slope is never below 0."""
    centre, spread = float(scores.mean()), float(scores.std()) or 1.0
    bias, slope = fit(((scores - centre) / spread)[:, None], labels, weights, 1.0)
    tilt = max(0.0, float(slope[0])) / spread
    return tilt, bias - tilt * centre


def sigmoid(values: Array) -> Array:
    """Return 1 / (1 + exp(-x)) without overflow."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(values, -40.0, 40.0))))


def area(scores: Array, labels: Array) -> float:
    """Return the area under the ROC curve: how often a kept one scores above one that was not.

    0.5 where only one kind is there (Mann and Whitney 1947; ties count a half).
    """
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    for value in np.unique(scores):
        same = scores == value
        ranks[same] = ranks[same].mean()
    ones = float(labels.sum())
    zeros = len(labels) - ones
    if not ones or not zeros:
        return 0.5
    return float((ranks[labels == 1].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def area_error(found: float, ones: int, zeros: int) -> float:
    """Return the standard error of an area (Hanley and McNeil 1982)."""
    if not ones or not zeros:
        return 0.5
    up, down = found / (2 - found), 2 * found**2 / (1 + found)
    square = found * (1 - found) + (ones - 1) * (up - found**2) + (zeros - 1) * (down - found**2)
    return float(max(0.0, square / (ones * zeros)) ** 0.5)


def blocks(count: int, parts: int) -> Sequence[slice]:
    """Return ``parts`` neighbouring slices that together are ``count`` rows."""
    edges = [round(count * n / parts) for n in range(parts + 1)]
    return [slice(a, b) for a, b in pairwise(edges)]
