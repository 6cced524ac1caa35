"""What lies on the developer's desk: the open documents, and those closed lately, newest first.

Takes documents in as they were at a moment and tells followers what has changed since. A document
that may not be read for context never gets here. Single-threaded. Knows nothing of the protocol.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

MOST_DOCUMENTS = 40
MOST_LINES, MOST_LINE = 20_000, 2_000


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A document at a moment; ``path`` is relative to ``root``, with ``/``.

    ``near`` is whether nobody opened it: it only lies beside what is open.
    """

    uri: str
    root: Path
    path: str
    language: str
    lines: Sequence[str]
    opened: bool = True
    near: bool = False


@dataclass(frozen=True, slots=True)
class Region:
    """From line ``start`` on, ``removed`` lines gave way to ``added`` ones."""

    start: int
    removed: int
    added: int


class Follower(Protocol):
    """Whoever wants to know how documents change."""

    def changed(self, before: Snapshot, after: Snapshot, region: Region, now: float) -> None:
        """A document has changed in one region."""
        ...

    def gone(self, uri: str) -> None:
        """A document was dropped: nothing of it may be used any more."""
        ...


class Desk:
    """The documents, by URI."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Snapshot] = OrderedDict()
        self.followers: list[Follower] = []

    def take(self, new: Snapshot, now: float) -> None:
        """Take a document in, or its present text."""
        if not _usable(new):
            self.drop(new.uri)
            return
        before = self._known.get(new.uri)
        self._known[new.uri] = new
        if not new.near:
            self._known.move_to_end(new.uri)
        elif before is None:
            self._known.move_to_end(new.uri, last=False)
        if before is not None and before.root == new.root:
            region = changed_region(before.lines, new.lines)
            if region is not None:
                for follower in self.followers:
                    follower.changed(before, new, region, now)
        while len(self._known) > MOST_DOCUMENTS:
            self.drop(next(iter(self._known)))

    def closed(self, uri: str) -> None:
        """Note that a document is open no more; its text is kept for a while."""
        known = self._known.get(uri)
        if known is not None:
            self._known[uri] = replace(known, opened=False)

    def drop(self, uri: str) -> None:
        """Forget a document."""
        if self._known.pop(uri, None) is not None:
            for follower in self.followers:
                follower.gone(uri)

    def get(self, uri: str) -> Snapshot | None:
        """Return a document."""
        return self._known.get(uri)

    def below(self, root: Path) -> Iterator[Snapshot]:
        """Yield the documents of a workspace, the newest first."""
        return (each for each in reversed(list(self._known.values())) if each.root == root)


def changed_region(before: Sequence[str], after: Sequence[str]) -> Region | None:
    """Return the smallest range of lines that holds every difference, None for no difference."""
    shorter = min(len(before), len(after))
    start = 0
    while start < shorter and before[start] == after[start]:
        start += 1
    if start == len(before) == len(after):
        return None
    same = 0
    while same < shorter - start and before[-1 - same] == after[-1 - same]:
        same += 1
    return Region(start, len(before) - start - same, len(after) - start - same)


def _usable(snapshot: Snapshot) -> bool:
    lines = snapshot.lines
    return len(lines) <= MOST_LINES and max(map(len, lines), default=0) <= MOST_LINE
