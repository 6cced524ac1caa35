"""What the show filter sees of a place and of a suggestion there: names mapped to numbers.

Pure, fast (well under a millisecond at the longest window) and free of text: a feature is a
count, a share or a yes. The same functions read a live request and a stored signal. Source of the
choice: the features of Copilot's filter as published in arXiv 2405.14753, and what an engine says
of its own text. Knows nothing of weights.
"""

import math
import re
from functools import lru_cache

from penchant_core.show_filter.certainty import certainty_of, right_chars
from penchant_core.signals import HORIZONS, Candidate

Features = dict[str, float]

_WORD = re.compile(r"[^\W\d]\w*")
_MARK = re.compile(r"\w+|[^\w\s]")
_OPENERS, _CLOSERS = "([{", ")]}"
_CLASSES = (
    ("(", "bracket"), ("[", "bracket"), ("{", "bracket"), (")", "closer"), ("]", "closer"),
    ("}", "closer"), ("'", "quote"), ('"', "quote"), ("`", "quote"), (":", "colon"),
    (",", "comma"), (".", "dot"), ("=", "equals"), ("@", "at"), ("#", "hash"),
)  # fmt: skip
_CLASS = dict(_CLASSES)
_NEAR_LINES = 12


def of_place(prefix: str, suffix: str, language: str) -> Features:
    """Return what is known before anything is asked."""
    left = prefix.rpartition("\n")[2]
    right = suffix.partition("\n")[0]
    indentation = len(left) - len(left.lstrip(" \t"))
    word = len(left) - len(
        left.rstrip("_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    )
    code = left.lstrip()
    return {
        f"language={language[:24]}": 1.0,
        f"last={_last(left)}": 1.0,
        f"right={_right(right)}": 1.0,
        "left_chars": math.log1p(len(left)),
        "indentation": math.log1p(indentation),
        "word_chars": math.log1p(word),
        "offset": len(prefix) / max(1, len(prefix) + len(suffix)),
        "prefix_chars": math.log1p(len(prefix)),
        "open_brackets": float(_depth(left) > 0),
        "in_string": float(left.count('"') % 2 or left.count("'") % 2),
        "in_comment": float(code.startswith(("#", "//", "*", '"""'))),
        "in_import": float(code.startswith(("import ", "from ", "use ", "#include"))),
        "after_blank": float(prefix.endswith("\n\n") or not prefix.strip()),
    }


def of_suggestion(prefix: str, suffix: str, shown: Candidate) -> Features:
    """Return what is known once the engine has written ``shown``."""
    text = shown.text
    lines = text.split("\n")
    sure = shown.logprob is not None and math.isfinite(shown.logprob)
    total = max(-200.0, shown.logprob) if sure and shown.logprob is not None else 0.0
    names = set(_WORD.findall(text))
    left = prefix.rpartition("\n")[2]
    return {
        "logprob_known": float(sure),
        "logprob": math.log1p(-min(0.0, total)),
        "logprob_per_char": min(0.0, total) / (len(text) + 1),
        "logprob_per_mark": min(0.0, total) / (len(_MARK.findall(text)) + 1),
        "chance": math.exp(min(0.0, total)) if sure else 0.0,
        "chars": math.log1p(len(text)),
        "lines": math.log1p(len(lines)),
        "stopped": float(shown.finish_reason == "stop"),
        "names": float(bool(names)),
        "known_names": len(names & _names(prefix, suffix)) / len(names) if names else 0.5,
        "balanced": float(_balanced(text)),
        "line_balanced": float(_balanced(left + lines[0])),
        "written_near": float(bool(text.strip()) and text.strip() in prefix[-2000:]),
        "repeats_near": float(_whole(left, lines[0]) in _near(prefix)),
        "repeats_next": float(_whole(left, lines[0]) in _following(suffix)),
        "opens_block": float(text.rstrip().endswith((":", "{", "(", "["))),
        **_of_beginning(shown),
    }


def _of_beginning(shown: Candidate) -> Features:
    """Return how sure the engine was of the first few characters, and of how many of them."""
    sure = certainty_of(shown.certainty, shown.logprob, len(shown.text))
    if not sure:
        return {}
    right = right_chars(sure, len(shown.text))
    found = {
        "right_chars": math.log1p(right),
        "right_share": right / max(1, min(len(shown.text), HORIZONS[-1])),
    }
    for horizon, log in zip(HORIZONS, sure, strict=True):
        found[f"sure_{horizon}"] = math.exp(log)
        found[f"doubt_{horizon}"] = math.log1p(-log)
    return found


def _last(left: str) -> str:
    if not left.strip():
        return "indentation" if left else "line_start"
    last = left[-1]
    if last.isspace():
        before = left.rstrip()[-1]
        return "space_after_" + (_CLASS.get(before, "word" if before.isalnum() else "sign"))
    if last.isalnum() or last == "_":
        return "word"
    return _CLASS.get(last, "sign")


def _right(right: str) -> str:
    rest = right.strip()
    if not rest:
        return "nothing"
    return "closers" if set(rest) <= set(")]}>\"'`;,:") else "text"


def _depth(text: str) -> int:
    return sum((c in _OPENERS) - (c in _CLOSERS) for c in text)


def _balanced(text: str) -> bool:
    return _depth(text) == 0 and text.count('"') % 2 == 0 and text.count("'") % 2 == 0


# A place is asked about at every keystroke of a burst with almost the same text: one entry each
# for the window that is being typed in is enough.
@lru_cache(maxsize=2)
def _names(prefix: str, suffix: str) -> frozenset[str]:
    return frozenset(_WORD.findall(prefix[-4000:])) | frozenset(_WORD.findall(suffix[:1000]))


def _near(prefix: str) -> set[str]:
    above = prefix[-2000:].split("\n")[:-1]
    return {line.strip() for line in above[-_NEAR_LINES:] if line.strip()}


def _following(suffix: str) -> set[str]:
    below = suffix[:2000].split("\n")[1:]
    return {line.strip() for line in below[:_NEAR_LINES] if line.strip()}


def _whole(left: str, first: str) -> str:
    return (left + first).strip()
