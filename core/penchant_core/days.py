"""How suggestions fared, day by day and version by version, read without writing anything.

The log's running totals know what was kept, not what of it was typed letter by letter; that one sum
is taken from the outcomes, whose texts are not read. Days are local, as the clock stood then. A log
that is damaged or not there yet is left as it is. Knows nothing of who asks.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

from penchant_core import tallies
from penchant_core.errors import StoreError
from penchant_core.signals import Counts, OutcomeKind

BUSY_S = 0.3
_QUARTER_S = 900  # as the totals have it

# The sums stand in the order of the fields of ``Counts``.
_DAYS = (
    "SELECT date(name * 900, 'unixepoch', 'localtime') AS day, sum(shown), sum(accepted),"
    " sum(rejected), sum(retained), sum(signals), sum(kept_sum), sum(kept_known)"
    " FROM tallies WHERE dimension = 'quarter' AND signals <> 0"
    " AND CAST(name AS INTEGER) >= ? GROUP BY 1"
)
_TYPED = (
    "SELECT date(at, 'unixepoch', 'localtime') AS day, count(*), sum(retained_chars)"
    " FROM outcomes WHERE kind = ? AND at >= ? GROUP BY 1"
)


@dataclass(frozen=True, slots=True)
class Fared:
    """The counts of one day or of several; ``typed`` of them the developer typed all the same."""

    counts: Counts = field(default_factory=Counts)
    typed: int = 0
    typed_chars: int = 0

    def __add__(self, other: "Fared") -> "Fared":
        """Return both together."""
        counts = self.counts + other.counts
        return Fared(counts, self.typed + other.typed, self.typed_chars + other.typed_chars)

    @property
    def keystrokes_saved(self) -> int:
        """Characters that stayed and were not typed, less one key for each acceptance."""
        taken = max(0, self.counts.accepted - self.typed)
        return max(0, self.counts.retained_chars - self.typed_chars - taken)


@dataclass(frozen=True, slots=True)
class Fortunes:
    """``days`` by their name (``2026-11-21``), ``versions`` as the totals name them."""

    days: Mapping[str, Fared]
    versions: Mapping[str, Counts]

    @property
    def whole(self) -> Counts:
        """Everything in the log."""
        return sum(self.versions.values(), Counts())


def read(log: Path, first: date) -> Fortunes:
    """Return how suggestions fared since ``first``; nothing where there is no log.

    Raises StoreError when the log cannot be read.
    """
    if not log.exists():
        return Fortunes({}, {})
    since = datetime.combine(first, time()).timestamp()
    try:
        with closing(_open(log)) as connection:
            versions = tallies.read(connection)["version"]
            return Fortunes(_days(connection, since), versions)
    except sqlite3.Error as error:
        raise StoreError(
            f"the signal log cannot be read ({error}); `penchant doctor` looks at it"
        ) from error


def _open(log: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{log.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_S)


def _days(connection: sqlite3.Connection, since: float) -> dict[str, Fared]:
    quarter = int(since // _QUARTER_S)
    rows = connection.execute(_TYPED, (OutcomeKind.TYPED_THROUGH, since))
    typed = {day: (count, chars or 0) for day, count, chars in rows}
    return {
        day: Fared(Counts(*figures), *typed.get(day, (0, 0)))
        for day, *figures in connection.execute(_DAYS, (quarter,))
    }
