"""Draws strings that a regular expression matches, by walking Python's own parse of it.

So that the detectors of others, which are written as expressions, become generators that know
nothing of our rules.
"""

import random
import re
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

PRINTABLE = [chr(number) for number in range(33, 127)]
_WORD = [c for c in PRINTABLE if c.isalnum() or c == "_"]
_CATEGORIES = {
    code.CATEGORY_DIGIT: list("0123456789"),
    code.CATEGORY_NOT_DIGIT: [c for c in PRINTABLE if not c.isdigit()],
    code.CATEGORY_WORD: _WORD,
    code.CATEGORY_NOT_WORD: [c for c in PRINTABLE if c not in _WORD],
    code.CATEGORY_SPACE: [" "],
    code.CATEGORY_NOT_SPACE: PRINTABLE,
}
OPEN = (8, 20)
"""How long an open-ended repetition is drawn, unless its least is more."""


def sample(pattern: "re.Pattern[str]", dice: random.Random, *, group: int = 0) -> str:
    """Return a string that ``pattern`` may match, or what one of its groups holds there.

    Look-arounds and boundaries are not obeyed: check the string with the pattern.
    """
    drawn: dict[int, str] = {}
    drawn[0] = _sequence(parser.parse(pattern.pattern, pattern.flags), dice, drawn)
    return drawn.get(group, drawn[0])


def _sequence(items: Any, dice: random.Random, drawn: dict[int, str]) -> str:
    return "".join(_one(kind, value, dice, drawn) for kind, value in items)


def _one(kind: Any, value: Any, dice: random.Random, drawn: dict[int, str]) -> str:
    if kind is code.LITERAL:
        return chr(value)
    if kind is code.NOT_LITERAL:
        return dice.choice([c for c in PRINTABLE if ord(c) != value])
    if kind is code.ANY:
        return dice.choice(_WORD)
    if kind is code.IN:
        return dice.choice(_members(value))
    if kind is code.BRANCH:
        return _sequence(dice.choice(value[1]), dice, drawn)
    if kind is code.SUBPATTERN:
        text = _sequence(value[3], dice, drawn)
        drawn[value[0] or -1] = text
        return text
    if kind in (code.MAX_REPEAT, code.MIN_REPEAT):
        least, most, body = value
        count = dice.randint(*_bounds(int(least), most))
        return "".join(_sequence(body, dice, drawn) for _ in range(count))
    if kind is code.GROUPREF:
        return drawn.get(value, "")
    return ""  # boundaries and look-arounds


def _bounds(least: int, most: Any) -> tuple[int, int]:
    if most is code.MAXREPEAT:
        return max(least, OPEN[0]), max(least, OPEN[1])
    return least, min(int(most), least + OPEN[1])


def _members(items: Any) -> list[str]:
    found: set[str] = set()
    for kind, value in items:
        if kind is code.LITERAL:
            found.add(chr(value))
        elif kind is code.RANGE:
            found.update(chr(number) for number in range(value[0], min(value[1], 126) + 1))
        elif kind is code.CATEGORY:
            found.update(_CATEGORIES[value])
    if items[0][0] is code.NEGATE:
        found = set(PRINTABLE) - found
    return sorted(c for c in found if c.isprintable() and c.isascii()) or ["x"]
