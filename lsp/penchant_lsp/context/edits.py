"""What the developer has changed lately, elsewhere: as hunks, old lines and new ones.

Edits that touch one another are one hunk, from the text as it was before the first of them. What
is undone leaves no hunk, and what is too large was not typed (a checkout, a formatter). Knows
nothing of the protocol.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from penchant_core.context_settings import SourceName
from penchant_lsp.context.desk import Desk, Region, Snapshot
from penchant_lsp.context.source import Piece, Query
from penchant_lsp.context.words import shared, telling_lines, words

MOST_HUNKS, MOST_LINES = 40, 25
AGE_S = 1800.0
_FADE = 0.88


@dataclass(slots=True)
class Hunk:
    """``count`` lines from ``start`` on stand where ``old`` stood; ``at`` is in seconds."""

    uri: str
    start: int
    count: int
    old: list[str]
    at: float


class Edits:
    """The newest hunks of all documents on the desk."""

    name: SourceName = "edits"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._hunks: list[Hunk] = []
        desk.followers.append(self)

    def changed(self, before: Snapshot, after: Snapshot, region: Region, now: float) -> None:
        """Follow one change of a document."""
        end = region.start + region.removed
        touched: list[Hunk] = []
        kept: list[Hunk] = []
        for each in self._hunks:
            if each.uri != after.uri or each.start + each.count < region.start - 1:
                kept.append(each)
            elif each.start > end + 1:
                each.start += region.added - region.removed
                kept.append(each)
            else:
                touched.append(each)
        hunk = _joined(touched, region, before, now)
        if max(hunk.count, len(hunk.old)) <= MOST_LINES:
            kept.append(hunk)
        self._hunks = kept[-MOST_HUNKS:]

    def gone(self, uri: str) -> None:
        """Forget the hunks of a document."""
        self._hunks = [each for each in self._hunks if each.uri != uri]

    def pieces(self, query: Query) -> Iterator[Piece]:
        """Return hunks of the workspace, the newest with the highest score."""
        seen = telling_lines((query.above + query.below).split("\n"))
        wanted = words("\n".join(query.above.split("\n")[-15:])).keys()
        worth = 1.0
        for hunk in reversed(self._hunks):
            snapshot = self._desk.get(hunk.uri)
            if snapshot is None or query.now - hunk.at > AGE_S or snapshot.root != query.root:
                continue
            new = list(snapshot.lines[hunk.start : hunk.start + hunk.count])
            text = _text(hunk.old, new)
            own = telling_lines(new)
            if not text.strip() or (hunk.uri == query.uri and own <= seen):
                continue
            score = worth * (0.2 + 0.6 * shared(words(text).keys(), wanted))
            yield Piece(self.name, snapshot.path, text, "edited lately", score, hunk.start)
            worth *= _FADE


def _joined(touched: list[Hunk], region: Region, before: Snapshot, now: float) -> Hunk:
    """Return a change and the hunks that it touches (both as of ``before``) as one hunk."""
    ordered = sorted(touched, key=lambda each: each.start)
    low = min([region.start, *(each.start for each in ordered)])
    high = max([region.start + region.removed, *(each.start + each.count for each in ordered)])
    old: list[str] = []
    at = low
    for each in ordered:
        old += [*before.lines[at : each.start], *each.old]
        at = each.start + each.count
    old += before.lines[at:high]
    return Hunk(before.uri, low, high - low + region.added - region.removed, old, now)


def _text(old: list[str], new: list[str]) -> str:
    """Return new lines alone as they are; replaced ones with ``-`` and ``+`` before them."""
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    if not any(line.strip() for line in old):
        return "\n".join(new).strip("\n")
    return "\n".join([*(f"-{line}" for line in old), *(f"+{line}" for line in new)]) if new else ""
