"""Remembers completions, so that typing along and going back cost no request.

Pure, with the clock injected. An entry is found again at its own place, and wherever what was typed
since is the beginning of one of its candidates. The adapter's version is part of the key: a new
adapter never speaks with its predecessor's words. Knows nothing of editors or engines.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from penchant_core.signals import Candidate, Snippet

Entry = tuple[float, tuple[Candidate, ...], tuple[Snippet, ...]]

ENTRIES = 200
AGE_S = 300.0
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

    ``context`` is what was sent when they were asked for.
    """

    candidates: tuple[tuple[int, Candidate], ...]
    typed: int
    context: tuple[Snippet, ...] = ()


class Cache:
    """The least recently used entries are forgotten first."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._entries: OrderedDict[int, Entry] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def put(
        self, place: Place, candidates: tuple[Candidate, ...], context: tuple[Snippet, ...] = ()
    ) -> None:
        """Remember what was offered at a place, and what was sent for it."""
        key = _key(place, len(place.prefix), place.suffix)
        self._entries[key] = (self._clock(), candidates, context)
        self._entries.move_to_end(key)
        while len(self._entries) > ENTRIES:
            self._entries.popitem(last=False)

    def get(self, place: Place, *, at_least: int = 1) -> Hit | None:
        """Return what is known for a place, with at least that many candidates."""
        for typed in range(min(TYPED_CHARS, len(place.prefix)) + 1):
            for suffix in _suffixes(place, typed):
                hit = self._find(place, typed, suffix)
                if hit is not None and len(hit.candidates) >= at_least:
                    return hit
        return None

    def _find(self, place: Place, typed: int, suffix: str) -> Hit | None:
        split = len(place.prefix) - typed
        key = _key(place, split, suffix)
        entry = self._entries.get(key)
        if entry is None:
            return None
        if self._clock() - entry[0] > AGE_S:
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        head = place.prefix[split:]
        going_on = tuple(
            (index, replace(each, text=each.text[typed:]))
            for index, each in enumerate(entry[1])
            if each.text.startswith(head) and len(each.text) > typed
        )
        return Hit(going_on, typed, entry[2])


def _key(place: Place, split: int, suffix: str) -> int:
    tail = place.prefix[max(0, split - TAIL_CHARS) : split]
    return hash((place.uri, tail, suffix[:HEAD_CHARS], place.served_by))


def _suffixes(place: Place, typed: int) -> list[str]:
    """Return the suffix, and it without the brackets that the editor may have closed since."""
    found = [place.suffix]
    while typed and len(found) <= 2 and found[-1][:1] in _CLOSERS and found[-1][:1]:
        found.append(found[-1][1:])
    return found
