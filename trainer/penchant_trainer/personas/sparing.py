"""How much the show filter spared and cost, with intervals: figures of glances.

Suggestions in one file are not independent, and neither are those of one persona: personas are
drawn, then their files (hierarchical bootstrap, percentile intervals; Efron and Tibshirani, An
Introduction to the Bootstrap, chapters 8 and 13). Knows nothing of filters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from penchant_trainer.personas.filtering import Glance

RESAMPLES, SEED = 2000, 0
SHOWN, ACCEPTANCE, RETAINED = -0.20, 0.25, -0.05
"""The target: a fifth fewer shown, acceptance a quarter higher, a twentieth of the text lost."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Change:
    """A relative change against showing everything, with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:+.0%} ({self.low:+.0%} … {self.high:+.0%})".replace("%", " %")


@dataclass(frozen=True, slots=True)
class Spared:
    """The changes of what is shown, of the share of it that is kept, and of retained characters."""

    suggestions: int
    shown: Change
    acceptance: Change
    retained: Change
    acceptance_all: float

    @property
    def met(self) -> bool:
        """Whether all three targets are met (by the values, not by the intervals' ends)."""
        less = self.shown.value <= SHOWN and self.retained.value >= RETAINED
        return less and self.acceptance.value >= ACCEPTANCE

    def as_json(self) -> dict[str, Any]:
        """Return it as plain, rounded values."""
        changes = {"shown": self.shown, "acceptance": self.acceptance, "retained": self.retained}
        rounded = {
            name: [round(each, 4) for each in (c.value, c.low, c.high)]
            for name, c in changes.items()
        }
        acceptance = round(self.acceptance_all, 4)
        return {"suggestions": self.suggestions, "acceptance_all": acceptance} | rounded


@dataclass(frozen=True, slots=True)
class Sparing:
    """What the filter spared: each persona's own one, over all of them, and other people's."""

    own: Mapping[str, Spared]
    pooled: Spared
    borrowed: Mapping[str, Spared]
    borrowed_pooled: Spared | None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        lent = self.borrowed_pooled
        return {
            "own": {name: each.as_json() for name, each in self.own.items()},
            "pooled": self.pooled.as_json(),
            "borrowed": {name: each.as_json() for name, each in self.borrowed.items()},
            "borrowed_pooled": lent.as_json() if lent else None,
        }


def sparing(
    own: Mapping[str, Sequence[Glance]], borrowed: Mapping[str, Sequence[Glance]]
) -> Sparing:
    """Return the changes for each persona and for all of them together."""
    return Sparing(
        {name: spared({name: rows}) for name, rows in own.items()},
        spared(own),
        {name: spared({name: rows}) for name, rows in borrowed.items()},
        spared(borrowed) if borrowed else None,
    )


def spared(glances: Mapping[str, Sequence[Glance]]) -> Spared:
    """Return the changes over all these personas' glances (one persona: only files are drawn)."""
    tables = [_files(rows) for rows in glances.values() if rows]
    chance = np.random.default_rng(SEED)
    drawn = np.array([_changes(_drawn(tables, chance)) for _ in range(RESAMPLES if tables else 0)])
    total = sum((table.sum(axis=0) for table in tables), np.zeros(6))
    ends = np.percentile(drawn, (2.5, 97.5), axis=0) if tables else np.zeros((2, 3))
    shown, acceptance, retained = (
        Change(float(value), float(low), float(high))
        for value, low, high in zip(_changes(total), *ends, strict=True)
    )
    share = float(total[2] / max(1.0, total[0]))
    return Spared(int(total[0]), shown, acceptance, retained, share)


def _files(rows: Sequence[Glance]) -> Array:
    """Return one row per file: all, shown, kept, kept and shown, characters, those shown."""
    found: dict[str, Array] = {}
    for row in rows:
        counts = found.setdefault(row.path, np.zeros(6))
        kept, chars = float(row.kept), float(row.retained)
        counts += np.array(
            [1.0, row.shown, kept, kept * row.shown, chars, chars * row.shown], dtype=float
        )
    return np.array([*found.values()])


def _drawn(tables: Sequence[Array], chance: np.random.Generator) -> Array:
    personas = chance.integers(0, len(tables), len(tables))
    total = np.zeros(6)
    for number in personas:
        table = tables[number]
        total += table[chance.integers(0, len(table), len(table))].sum(axis=0)
    return total


def _changes(total: Array) -> tuple[float, float, float]:
    """Return the relative changes of shown suggestions, acceptance and retained characters."""
    every, shown, kept, kept_shown, chars, chars_shown = (max(1e-9, float(x)) for x in total)
    return shown / every - 1, (kept_shown / shown) / (kept / every) - 1, chars_shown / chars - 1
