"""Chooses among the pieces what is sent: the best that fit, nothing twice, stable things first.

What the model sees around the cursor anyway is left out, and so is what another piece says. What
was sent for this document before is preferred a little, and the order goes from what hardly changes
between keystrokes to what does, so that an engine's prefix cache holds. Pure.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from penchant_core.context_settings import SourceName
from penchant_core.signals import Snippet
from penchant_core.wire import MAX_CONTEXT_FILES
from penchant_lsp.context.source import Piece
from penchant_lsp.context.words import telling_lines

LEAST_SCORE, LEAST_CHARS = 0.05, 24
NEWS_SHARE = 0.5
AGAIN = 1.15
WHY_CHARS, PATH_CHARS = 200, 1024
ORDER: tuple[SourceName, ...] = (
    "open_files", "imports", "definitions", "kept", "visits", "edits", "similar",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Room:
    """How many characters of context there are, and what the model sees without it."""

    chars: int
    above: str
    below: str


def select(
    pieces: Iterable[Piece], room: Room, before: Collection[str] = ()
) -> tuple[Snippet, ...]:
    """Return what to send, never more than ``room.chars`` characters of text.

    ``before`` are the texts of pieces that were sent last time (``texts`` tells them).
    """
    seen = telling_lines((room.above + "\n" + room.below).split("\n"))
    left = room.chars
    chosen: list[Piece] = []
    files: set[tuple[SourceName, str]] = set()
    for piece in sorted(pieces, key=lambda each: _rank(each, before)):
        if piece.score < LEAST_SCORE or left < LEAST_CHARS:
            break
        group = (piece.source, piece.path)
        if group not in files and len(files) == MAX_CONTEXT_FILES:
            continue
        text = _clipped(piece.text.strip("\n"), left)
        lines = telling_lines(text.split("\n"))
        if len(lines - seen) <= NEWS_SHARE * len(lines):
            continue
        chosen.append(replace(piece, text=text))
        files.add(group)
        seen |= lines
        left -= len(text) + 1  # the line end between it and its neighbour
    return _snippets(chosen)


def _rank(piece: Piece, before: Collection[str]) -> tuple[float, int, str, int]:
    score = piece.score * (AGAIN if piece.text.strip("\n") in before else 1.0)
    return -score, ORDER.index(piece.source), piece.path, piece.line


def _clipped(text: str, most: int) -> str:
    """Return the whole lines of a text that fit; none when that is too little to help."""
    if len(text) <= most:
        return text
    text = text[: text.rfind("\n", 0, most + 1)] if "\n" in text[: most + 1] else ""
    return text if len(text) >= LEAST_CHARS else ""


def _snippets(chosen: Sequence[Piece]) -> tuple[Snippet, ...]:
    ordered = sorted(chosen, key=lambda p: (ORDER.index(p.source), p.path, p.line))
    groups: dict[tuple[SourceName, str], list[Piece]] = {}
    for piece in ordered:
        groups.setdefault((piece.source, piece.path), []).append(piece)
    return tuple(
        Snippet(
            path[-PATH_CHARS:],
            "\n".join(piece.text for piece in group),
            _why(source, group),
        )
        for (source, path), group in groups.items()
    )


def _why(source: SourceName, group: Sequence[Piece]) -> str:
    reasons = dict.fromkeys(piece.why for piece in group)
    return f"{source}: {'; '.join(reasons)}"[:WHY_CHARS]
