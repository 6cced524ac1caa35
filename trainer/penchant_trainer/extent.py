"""Cuts what was written instead to the extent that can be compared with a suggestion.

A developer who rejects one line may go on to write twenty: a model that saw all of them as "chosen"
would learn to be long. So both sides end at the same kind of place: after as many lines as the
suggestion has. Pure functions of texts.
"""

import math

MAX_LOG_LENGTH_RATIO = math.log(3)
MIN_CHARS = 2


def cut_to_extent(text: str, suggestion: str) -> str:
    """Return the head of ``text`` with at most as many lines as ``suggestion``.

    A cut text ends at the end of a line, with a newline only if the suggestion ended so too.
    """
    lines = suggestion.rstrip("\n").count("\n") + 1
    kept = "\n".join(text.split("\n")[:lines]).rstrip("\n")
    return kept + "\n" if suggestion.endswith("\n") and text.startswith(kept + "\n") else kept


def comparable(chosen: str, rejected: str) -> bool:
    """Whether two texts differ in more than white space at their ends and are of similar length.

    The bound on the length ratio is a factor of 3 either way; texts of one character teach nothing.
    """
    a, b = chosen.strip(), rejected.strip()
    if a == b or len(a) < MIN_CHARS or not b:
        return False
    short = min(len(a), len(b)) < 8  # one short word against another: the ratio means little
    return abs(math.log(len(a) / len(b))) <= MAX_LOG_LENGTH_RATIO * (1.5 if short else 1)


def ends_here(text: str, suffix: str) -> bool:
    """Whether a text that a developer wrote stops at a place where a completion should stop.

    True at the end of a line; in the middle of one, when the rest of the line was there already.
    """
    rest_of_line = suffix.split("\n", 1)[0].strip()
    return bool(text.strip()) and bool(rest_of_line or not text.endswith((" ", "\t")))
