"""Objective ``fresh``: the text repeats neither what stands around it nor itself.

Models like to write the next line again that is already there. Lines that say little (a bracket,
``else:``, ``pass``) may stand twice. Any language; a pure function of texts.
"""

import re

from penchant_trainer.metrics import repeats
from penchant_trainer.rewards.check import Check

LINES = 3
"""How many lines before and after are compared."""

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
    around = {*_near(prefix.split("\n")[:-1][::-1]), *_near(suffix.split("\n")[1:])}
    return 1.0 - sum(line in around for line in telling) / len(telling)


def _near(lines: list[str]) -> list[str]:
    return [line.strip() for line in lines if line.strip()][:LINES]


def _telling(line: str) -> bool:
    return len(line) >= _LEAST_CHARS and len(_WORDS.findall(line)) >= 2


def _doubles_rest(text: str, suffix: str) -> bool:
    """Whether the text ends with the rest of the line, which is there already."""
    rest = suffix.partition("\n")[0].rstrip()
    return _telling(rest.strip()) and text.rstrip().endswith(rest)


FRESH = Check("fresh", fresh, language="")
