"""Objective ``fresh``: the text repeats neither what stands around it nor itself.

Models like to write the next line again that is already there. Lines that say little (a bracket,
``else:``, ``pass``) may stand twice, and so may a line with others in between; several lines are
looked for a little farther away. Any language; a pure function of texts.
"""

import re

from penchant_trainer.metrics import repeats
from penchant_trainer.rewards.check import Check

LINES = 3
"""How many lines before and after are compared with a text of several lines; else the next."""

_WORDS = re.compile(r"\w+")
_LEAST_CHARS = 8


def fresh(prefix: str, text: str, suffix: str) -> float:
    """Return 1 minus the share of the text's telling lines that stand around it; 0 for loops."""
    if repeats(text):
        return 0.0
    if _doubles_rest(text, suffix):
        return 0.0
    head, tail = prefix.rpartition("\n")[2], suffix.partition("\n")[0]
    lines = [line.strip() for line in (head + text + tail).split("\n")]
    telling = [line for line in lines if _telling(line)]
    if not telling:
        return 1.0
    reach = LINES if len(telling) > 1 else 1
    around = {*_near(prefix.split("\n")[:-1][::-1], reach), *_near(suffix.split("\n")[1:], reach)}
    return 1.0 - sum(line in around for line in telling) / len(telling)


def _near(lines: list[str], reach: int) -> list[str]:
    return [line.strip() for line in lines if line.strip()][:reach]


def _telling(line: str) -> bool:
    code = line.partition("#")[0].partition("//")[0].strip()
    return len(code) >= _LEAST_CHARS and len(_WORDS.findall(code)) >= 2


def _doubles_rest(text: str, suffix: str) -> bool:
    """Whether the text ends with the rest of the line, which is there already."""
    rest = suffix.partition("\n")[0].rstrip()
    return _telling(rest.strip()) and text.rstrip().endswith(rest)


FRESH = Check("fresh", fresh, language="")
