"""Pieces of open and neighbouring files that read like what is around the cursor.

Files are cut into overlapping windows, ranked by BM25 over the words of their names; the words of a
window are counted anew only when its lines change. Knows nothing of the protocol.
"""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from penchant_core.context_settings import SourceName
from penchant_lsp.context.bm25 import Bm25
from penchant_lsp.context.desk import Desk, Snapshot
from penchant_lsp.context.grammars import family
from penchant_lsp.context.source import Piece, Query
from penchant_lsp.context.words import words

WINDOW, STEP = 10, 5
MOST_WINDOWS = 400
MOST_PIECES = 8
_BEFORE, _AFTER = 10, 3

Key: TypeAlias = tuple[str, int]


class Similar:
    """The windows of the files on the desk."""

    name: SourceName = "similar"

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._ranking: Bm25[Key] = Bm25()
        self._windows: dict[Key, tuple[str, ...]] = {}
        self._seen: dict[str, Sequence[str]] = {}

    def pieces(self, query: Query) -> Iterator[Piece]:
        """Return the windows most like the place at hand."""
        group = family(query.language)
        files = {
            each.uri: each
            for each in self._desk.below(query.root)
            if family(each.language) == group
        }
        self._refresh(files)
        around = query.above.split("\n")[-_BEFORE:] + query.below.split("\n")[:_AFTER]
        scores = self._ranking.scores(words("\n".join(around)))
        ranked = sorted(scores, key=lambda key: (-scores[key], key))
        taken: list[Key] = []
        for key in ranked:
            if len(taken) == MOST_PIECES:
                break
            if any(key[0] == uri and abs(key[1] - start) < WINDOW for uri, start in taken):
                continue
            if key[0] == query.uri and abs(key[1] - query.line) < WINDOW + STEP:
                continue
            taken.append(key)
            snapshot = files[key[0]]
            text = "\n".join(self._windows[key])
            why = "like the code around the cursor"
            yield Piece(self.name, snapshot.path, text, why, min(0.9, scores[key]), key[1])

    def _refresh(self, files: dict[str, Snapshot]) -> None:
        for uri in self._seen.keys() - files.keys():
            self._forget(uri, 0)
            del self._seen[uri]
        for uri, snapshot in files.items():
            if self._seen.get(uri) is not snapshot.lines:
                self._seen[uri] = snapshot.lines
                self._cut(uri, snapshot.lines)

    def _cut(self, uri: str, lines: Sequence[str]) -> None:
        start = 0
        for start in range(0, min(len(lines), MOST_WINDOWS * STEP), STEP):
            key, window = (uri, start), tuple(lines[start : start + WINDOW])
            if self._windows.get(key) != window:
                self._windows[key] = window
                self._ranking.add(key, words("\n".join(window)))
        self._forget(uri, start + STEP)

    def _forget(self, uri: str, start: int) -> None:
        while (key := (uri, start)) in self._windows:
            del self._windows[key]
            self._ranking.remove(key)
            start += STEP
