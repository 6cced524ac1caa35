"""What meets at the cursor: the last word or mark before it, and the first of the suggestion.

A right beginning is most of a right line, and how likely one is depends on what it follows: after
``return``, after ``self.``, at a line's start. Only words of a fixed vocabulary are told apart;
every other one is named by its shape, so that no text of a developer becomes a feature. Knows
nothing of weights.
"""

import re
from functools import lru_cache

from penchant_core.show_filter.features import Features

_VOCABULARY = """
and as assert async await bool break case catch class cls const continue def default del elif else
enum except export extends False finally float fn for from func function if impl import in int
interface is isinstance lambda len let list match mut new nil None nonlocal not null of or pass
print private pub public raise range return self set static str struct super switch this throw True
true false try tuple type typeof use var void while with yield
"""
_WORDS = frozenset(_VOCABULARY.split())
_MARK = re.compile(r"\"\"\"|'''|\w+|[^\w\s]")
_NEAR = 200


def of_seam(prefix: str, text: str) -> Features:
    """Return the kinds of what stands left of the cursor and what a suggestion begins with."""
    left, right = _last(prefix[-_NEAR:].rpartition("\n")[2]), _first(text[:_NEAR])
    return {f"left={left}": 1.0, f"first={right}": 1.0, f"seam={left} {right}": 1.0}


def _last(line: str) -> str:
    marks = _MARK.findall(line)
    return _kind(marks[-1]) if marks else "start"


def _first(text: str) -> str:
    found = _MARK.search(text)
    return _kind(found[0]) if found else "nothing"


@lru_cache(maxsize=512)
def _kind(mark: str) -> str:
    if mark in _WORDS:
        return mark
    if mark[0].isdecimal():
        return "number"
    if not (mark[0].isalpha() or mark[0] == "_"):
        return mark if mark.isascii() else "sign"
    if mark[0] == "_":
        return "_name"
    if mark[0].islower():
        return "name"
    return "NAME" if mark.isupper() and len(mark) > 1 else "Name"
