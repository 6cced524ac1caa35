"""Objective ``parses``: the file is valid Python with the text in it, or no worse than without it.

A file under the cursor is often unfinished. A text fails when nothing that follows could mend it,
or when the file is whole without it or with something plain in its place; a text that plainly goes
on (it ends with an opening bracket, a colon, an operator) is not judged. Pure; nothing is run.
"""

from functools import lru_cache

from penchant_trainer.rewards.check import Check
from penchant_trainer.rewards.placement import mended_head, placed, viable

_GOES_ON = (*"([{,:\\=+-*/%|&<>.", " and", " or", " not", " in", " if", " else", " is")

_PLAIN = (
    "", "_", "_)", "_:", "_]", "_}", "pass", "(): pass", "_ = 0", "if _:", "def _():", "and _",
    "and _)", "and _:", "'", '"', '"""',
)  # fmt: skip
"""What may stand in the text's place to see whether the rest of the file is whole."""


def parses(prefix: str, text: str, suffix: str) -> float | None:
    """Return 1 when it parses, 0 when the text is at fault, None when that cannot be told."""
    if placed(prefix, text, suffix):
        return 1.0
    head = mended_head(prefix)
    if head is None:
        return None
    if not viable(head + text) and not viable(head + text + suffix.split("\n", 1)[0]):
        return 0.0
    return 0.0 if not _goes_on(prefix, text, suffix) and _sound(prefix, suffix) else None


@lru_cache(maxsize=256)  # several texts stand at one place
def _sound(prefix: str, suffix: str) -> bool:
    """Whether something plain in the text's place, or nothing at all, makes the file parse."""
    return any(placed(prefix, plain, suffix) for plain in _PLAIN)


def _goes_on(prefix: str, text: str, suffix: str) -> bool:
    """Whether a text plainly wants more after it, which is not there yet."""
    line = (prefix + text.rstrip()).split("\n")[-1]
    code = line.split("#")[0].rstrip()
    quotes = any(text.count(mark) % 2 for mark in ('"""', "'''"))
    if code.endswith(":") and _depth(suffix.partition("\n")[2].lstrip("\n")) > _depth(line):
        return False  # the block is there already
    return quotes or code.endswith(_GOES_ON)


def _depth(text: str) -> int:
    line = text.partition("\n")[0]
    return len(line) - len(line.lstrip()) if line.strip() else 0


PARSES = Check("parses", parses)
