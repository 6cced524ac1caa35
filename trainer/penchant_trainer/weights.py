"""How much one signal counts: less with age and doubt, more with survival and plain words.

The base weights follow the ladder of evidence: what was said outright, what was written by hand,
what was kept, what was let go. Every number stands here. Pure functions of one signal.
"""

from penchant_core.signals import Outcome, OutcomeKind

HALF_LIFE_DAYS = 75.0
EXPLICIT = 2.0
"""Weight of a rating."""

BASE = {
    OutcomeKind.ACCEPTED: 1.0,
    OutcomeKind.TYPED_THROUGH: 1.0,
    OutcomeKind.ACCEPTED_EDITED: 1.0,
    OutcomeKind.REJECTED: 1.0,
    OutcomeKind.UNDONE: 1.0,
    OutcomeKind.PARTIALLY_ACCEPTED: 0.7,
}
PARTIAL_REST = 0.2
"""Weight of the part that was not taken: it may have been fine, only not yet."""

TYPED_OVER = 0.5
"""Factor for a rejection that was not said (Escape) but only shown by writing something else."""

DOUBT = {"inferred": 0.5, "assisted": 0.5, "late": 0.7}
"""Factors for flags; others (``formatted``) cost nothing."""


def weight(outcome: Outcome, newest: float) -> float:
    """Return the weight of an outcome as seen at ``newest`` (seconds since the epoch).

    0 for outcomes that teach nothing.
    """
    value = BASE.get(outcome.kind, 0.0) * age_factor(outcome.at, newest) * survival(outcome)
    if outcome.kind is OutcomeKind.REJECTED and "dismissed" not in outcome.flags:
        value *= TYPED_OVER
    for flag in outcome.flags:
        value *= DOUBT.get(flag, 1.0)
    return round(value, 6)


def age_factor(at: float, newest: float) -> float:
    """Return 1 for the newest signal, a half after every ``HALF_LIFE_DAYS``."""
    days = max(0.0, newest - at) / 86400
    return float(0.5 ** (days / HALF_LIFE_DAYS))


def survival(outcome: Outcome) -> float:
    """Return the share that the last probe still found, at least 0.25; 1 without probes."""
    if outcome.kind is not OutcomeKind.ACCEPTED or not outcome.probes:
        return 1.0
    last = max(outcome.probes)[1]
    return min(1.0, max(0.25, last))


def edit_weight(kept: float) -> float:
    """Return the factor for an edited suggestion: from 0.5 (hardly edited) to 1 (all changed)."""
    return 0.5 + (1.0 - min(1.0, max(0.0, kept))) / 2
