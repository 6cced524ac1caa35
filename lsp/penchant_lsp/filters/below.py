"""Cuts what stands under the cursor already: nobody wants a line twice."""

from penchant_lsp.filters.surroundings import Surroundings

_LEAST_SIMILAR = 12
_DIFFERENT = 0.1
_LINES = 3


def lines_below(text: str, around: Surroundings) -> str:
    """Cut before the first line that equals the next one below."""
    following = next(iter(around.lines_below), "")
    if not following:
        return text
    lines = text.split("\n")
    for index, line in enumerate(lines):
        whole = (around.left + line if index == 0 else line).rstrip()
        if whole == following and (index > 0 or around.begins_line):
            return "\n".join(lines[:index])
    return text


def similar_below(text: str, around: Surroundings) -> str:
    """Cut before a long line that is nearly the next one below (a tenth of it differs at most)."""
    following = next(iter(around.lines_below), "")
    lines = text.split("\n")
    for index, line in enumerate(lines):
        whole = around.left + line if index == 0 else line
        if (index or around.begins_line) and similar(whole, following):
            return "\n".join(lines[:index])
    return text


def similar(line: str, following: str) -> bool:
    """Whether a long line is nearly another: a tenth differs at most, blanks at the ends aside."""
    line, following = line.strip(), following.strip()
    if len(following) < _LEAST_SIMILAR:
        return False
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.normalized_distance(line, following, score_cutoff=_DIFFERENT) < _DIFFERENT


def paragraph_below(text: str, around: Surroundings) -> str:
    """Refuse text whose lines all stand within the next three lines below, in order."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    following = [line.strip() for line in around.lines_below[:_LINES]]
    if not lines or not around.begins_line or len(lines) > len(following):
        return text
    starts = range(len(following) - len(lines) + 1)
    # One short line (a bracket, ``pass``) may well be wanted once more.
    if len(lines) == 1 and len(lines[0]) < _LEAST_SIMILAR:
        return text
    return "" if any(following[s : s + len(lines)] == lines for s in starts) else text
