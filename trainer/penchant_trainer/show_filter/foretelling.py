"""Both regressions of a stage: fitted, and asked about rows that they have not learned from.

A logistic one gives the chance that a suggestion is kept, a linear one (learned from kept ones) the
logarithm of the characters that are left of it then. Knows nothing of thresholds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from penchant_core.show_filter.features import Features
from penchant_core.show_filter.weights import MOST_CHARS, Stage, Term, worth
from penchant_trainer.show_filter.logistic import (
    Array,
    Scale,
    blocks,
    calibration,
    fit,
    fit_linear,
    scale_of,
    sigmoid,
)
from penchant_trainer.show_filter.rows import Row

RIDGE, RIDGE_CHARS = 256.0, 200.0
FOLDS = 5
_NOTHING = 1e-6


@dataclass(frozen=True, slots=True)
class Foretold:
    """Predictions for rows by fits to the others, in order, and the calibration of the chances.

    ``chars`` are the characters that are left of a suggestion once it is kept.
    """

    chances: Array
    chars: Array
    tilt: float
    offset: float

    @property
    def worths(self) -> Array:
        """What showing each of them is worth."""
        pairs = zip(self.chances, self.chars, strict=True)
        return np.array([worth(float(p), float(c)) for p, c in pairs])


@dataclass(frozen=True, slots=True)
class _Fit:
    """Both regressions on standardised columns, the chances not calibrated yet."""

    scale: Scale
    bias: float
    slopes: Array
    chars_bias: float
    chars_slopes: Array

    def scores(self, values: Array) -> Array:
        """Return the log odds of being kept, as the fit has them."""
        return np.asarray(self.scale(values) @ self.slopes + self.bias)

    def chars(self, values: Array) -> Array:
        """Return the characters left once kept."""
        logs = self.scale(values) @ self.chars_slopes + self.chars_bias
        return np.expm1(np.clip(logs, 0.0, np.log1p(MOST_CHARS)))


def _fit(values: Array, weights: Array, labels: Array, chars: Array) -> _Fit:
    """Return both regressions; the second learns from what was kept."""
    scale = scale_of(values)
    known, kept = scale(values), labels > 0
    chance = fit(known, labels, weights, RIDGE)
    length = fit_linear(known[kept], np.log1p(chars[kept]), weights[kept], RIDGE_CHARS)
    return _Fit(scale, *chance, *length)


def foretold(features: Sequence[Features], rows: Sequence[Row]) -> Foretold:
    """Return predictions for rows, each by a fit to the blocks that it is not in."""
    weights, labels, chars = columns(rows)
    _, values = _matrix(features)
    scores, expected = np.zeros(len(rows)), np.zeros(len(rows))
    for block in blocks(len(rows), FOLDS):
        others = np.ones(len(rows), dtype=bool)
        others[block] = False
        found = _fit(values[others], weights[others], labels[others], chars[others])
        scores[block], expected[block] = found.scores(values[block]), found.chars(values[block])
    tilt, offset = calibration(scores, labels, weights)
    return Foretold(sigmoid(tilt * scores + offset), expected, tilt, offset)


def fitted(features: Sequence[Features], rows: Sequence[Row], unseen: Foretold) -> Stage:
    """Return the stage that all rows together teach, calibrated, without a threshold."""
    names, values = _matrix(features)
    found = _fit(values, *columns(rows))
    scale, weights = found.scale, unseen.tilt * found.slopes
    numbers = zip(names, scale.means, scale.scales, weights, found.chars_slopes, strict=True)
    return Stage(
        bias=unseen.tilt * found.bias + unseen.offset,
        chars_bias=found.chars_bias,
        terms={
            name: Term(mean=float(mean), scale=float(spread), weight=float(w), chars=float(c))
            for name, mean, spread, w, c in numbers
            if max(abs(w), abs(c)) > _NOTHING
        },
        threshold=0.0,
    )


def columns(rows: Sequence[Row]) -> tuple[Array, Array, Array]:
    """Return weights, labels (0 or 1) and characters left, one of each per row."""
    weights = np.array([row.weight for row in rows])
    labels = np.array([float(row.kept) for row in rows])
    return weights, labels, np.array([float(row.retained) for row in rows])


def _matrix(features: Sequence[Features]) -> tuple[list[str], Array]:
    names = sorted({name for each in features for name in each})
    values = np.array([[each.get(name, 0.0) for name in names] for each in features])
    return names, values
