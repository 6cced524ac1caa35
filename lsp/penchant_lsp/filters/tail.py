"""Fits the end of a candidate to what stands right of the cursor.

Editors close brackets and quotations by themselves; a candidate may close them too, and may go on
over them. Nothing that the developer wrote is ever removed: only closing characters are replaced,
by text that holds them.
"""

import re

from penchant_lsp.filters.surroundings import Surroundings

CLOSERS = frozenset(")]}>\"'`;,:")
_LEAST_OVERLAP = 4


def without_tail(text: str, around: Surroundings) -> str:
    """Remove the end of ``text`` that stands right of the cursor already."""
    tail = around.right.rstrip()
    if not tail.strip():
        return text
    if not set(tail) <= CLOSERS:
        return text.removesuffix(tail)
    if not _unbalanced(text):
        return text
    overlap = next((n for n in range(len(tail), 0, -1) if text.endswith(tail[:n])), 0)
    return text[: len(text) - overlap]


def overlap(text: str, around: Surroundings) -> str:
    """Remove the end of ``text`` that what stands right of the cursor begins with.

    At least four characters, and no word is torn apart: ``max`` before ``x)`` stays.
    """
    tail = around.right.rstrip()
    for size in range(min(len(text), len(tail)), _LEAST_OVERLAP - 1, -1):
        kept = text[: len(text) - size]
        if text.endswith(tail[:size]) and not re.search(r"\w$", kept + " " * (not kept)):
            return kept
        if text.endswith(tail[:size]) and not re.match(r"\w", tail):
            return kept
    return text


def tail_again(text: str, around: Surroundings) -> str:
    """Cut where everything right of the cursor is said again in the middle of the text."""
    tail = around.right.strip()
    if len(tail) < 2 * _LEAST_OVERLAP or set(tail) <= CLOSERS:
        return text
    found = text.find(tail)
    return text if found < 0 else text[:found].rstrip()


def replaced(text: str, right: str) -> int:
    """Return how many characters right of the cursor ``text`` already contains.

    Those are closing characters that an editor put there by itself: when the text closes them too
    and goes on, it must replace them.
    """
    tail = right.rstrip()
    if not tail or not set(tail) <= CLOSERS or not _unbalanced(text):
        return 0
    rest = iter(text)
    return len(tail) if all(character in rest for character in tail) else 0


def _unbalanced(text: str) -> bool:
    """Whether ``text`` closes a bracket or a quotation that it did not open."""
    depth = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if depth < 0:
            return True
    return any(text.count(quote) % 2 for quote in "\"'`")
