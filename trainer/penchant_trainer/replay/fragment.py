"""Reads a piece of Python as a syntax tree: one that was cut out of a file and may be unfinished.

Completions are seldom whole statements, so the line's own beginning is put back, the indentation
taken off, open brackets closed and missing bodies filled in. Python only. Never runs what it reads.
"""

import ast
import re
import textwrap
import warnings
from collections.abc import Iterator

from penchant_core.syntax import parsed

_PAIRS = {"(": ")", "[": "]", "{": "}"}
_CONTINUES = {
    "elif": "if x:\n    pass\n",
    "else": "if x:\n    pass\n",
    "except": "try:\n    pass\n",
    "finally": "try:\n    pass\n",
    "case": "match x:\n",
}
_STRING = re.compile(
    r"\"\"\".*?\"\"\"|'''.*?'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL
)


def tree(left: str, text: str) -> ast.Module | None:
    """Return the tree of ``text`` after ``left``, the beginning of its line; None if unreadable.

    What was put in to make it readable (bodies, heads of other branches) is part of the tree, on
    both sides of a comparison alike.
    """
    source = textwrap.dedent(left + text).strip("\n")
    for variant in _variants(source):
        found = parsed(variant)
        if found is not None and found.body:
            return found
    return None


def compiles(source: str) -> bool:
    """Whether a whole file compiles to code; it is compiled, never run.

    Stricter than parsing: ``return`` outside a function and the like are found as well.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "<replay>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return False
    return True


def _variants(source: str) -> Iterator[str]:
    closed = source + _closers(source)
    for each in dict.fromkeys((source, closed)):
        yield each
        yield each + "\n    pass" if each.rstrip().endswith(":") else each + ": pass"
    first = re.match(r"\w+", source)
    head = _CONTINUES.get(first.group() if first else "")
    if head:
        indent = "    " if head.startswith("match") else ""
        branch = textwrap.indent(closed, indent)
        yield head + branch
        yield head + branch.rstrip() + (" pass" if branch.rstrip().endswith(":") else ": pass")
    if source.startswith("@"):
        yield closed + "\ndef x(): pass"
    bare = closed.rstrip().rstrip(",")
    yield f"({bare})"
    yield f"{{{bare}}}"


def _closers(source: str) -> str:
    """Return the brackets that are open at the end of ``source``, closed."""
    bare = _STRING.sub("", source)
    open_: list[str] = []
    for character in bare:
        if character in _PAIRS:
            open_.append(_PAIRS[character])
        elif open_ and character == open_[-1]:
            open_.pop()
    return "".join(reversed(open_))
