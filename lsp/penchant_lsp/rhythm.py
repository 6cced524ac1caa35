"""How long to wait before asking: not at all after a rest, else as long as fits the developer.

The pause keeps bursts of keys from becoming bursts of questions. So it is for a key that came while
a question was under way, or sooner than a pause after one; any other is asked about at once. Three
things move it: the place (people stop after a bracket or at a line's beginning, not inside a word),
the tempo of typing, and what became of the last suggestions (kept ones shorten it, others lengthen
it, all forgotten within minutes). Pure, with the clock injected.
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
KEPT, TYPED_OVER, SENT_AWAY = 0.8, 1.1, 1.4
MOST_TYPED_OVER, MOST, LEAST = 1.5, 3.0, 0.5
"""Typing something else is how most suggestions end, also of who likes them: at three in ten that
are kept it evens out, and by itself it lengthens the pause by half at most. Sending one away by a
key of its own, or undoing it, is another matter."""
HALF_LIFE_S = 300.0
STAND_S = 0.25
"""Twice a fluent typist's interval, nearly, and less than reading ghost text takes."""

_INSIDE_WORD = re.compile(r"\w\Z")
_GOOD = frozenset({OutcomeKind.ACCEPTED, OutcomeKind.ACCEPTED_EDITED, OutcomeKind.TYPED_THROUGH})


class Rhythm:
    """One developer's tempo and luck, in one session."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._intervals: deque[float] = deque(maxlen=24)
        self._typed_at: float | None = None
        self._habit, self._habit_at = 1.0, clock()
        self._asked_at: float | None = None

    def typed(self) -> None:
        """Note that a key was pressed."""
        now = self._clock()
        if self._typed_at is not None and 0 < now - self._typed_at < BREAK_S:
            self._intervals.append(now - self._typed_at)
        self._typed_at = now

    def asked(self) -> None:
        """Note that a question was sent."""
        self._asked_at = self._clock()

    def note(self, kind: OutcomeKind, *, dismissed: bool = False) -> None:
        """Take in what became of a suggestion; ``dismissed``: by a key that says so."""
        factor = _factor(kind, dismissed=dismissed)
        most = max(MOST_TYPED_OVER, self.habit) if factor == TYPED_OVER else MOST
        self._habit = min(most, max(LEAST, self.habit * factor))
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

    @property
    def stand_s(self) -> float:
        """How long a suggestion stands until somebody may be looking at it who types no more."""
        return STAND_S * self.tempo

    def wait_s(self, base_s: float, left: str, right: str, *, busy: bool) -> float:
        """Return how long to wait for a key; ``busy``: something was being asked when it came."""
        pause_s = self.pause_s(base_s, left, right)
        rested = self._asked_at is None or self._clock() - self._asked_at >= pause_s
        return 0.0 if rested and not busy else pause_s

    def pause_s(self, base_s: float, left: str, right: str) -> float:
        """Return the pause that fits a place, when ``base_s`` is configured; 0 stays 0."""
        place = 1.5 if right.strip() and right[:1].isalnum() else 1.0
        if not left.strip() or not _INSIDE_WORD.search(left):
            place *= 0.5
        factor = place * self.habit * self.tempo
        return base_s * min(LONGEST, max(SHORTEST, factor))


def _factor(kind: OutcomeKind, *, dismissed: bool) -> float:
    if kind in _GOOD:
        return KEPT
    if kind is OutcomeKind.UNDONE:
        return SENT_AWAY
    if kind is OutcomeKind.REJECTED:
        return SENT_AWAY if dismissed else TYPED_OVER
    return 1.0
