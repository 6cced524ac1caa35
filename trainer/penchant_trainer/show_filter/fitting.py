"""From rows to a show filter: weights, calibration, thresholds, and figures on newer signals.

A threshold is what a glance costs, or less: the highest worth below which hiding would have lost at
most a given share of the characters that were kept, by predictions for rows not learned from. What
an earlier filter hid counts with the characters that are expected of it: otherwise every new one
would hide a further share of what the last one left. With too few rows, or where the prediction is
not surely better than chance, both thresholds are 0: everything is shown.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from penchant_core.show_filter.features import Features
from penchant_core.show_filter.weights import CEILING, ShowFilter, Stage, past_of, worth
from penchant_trainer.show_filter.foretelling import Foretold, columns, fitted, foretold
from penchant_trainer.show_filter.logistic import Array, area, area_error
from penchant_trainer.show_filter.rows import Row, Rows

LEAST, LEAST_EACH = 150, 25
"""Rows, and rows of each kind, below which nothing is hidden."""
SURE = 0.55
"""The lower 95 % bound of the area under the ROC curve must be above this."""
GLANCE = 0.49
"""The worth of a glance: what is worth more is shown, however much might be hidden beside it.

Who keeps much then hides little, and who keeps little hides more, for the same text lost. Chosen on
synthetic developers."""
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
        before, after, figures = _stages(rows, lost, found.hidden)
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
    unseen = foretold([r.after for r in rows], rows)
    order = np.argsort(unseen.worths, kind="stable")
    weights, labels, chars = columns(rows)
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


def _stages(
    rows: Sequence[Row], lost: float, hidden: Sequence[Features] = ()
) -> tuple[Stage, Stage, dict[str, float]]:
    """Return both stages, and the figures of the second; what one spares the other may lose."""
    before, _ = _stage([r.before for r in rows], rows, lost * BEFORE_SHARE)
    left = lost * (1 - BEFORE_SHARE) if before.threshold else lost
    after, figures = _stage([r.after for r in rows], rows, left, hidden)
    return before, after, figures


def _stage(
    features: Sequence[Features],
    rows: Sequence[Row],
    lost: float,
    hidden: Sequence[Features] = (),
) -> tuple[Stage, dict[str, float]]:
    _, labels, _ = columns(rows)
    unseen = foretold(features, rows)
    open_ = fitted(features, rows, unseen)
    found = area(unseen.chances, labels)
    ones = int(labels.sum())
    low = found - 1.96 * area_error(found, ones, len(rows) - ones)
    threshold = _threshold(*_weighed(unseen, open_, hidden), lost) if low > SURE else 0.0
    figures = {"auc": found, "auc_low": low, "calibration_error": _error(unseen.chances, labels)}
    return open_.model_copy(update={"threshold": threshold}), figures


def _weighed(unseen: Foretold, stage: Stage, hidden: Sequence[Features]) -> tuple[Array, Array]:
    """Return the worths and the expected characters of rows and of what was hidden before.

    What is rather kept has no bound to its worth. Here an explored one stands for itself alone,
    because those that it stands for otherwise are there.
    """
    guessed = [stage.expected(each) for each in hidden]
    chances = np.array([*unseen.chances, *(chance for chance, _ in guessed)])
    worths = np.array([*unseen.worths, *(worth(*each) for each in guessed)])
    costs = chances * np.array([*unseen.chars, *(chars for _, chars in guessed)])
    return np.where(chances < CEILING, worths, np.inf), costs


def _threshold(worths: Array, costs: Array, lost: float) -> float:
    """Return the highest worth below which at most the share ``lost`` of the characters lies.

    Not above ``GLANCE``. The characters are expected ones: of those that were really kept, a few
    long lines decide.
    """
    order = np.argsort(worths, kind="stable")
    gone = np.cumsum(costs[order]) / max(1e-9, float(costs.sum()))
    bearable = int(np.searchsorted(gone, lost, side="right"))
    hideable = int(np.isfinite(worths).sum())
    if bearable == 0 or hideable == 0:
        return 0.0
    return min(GLANCE, float(worths[order[min(bearable, hideable - 1)]]))


def _error(chances: Array, labels: Array) -> float:
    """Return the expected calibration error over ten equally full bins."""
    order = np.argsort(chances, kind="stable")
    parts = np.array_split(order, 10)
    gaps = [len(p) * abs(float(chances[p].mean() - labels[p].mean())) for p in parts if len(p)]
    return sum(gaps) / len(chances)
