"""Makes a candidate's blanks those of the file: where it begins, how it indents, where it ends.

Wrong blanks are what users of every completion tool complain about most. Only blanks are changed
here, never anything that can be seen.
"""

import re
from math import gcd

from penchant_lsp.filters.surroundings import Surroundings, indentation

_INDENTED = re.compile(r"^([ \t]+)\S", re.MULTILINE)
_OPENING = "([{"


def on_this_line(text: str, around: Surroundings) -> str:
    """Begin on the cursor's line if that is blank: a blank line above would be left behind."""
    if not around.begins_line or not text.startswith("\n"):
        return text
    first = text.lstrip("\n")
    return first[len(around.left) :] if first.startswith(around.left) else ""


def single_blank(text: str, around: Surroundings) -> str:
    """Remove the blank at the beginning if there is one left of the cursor already."""
    if around.begins_line:  # the single blank that small models put after an indentation
        return text[1:] if text.startswith(" ") and text[1:2].strip() else text
    return text.lstrip(" ") if around.left[-1:] in (" ", "\t") and text[:1] == " " else text


def own_indentation(text: str, around: Surroundings) -> str:
    """Write the indentation of further lines in the file's way: tabs, or its number of blanks."""
    lines = text.split("\n")
    deeper = [line[: indentation(line)] for line in lines[1:] if line.strip()]
    tabs = _tabs(around)
    if tabs is None or not any(deeper) or all(("\t" in each) is tabs for each in deeper if each):
        return text
    return "\n".join([lines[0], *(_rewritten(line, around, tabs=tabs) for line in lines[1:])])


def even_indentation(text: str, around: Surroundings) -> str:
    """Remove the one blank too many of further lines in a file that indents evenly.

    Inside brackets every column may be right.
    """
    if "\t" in around.left or around.left[: indentation(around.left)].count(" ") % 2:
        return text
    if any(len(each) % 2 for each in _indents(around)):
        return text
    lines, depth = text.split("\n"), _depth(around.left)
    for number, line in enumerate(lines):
        odd = number > 0 and depth <= 0 and line.strip() and indentation(line) % 2 == 1
        depth += _depth(line)
        lines[number] = line[1:] if odd and line[0] == " " else line
    return "\n".join(lines)


def one_blank_line(text: str, _around: Surroundings) -> str:
    """Cut at two blank lines in a row: something else begins there."""
    found = re.search(r"\S[ \t]*\n(?:[ \t]*\n){2}", text)
    return text if found is None else text[: found.start() + 1]


def ended(text: str, around: Surroundings) -> str:
    """Remove blanks at the end, unless something stands right of the cursor."""
    return text if around.right.strip() else text.rstrip()


def _indents(around: Surroundings) -> list[str]:
    near = "\n".join([*around.lines_above, *around.lines_below[:20]])
    return [found.group(1) for found in _INDENTED.finditer(near)]


def _tabs(around: Surroundings) -> bool | None:
    """Whether the file indents by tabs; None if nothing near the cursor tells."""
    own = around.left[: indentation(around.left)]
    seen = [own] if own else _indents(around)
    if not seen:
        return None
    return sum("\t" in each for each in seen) * 2 > len(seen)


def _unit(indents: list[str]) -> int:
    widths = [len(each) for each in indents if each and "\t" not in each]
    return max(2, min(gcd(*widths), 8)) if widths else 4


def _rewritten(line: str, around: Surroundings, *, tabs: bool) -> str:
    size = indentation(line)
    head, rest = line[:size], line[size:]
    if tabs:
        blanks = head.count(" ")
        return "\t" * (head.count("\t") + (blanks + 3) // 4) + rest
    return head.replace("\t", " " * _unit(_indents(around))) + rest


def _depth(text: str) -> int:
    return sum((each in _OPENING) - (each in ")]}") for each in text)
