"""How long to wait before asking: less where a developer pauses, more where they type on.

Three things move the configured pause: the place (people stop after a bracket or at a line's
beginning, not inside a word), the tempo of typing, and what became of the last suggestions (each
one kept shortens it, each one sent away lengthens it, and both are forgotten within minutes). What
is known already is answered at once, before anybody asks here. Pure, with the clock injected.
"""

import re
from collections import deque
from collections.abc import Callable
from statistics import median

from penchant_core.signals import OutcomeKind

SHORTEST, LONGEST = 0.25, 6.0
"""The pause is at least and at most this many times the configured one."""
TEMPO_S = 0.15
"""Between two keys of a fluent typist (Dhakal et al., CHI 2018: a mean of about 0.24 s for all)."""
BREAK_S = 1.0
"""A longer interval is a break and says nothing about the tempo."""
KEPT, SENT_AWAY = 0.8, 1.4
HALF_LIFE_S = 300.0

_INSIDE_WORD = re.compile(r"\w\Z")
_GOOD = frozenset({OutcomeKind.ACCEPTED, OutcomeKind.ACCEPTED_EDITED, OutcomeKind.TYPED_THROUGH})
_BAD = frozenset({OutcomeKind.REJECTED, OutcomeKind.UNDONE})


class Rhythm:
    """One developer's tempo and luck, in one session."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._intervals: deque[float] = deque(maxlen=24)
        self._typed_at: float | None = None
        self._habit, self._habit_at = 1.0, clock()

    def typed(self) -> None:
        """Note that a key was pressed."""
        now = self._clock()
        if self._typed_at is not None and 0 < now - self._typed_at < BREAK_S:
            self._intervals.append(now - self._typed_at)
        self._typed_at = now

    def note(self, kind: OutcomeKind) -> None:
        """Take in what became of a suggestion."""
        factor = KEPT if kind in _GOOD else SENT_AWAY if kind in _BAD else 1.0
        self._habit = min(3.0, max(0.5, self.habit * factor))
        self._habit_at = self._clock()

    @property
    def habit(self) -> float:
        """Below 1 after suggestions that were kept, above after others; fades to 1."""
        fading = 0.5 ** ((self._clock() - self._habit_at) / HALF_LIFE_S)
        return float(self._habit**fading)

    @property
    def tempo(self) -> float:
        """The usual time between two keys, against a fluent typist's: 0.5 to 2."""
        if len(self._intervals) < 6:
            return 1.0
        return min(2.0, max(0.5, median(self._intervals) / TEMPO_S))

    def pause_s(self, base_s: float, left: str, right: str) -> float:
        """Return how long to wait at a place, when ``base_s`` is configured; 0 stays 0."""
        place = 1.5 if right.strip() and right[:1].isalnum() else 1.0
        if not left.strip() or not _INSIDE_WORD.search(left):
            place *= 0.5
        factor = place * self.habit * self.tempo
        return base_s * min(LONGEST, max(SHORTEST, factor))
