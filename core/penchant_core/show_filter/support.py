"""What the rest of the file says for a suggestion: pairs of words it holds, lines like this one.

A small model repeats what it saw and invents the rest; what is invented from names that stand next
to each other nowhere is seldom right. Counts and shares only. Knows nothing of weights.
"""

import re
from functools import lru_cache
from itertools import pairwise

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from penchant_core.show_filter.features import Features

_MARK = re.compile(r"\w+|[^\w\s]")
_ABOVE, _BELOW = 3000, 1000
_LINES, _NEAREST = 40, 10
_LONGEST = 200
_MOST = 8.0

_Seen = tuple[frozenset[tuple[str, ...]], frozenset[tuple[str, ...]], tuple[str, ...]]


def of_support(prefix: str, suffix: str, text: str) -> Features:
    """Return how far the first line of a suggestion is made of what stands around it."""
    head, _, left = prefix[-_ABOVE:].rpartition("\n")
    pairs, triples, lines = _around(head, suffix[:_BELOW].partition("\n")[2])
    first = text.partition("\n")[0][:_LONGEST]
    before = _MARK.findall(left[-_LONGEST:])[-2:]
    marks = before + _MARK.findall(first)
    two = _pairs(marks)[max(0, len(before) - 1) :]  # those that end in the suggestion
    three = _triples(marks)[max(0, len(before) - 2) :]
    new = sum(pair not in pairs for pair in two)
    line = (left[-_LONGEST:] + first).strip()
    return {
        "new_pairs": min(_MOST, float(new)),
        "known_pairs": 1 - new / len(two) if two else 0.5,
        "known_triples": sum(t in triples for t in three) / len(three) if three else 0.5,
        "like_a_line": _like(line, lines),
        "like_a_near_line": _like(line, lines[-_NEAREST:]),
    }


def _pairs(marks: list[str]) -> list[tuple[str, ...]]:
    return list(pairwise(marks))


def _triples(marks: list[str]) -> list[tuple[str, ...]]:
    return list(zip(marks, marks[1:], marks[2:], strict=False))


# A place is asked about at every keystroke of a burst; what stands around it stays the same.
@lru_cache(maxsize=2)
def _around(above: str, below: str) -> _Seen:
    marks = [*_MARK.findall(above), "\n", *_MARK.findall(below)]
    near = (*below.split("\n"), *above.split("\n"))
    lines = tuple(line.strip()[:_LONGEST] for line in near if line.strip())
    return frozenset(_pairs(marks)), frozenset(_triples(marks)), lines


def _like(line: str, lines: tuple[str, ...]) -> float:
    """Return how like one of the last lines it is (0 to 1)."""
    found = process.extractOne(
        line, lines[-_LINES:], scorer=Levenshtein.normalized_similarity, score_cutoff=0.2
    )
    return float(found[1]) if found else 0.0
