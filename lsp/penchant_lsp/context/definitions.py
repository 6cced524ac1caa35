"""Definitions of what the place at hand uses, from the index: two sources, one question.

``Imports`` gives what the file imports, ``Definitions`` what it names without importing it,
``OpenFiles`` the outline of the other open files. All three read the answer that the gathering got
from the index for this place. Knows nothing of how the index is made.
"""

from collections.abc import Iterator

from penchant_core.context_settings import SourceName
from penchant_lsp.context.desk import Desk
from penchant_lsp.context.grammars import family
from penchant_lsp.context.index import Found
from penchant_lsp.context.source import Piece, Query

OUTLINES, OUTLINE_CHARS = 4, 500


class Answer:
    """The newest answer of the index, for the sources that read it."""

    def __init__(self) -> None:
        self.found = Found()


class Imports:
    """What the file imports, nearest use first."""

    name: SourceName = "imports"

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def pieces(self, query: Query) -> Iterator[Piece]:
        """Return the definitions behind imported names."""
        for hit in self._answer.found.hits:
            if hit.imported:
                why = f"defines {hit.name}, imported here"
                yield Piece(self.name, hit.path, hit.text, why, 0.95 * hit.weight, hit.line)


class Definitions:
    """What is named near the cursor and defined elsewhere in the workspace."""

    name: SourceName = "definitions"

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def pieces(self, query: Query) -> Iterator[Piece]:
        """Return the definitions of names that are not imported."""
        for hit in self._answer.found.hits:
            if not hit.imported:
                why = f"defines {hit.name}, named here"
                yield Piece(self.name, hit.path, hit.text, why, 0.85 * hit.weight, hit.line)


class OpenFiles:
    """The signatures at the top of the other open files."""

    name: SourceName = "open_files"

    def __init__(self, desk: Desk, answer: Answer) -> None:
        self._desk = desk
        self._answer = answer

    def wanted(self, query: Query) -> list[str]:
        """Return the paths whose outline is worth asking for, the newest first."""
        group = family(query.language)
        open_ones = [
            each.path
            for each in self._desk.below(query.root)
            if each.opened and each.uri != query.uri and family(each.language) == group
        ]
        return open_ones[:OUTLINES]

    def pieces(self, query: Query) -> Iterator[Piece]:
        """Return one piece per file, the newest with the highest score."""
        by_path: dict[str, list[str]] = {}
        for hit in self._answer.found.outlines:
            by_path.setdefault(hit.path, []).append(hit.text)
        score = 0.22
        for path in self.wanted(query):
            text = _fitting(by_path.get(path, []))
            if text:
                yield Piece(self.name, path, text, "open in the editor", score)
            score *= 0.8


def _fitting(texts: list[str]) -> str:
    taken: list[str] = []
    left = OUTLINE_CHARS
    for text in texts:
        if len(text) + 1 <= left:
            taken.append(text)
            left -= len(text) + 1
    return "\n".join(taken)
