"""Where a developer keeps one line rather than several, from what became of the last suggestions.

Syntax says where a suggestion may have several lines (``extent``); at such a kind of place (a
language, and a line's beginning or a block's) a developer who sends several lines away and keeps
single ones is asked for one. Pure, in memory, with the clock injected; old experience fades, so
that several lines get another chance. Knows nothing of models and of the disk.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from penchant_core.signals import Completion, Outcome, OutcomeKind
from penchant_lsp.extent import multi_line

HALF_LIFE_S = 1800.0
LEAST_SEVERAL = 3.5
"""Below so many judged suggestions of several lines habit says nothing: four that are fresh."""
WORSE = 0.5
"""Habit says one line where several are kept less than this many times as often as one."""
MOST_PLACES = 64

_KEPT = frozenset({OutcomeKind.ACCEPTED, OutcomeKind.ACCEPTED_EDITED, OutcomeKind.TYPED_THROUGH})
_SENT_AWAY = frozenset({OutcomeKind.REJECTED, OutcomeKind.UNDONE})

Kind = tuple[str, bool]
"""A kind of place: its language, and whether the cursor's line is blank left of it."""


@dataclass(slots=True)
class Tally:
    """How many suggestions of one extent were kept, and judged at all; both fade."""

    kept: float = 0.0
    judged: float = 0.0

    @property
    def share(self) -> float:
        """The share that was kept, smoothed (Laplace's rule of succession)."""
        return (self.kept + 1) / (self.judged + 2)


@dataclass(slots=True)
class _Place:
    at: float
    one: Tally = field(default_factory=Tally)
    several: Tally = field(default_factory=Tally)


class Habit:
    """One developer's, in one session."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._places: dict[Kind, _Place] = {}

    def note(self, completion: Completion, outcome: Outcome) -> None:
        """Take in what became of a suggestion."""
        shown = completion.suggestion
        left = completion.prefix.rpartition("\n")[2]
        right = completion.suffix.partition("\n")[0]
        if shown is None or not multi_line(left, right):
            return
        for several, kept in _judged(shown.text, outcome):
            place = self._faded(kind_of(completion.language, left))
            tally = place.several if several else place.one
            tally.judged += 1
            tally.kept += kept

    def single(self) -> frozenset[Kind]:
        """Return the kinds of places where one line is wanted now."""
        return frozenset(kind for kind in list(self._places) if _prefers_one(self._faded(kind)))

    def _faded(self, kind: Kind) -> _Place:
        now = self._clock()
        place = self._places.setdefault(kind, _Place(now))
        factor = 0.5 ** ((now - place.at) / HALF_LIFE_S)
        for tally in (place.one, place.several):
            tally.kept *= factor
            tally.judged *= factor
        place.at = now
        while len(self._places) > MOST_PLACES:
            del self._places[next(iter(self._places))]
        return place


def kind_of(language: str, left: str) -> Kind:
    """Return the kind of a place, from the cursor's line left of it."""
    return language, not left.strip()


def _prefers_one(place: _Place) -> bool:
    enough = place.several.judged >= LEAST_SEVERAL
    return enough and place.several.share < WORSE * place.one.share


def _judged(text: str, outcome: Outcome) -> list[tuple[bool, bool]]:
    """Return what an outcome says: (of several lines?, kept?) for each judgement in it.

    Who takes the first line of several and no more has kept one line and sent several away. What
    was ignored or censored says nothing.
    """
    several = "\n" in text.strip()
    if outcome.kind in _KEPT:
        return [(several, True)]
    if outcome.kind in _SENT_AWAY:
        return [(several, False)]
    if outcome.kind is not OutcomeKind.PARTIALLY_ACCEPTED or not several:
        return []
    taken = text[: outcome.accepted_chars].strip()
    return [(True, True)] if "\n" in taken else [(True, False), (False, True)]
