"""Cuts what a model says again and again, and what stands above the cursor already.

Small models fall into loops: one line for ever, a few lines in turn, or one piece of a line. What
comes once or twice may be meant.
"""

import re

from penchant_lsp.filters.surroundings import Surroundings

_TIMES = 3
_PERIODS = range(2, 9)
_STUTTER = re.compile(r"(.{3,40}?)\1{4,}.{0,40}$|([^\s\-=#*~_.+/\\]{1,2}[ ,]*?)\2{9,}.{0,2}$")
_LEAST_LINE = 6


def repeated_lines(text: str, around: Surroundings) -> str:
    """Cut where the same line comes for the third time in a row."""
    lines = _whole(text, around)
    for index in range(_TIMES - 1, len(lines)):
        run = lines[index - _TIMES + 1 : index + 1]
        if run[0].strip() and len(set(run)) == 1:
            return _first(text, index - _TIMES + 2)
    return text


def repeated_blocks(text: str, around: Surroundings) -> str:
    """Cut after the first of three equal runs of two to eight lines."""
    lines = _whole(text, around)
    for start in range(len(lines)):
        for period in _PERIODS:
            block = lines[start : start + period]
            again = lines[start + period : start + _TIMES * period]
            if any(line.strip() for line in block) and again == block * (_TIMES - 1):
                return _first(text, start + period)
    return text


def stuttering(text: str, _around: Surroundings) -> str:
    """Refuse a line that ends in one piece said over and over; rules of dashes are meant."""
    lines = text.split("\n")
    for index, line in enumerate(lines):
        found = _STUTTER.search(line)
        if found and re.search(r"\w", found.group(1) or found.group(2)):
            return "\n".join(lines[:index])
    return text


def repeated_above(text: str, around: Surroundings) -> str:
    """Refuse text whose first line only says again what the line above says."""
    first, above = (around.left + text.partition("\n")[0]).rstrip(), around.line_above
    if around.right.strip() or first != above or len(first.strip()) < _LEAST_LINE:
        return text
    return text if not re.search(r"[^\W\d]", first) else ""


def repeated_paragraph(text: str, around: Surroundings) -> str:
    """Refuse several lines that stand just above the cursor, word for word."""
    lines = [line.rstrip() for line in (around.left + text).split("\n") if line.strip()]
    above = [line.rstrip() for line in around.lines_above if line.strip()]
    if len(lines) < 2 or not around.begins_line:
        return text
    return "" if above[-len(lines) :] == lines else text


def _whole(text: str, around: Surroundings) -> list[str]:
    """Return the lines of a text, the first with its indentation."""
    left = around.left if around.begins_line else ""
    return [line.rstrip() for line in (left + text).split("\n")]


def _first(text: str, count: int) -> str:
    return "\n".join(text.split("\n")[:count])
