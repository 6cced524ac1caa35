"""Remembers completions, so that typing along and going back cost no request.

Pure, with the clock injected. An entry is found again at its own place, and wherever what was typed
since is the beginning of one of its candidates; so is, for a shorter time, what could not be shown.
At the end of a line that the engine ended nothing goes on. The adapter's version is part of the
key: a new adapter never speaks with its predecessor's words. Knows nothing of editors or engines.
"""

from collections import OrderedDict
from collections.abc import Callable, Set
from dataclasses import dataclass, replace

from penchant_core.signals import Candidate, Snippet

ENTRIES = 200
AGE_S, REFUSED_AGE_S = 300.0, 60.0
TYPED_CHARS = 128
TAIL_CHARS = 600
HEAD_CHARS = 300
_CLOSERS = frozenset(")]}>\"'`")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a completion is asked for: the text around the cursor and who would answer."""

    uri: str
    prefix: str
    suffix: str
    served_by: str


@dataclass(frozen=True, slots=True)
class Hit:
    """Candidates that go on from here, with the index each had; ``typed`` characters are gone.

    Without candidates it is known that nothing goes on from here. ``context`` is what was sent when
    they were asked for.
    """

    candidates: tuple[tuple[int, Candidate], ...]
    typed: int
    context: tuple[Snippet, ...] = ()


@dataclass(frozen=True, slots=True)
class _Entry:
    at: float
    candidates: tuple[Candidate, ...]
    context: tuple[Snippet, ...]
    ended: Set[str]
    refused: bool


class Cache:
    """The least recently used entries are forgotten first."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._entries: OrderedDict[int, _Entry] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def put(
        self,
        place: Place,
        candidates: tuple[Candidate, ...],
        context: tuple[Snippet, ...] = (),
        *,
        ended: Set[str] = frozenset(),
        refused: bool = False,
    ) -> None:
        """Remember what was offered at a place, and what was sent for it.

        ``ended`` are those texts after which the engine ended the line; ``refused``: none of them
        could be shown there, nor can be along their text.
        """
        key = _key(place, len(place.prefix), _right(place, place.suffix))
        self._entries[key] = _Entry(self._clock(), candidates, context, ended, refused)
        self._entries.move_to_end(key)
        while len(self._entries) > ENTRIES:
            self._entries.popitem(last=False)

    def get(self, place: Place, *, at_least: int = 1, line_ends: bool = False) -> Hit | None:
        """Return what is known for a place, with at least that many candidates.

        With ``at_least`` 0 it may be that nothing goes on from here: what would was refused, or,
        with ``line_ends``, the line was ended here (which says nothing of those below it).
        """
        right = [_right(place, suffix) for suffix in _suffixes(place)]
        for typed in range(min(TYPED_CHARS, len(place.prefix)) + 1):
            for below in right if typed else right[:1]:
                hit = self._find(place, typed, below, line_ends=line_ends)
                if hit is not None and len(hit.candidates) >= at_least:
                    return hit
        return None

    def _find(self, place: Place, typed: int, right: int, *, line_ends: bool) -> Hit | None:
        split = len(place.prefix) - typed
        key = _key(place, split, right)
        entry = self._entries.get(key)
        if entry is None:
            return None
        if self._clock() - entry.at > (REFUSED_AGE_S if entry.refused else AGE_S):
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        head = place.prefix[split:]
        going_on = tuple(
            (index, replace(each, text=each.text[typed:]))
            for index, each in enumerate(entry.candidates)
            if each.text.startswith(head) and len(each.text) > typed
        )
        over = line_ends and head in entry.ended
        if entry.refused and (going_on or not typed):
            return Hit((), typed, entry.context)
        return Hit(going_on, typed, entry.context) if going_on or over else None


def _key(place: Place, split: int, right: int) -> int:
    return hash((place.prefix[max(0, split - TAIL_CHARS) : split], right))


def _right(place: Place, suffix: str) -> int:
    """Return a number for all of a place but what stands left of the cursor."""
    return hash((place.uri, suffix[:HEAD_CHARS], place.served_by))


def _suffixes(place: Place) -> list[str]:
    """Return the suffix, and it without the brackets that the editor may have closed since."""
    found = [place.suffix]
    while len(found) <= 2 and found[-1][:1] in _CLOSERS and found[-1][:1]:
        found.append(found[-1][1:])
    return found
