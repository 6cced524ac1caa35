"""From rows to a show filter: weights, calibration, thresholds, and figures on newer signals.

A threshold is the highest chance below which hiding would have lost at most a given share of the
characters that were kept, by predictions for rows that were not learned from. With too few rows, or
where the prediction is not surely better than chance, both thresholds are 0: everything is shown.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from penchant_core.show_filter.features import Features
from penchant_core.show_filter.weights import (
    CEILING,
    ShowFilter,
    Stage,
    Term,
    past_of,
    worth,
)
from penchant_trainer.show_filter.logistic import (
    Array,
    Scale,
    area,
    area_error,
    blocks,
    calibration,
    fit,
    scale_of,
    sigmoid,
)
from penchant_trainer.show_filter.rows import Row, Rows

LEAST, LEAST_EACH = 150, 25
"""Rows, and rows of each kind, below which nothing is hidden."""
RIDGE = 32.0
FOLDS = 5
SURE = 0.55
"""The lower 95 % bound of the area under the ROC curve must be above this."""
BEFORE_SHARE = 0.25
"""Of what may be lost, the share that saves requests instead of only screen."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a filter would have done to some rows, against showing them all.

    ``hidden`` is the share of suggestions not shown, ``acceptance`` the share kept of those shown
    (``acceptance_all``: of all), ``retained`` the share of the kept characters that were shown.
    """

    hidden: float
    acceptance: float
    acceptance_all: float
    retained: float


def learn(found: Rows, *, retain: float, now: float | None = None) -> ShowFilter:
    """Return the filter that these rows teach; ``retain`` is the share of characters to keep."""
    rows = found.rows
    figures: dict[str, float] = {}
    before = after = _open()
    if enough(rows):
        lost = 1.0 - retain
        before, after, figures = _stages(rows, lost)
        figures |= _on_newest(rows, retain)
    return ShowFilter(
        created_at=time.time() if now is None else now,
        learned_from=len(rows),
        last_seq=found.last_seq,
        before=before,
        after=after,
        past=past_of(found.habits),
        figures={name: round(value, 4) for name, value in figures.items()},
    )


def enough(rows: Sequence[Row]) -> bool:
    """Whether there is enough of both kinds to learn from."""
    ones = sum(row.kept for row in rows)
    return len(rows) >= LEAST and min(ones, len(rows) - ones) >= LEAST_EACH


def shows(learned: ShowFilter, before: Features, after: Features) -> bool:
    """Whether a suggestion with these features is asked for and shown."""
    return learned.before.fair(before) and learned.after.fair(after)


def effect(learned: ShowFilter, rows: Sequence[Row]) -> Effect:
    """Return what the filter would have done to these rows."""
    shown = [shows(learned, row.before, row.after) for row in rows]
    total = sum(r.weight for r in rows) or 1.0
    seen = sum(r.weight for r, ok in zip(rows, shown, strict=True) if ok)
    taken = sum(r.weight for r, ok in zip(rows, shown, strict=True) if ok and r.kept)
    chars = sum(r.weight * r.retained for r in rows)
    left = sum(r.weight * r.retained for r, ok in zip(rows, shown, strict=True) if ok)
    return Effect(
        1 - seen / total,
        taken / seen if seen else 0.0,
        sum(r.weight for r in rows if r.kept) / total,
        left / chars if chars else 1.0,
    )


def curve(rows: Sequence[Row], shares: Sequence[float]) -> list[Effect]:
    """Return what hiding each share of the rows, the least worth first, would have done.

    By predictions for rows that were not learned from.
    """
    features = [r.after for r in rows]
    value = _unseen(features, rows)[0] * _worths(features)
    order = np.argsort(value, kind="stable")
    weights, labels, chars = _columns(rows)
    found = []
    for share in shares:
        seen = order[round(share * len(rows)) :]
        found.append(
            Effect(
                1 - float(weights[seen].sum() / weights.sum()),
                float((weights * labels)[seen].sum() / max(1e-9, weights[seen].sum())),
                float((weights * labels).sum() / weights.sum()),
                float((weights * chars)[seen].sum() / max(1e-9, (weights * chars).sum())),
            )
        )
    return found


def _on_newest(rows: Sequence[Row], retain: float) -> dict[str, float]:
    """Return what a filter learned from the older four fifths does to the newest fifth."""
    cut = len(rows) * 4 // 5
    if not enough(rows[:cut]):
        return {}
    lost = 1.0 - retain
    old, new = rows[:cut], rows[cut:]
    before, after, _ = _stages(old, lost)
    trial = ShowFilter(
        created_at=0.0,
        learned_from=cut,
        last_seq=0,
        before=before,
        after=after,
        past={"overall": (0, 0), "languages": {}, "last": (), "at": 0},
    )
    found = effect(trial, new)
    return {
        "newest_hidden": found.hidden,
        "newest_acceptance": found.acceptance,
        "newest_acceptance_all": found.acceptance_all,
        "newest_retained": found.retained,
    }


def _open() -> Stage:
    return Stage(bias=0.0, terms={}, threshold=0.0)


def _stages(rows: Sequence[Row], lost: float) -> tuple[Stage, Stage, dict[str, float]]:
    """Return both stages, and the figures of the second; what one spares the other may lose."""
    before, _ = _stage([r.before for r in rows], rows, lost * BEFORE_SHARE, of_text=False)
    left = lost * (1 - BEFORE_SHARE) if before.threshold else lost
    after, figures = _stage([r.after for r in rows], rows, left, of_text=True)
    return before, after, figures


def _stage(
    features: Sequence[Features], rows: Sequence[Row], lost: float, *, of_text: bool
) -> tuple[Stage, dict[str, float]]:
    weights, labels, chars = _columns(rows)
    chances, tilt, offset = _unseen(features, rows)
    names, values = _matrix(features)
    scale = scale_of(values)
    bias, slopes = fit(scale(values), labels, weights, RIDGE)
    found = area(chances, labels)
    ones = int(labels.sum())
    low = found - 1.96 * area_error(found, ones, len(rows) - ones)
    worths = _worths(features) if of_text else np.ones(len(rows))
    typical = _typical(features) if of_text else 0.0
    threshold = _threshold(chances, worths, weights * chars, lost) if low > SURE else 0.0
    threshold /= worth(typical) if of_text else 1.0
    terms = {
        name: Term(mean=float(m), scale=float(s), weight=float(tilt * w))
        for name, m, s, w in zip(names, scale.means, scale.scales, slopes, strict=True)
        if abs(w) > 1e-6
    }
    stage = Stage(
        bias=tilt * bias + offset,
        terms=terms,
        threshold=min(1.0, threshold),
        typical_chars=typical,
    )
    return stage, {"auc": found, "auc_low": low, "calibration_error": _error(chances, labels)}


def _unseen(features: Sequence[Features], rows: Sequence[Row]) -> tuple[Array, float, float]:
    """Return calibrated chances of rows by fits to the others, with the calibration."""
    weights, labels, _ = _columns(rows)
    _, values = _matrix(features)
    scores = np.zeros(len(rows))
    for block in blocks(len(rows), FOLDS):
        others = np.ones(len(rows), dtype=bool)
        others[block] = False
        scale: Scale = scale_of(values[others])
        bias, slopes = fit(scale(values[others]), labels[others], weights[others], RIDGE)
        scores[block] = scale(values[block]) @ slopes + bias
    tilt, offset = calibration(scores, labels, weights)
    return sigmoid(tilt * scores + offset), tilt, offset


def _threshold(chances: Array, worths: Array, chars: Array, lost: float) -> float:
    """Return the highest value (chance times worth) below which little enough lies.

    At most the share ``lost`` of the characters is hidden, and nothing that is rather kept.
    """
    value = np.where(chances < CEILING, chances * worths, np.inf)
    order = np.argsort(value, kind="stable")
    gone = np.cumsum(chars[order]) / max(1e-9, float(chars.sum()))
    bearable = int(np.searchsorted(gone, lost, side="right"))
    hideable = int(np.isfinite(value).sum())
    if bearable == 0 or hideable == 0:
        return 0.0
    last = min(bearable, len(order) - 1)
    return float(value[order[last]] if last < hideable else value[order[hideable - 1]])


def _worths(features: Sequence[Features]) -> Array:
    return np.array([worth(np.expm1(each.get("chars", 0.0))) for each in features])


def _typical(features: Sequence[Features]) -> float:
    """Return the median length (characters)."""
    return float(np.median([np.expm1(each.get("chars", 0.0)) for each in features]))


def _error(chances: Array, labels: Array) -> float:
    """Return the expected calibration error over ten equally full bins."""
    order = np.argsort(chances, kind="stable")
    parts = np.array_split(order, 10)
    gaps = [len(p) * abs(float(chances[p].mean() - labels[p].mean())) for p in parts if len(p)]
    return sum(gaps) / len(chances)


def _columns(rows: Sequence[Row]) -> tuple[Array, Array, Array]:
    weights = np.array([row.weight for row in rows])
    labels = np.array([float(row.kept) for row in rows])
    return weights, labels, np.array([float(row.retained) for row in rows])


def _matrix(features: Sequence[Features]) -> tuple[list[str], Array]:
    names = sorted({name for each in features for name in each})
    values = np.array([[each.get(name, 0.0) for name in names] for each in features])
    return names, values
