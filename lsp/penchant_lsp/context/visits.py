"""The places that the developer was at lately: where was typed, and where suggestions were wanted.

Knows nothing of the protocol.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from penchant_core.context_settings import SourceName
from penchant_lsp.context.desk import Desk, Region, Snapshot
from penchant_lsp.context.source import Piece, Query
from penchant_lsp.context.words import shared, words

MOST_PLACES = 20
AROUND, SAME = 5, 14
"""Lines on each side that a place shows, and within which two places are one."""
_FADE = 0.85


@dataclass(slots=True)
class Place:
    """A line of a document."""

    uri: str
    line: int


class Visits:
    """The last places, the newest last."""

    name: SourceName = "visits"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._places: list[Place] = []
        desk.followers.append(self)

    def visit(self, uri: str, line: int) -> None:
        """Note that the developer is at a line (from 0)."""
        self._places = [each for each in self._places if not _same(each, uri, line)]
        self._places.append(Place(uri, line))
        del self._places[:-MOST_PLACES]

    def changed(self, before: Snapshot, after: Snapshot, region: Region, now: float) -> None:
        """Move the places below a change along, and note where it was."""
        for each in self._places:
            if each.uri == after.uri and each.line >= region.start + region.removed:
                each.line += region.added - region.removed
        if region.added <= 2 * AROUND:
            self.visit(after.uri, region.start)

    def gone(self, uri: str) -> None:
        """Forget the places of a document."""
        self._places = [each for each in self._places if each.uri != uri]

    def pieces(self, query: Query) -> Iterator[Piece]:
        """Return the lines around the places, the newest with the highest score."""
        wanted = words("\n".join(query.above.split("\n")[-15:])).keys()
        worth = 1.0
        for place in reversed(self._places):
            snapshot = self._desk.get(place.uri)
            if snapshot is None or snapshot.root != query.root:
                continue
            if _same(place, query.uri, query.line):
                continue
            first = max(0, place.line - AROUND)
            text = "\n".join(snapshot.lines[first : place.line + AROUND + 1])
            score = worth * (0.1 + 0.6 * shared(words(text).keys(), wanted))
            yield Piece(self.name, snapshot.path, text, "visited lately", score, first)
            worth *= _FADE


def _same(place: Place, uri: str, line: int) -> bool:
    return place.uri == uri and abs(place.line - line) <= SAME
