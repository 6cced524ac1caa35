"""How alike two pieces of code are: tokens, equality up to layout, kept share.

Pure. "Equal up to layout" ignores white space, the kind of quotes and trailing commas, because
formatters change exactly those. The kept share is the longest common subsequence of tokens over the
tokens of the suggestion (as in Zed's kept rate). Knows nothing of suggestions.
"""

import re

TOKEN_LIMIT = 4000

_TOKEN = re.compile(r"\w+|[^\w\s]")
_CLOSING = frozenset(")]}")


def tokens(text: str) -> list[str]:
    """Return words and single other characters, with one kind of quote, no trailing commas."""
    found = [t if t not in "'`" else '"' for t in _TOKEN.findall(text)]
    return [
        each
        for index, each in enumerate(found)
        if each != "," or index + 1 == len(found) or found[index + 1] not in _CLOSING
    ]


def same_code(one: str, other: str) -> bool:
    """Whether the two differ in layout only."""
    return one == other or tokens(one) == tokens(other)


def kept_share(suggestion: str, final: str, renames: dict[str, str] | None = None) -> float:
    """Return which share of the suggestion's tokens is still there, in order (0 to 1).

    ``renames`` maps identifiers that were renamed everywhere: they count as kept.
    """
    from rapidfuzz.distance import LCSseq

    renames = renames or {}
    proposed = [renames.get(token, token) for token in tokens(suggestion)[:TOKEN_LIMIT]]
    if not proposed:
        return 0.0
    left = tokens(final)[: 4 * TOKEN_LIMIT]
    return float(LCSseq.similarity(proposed, left)) / len(proposed)


def kept_characters(suggestion: str, final: str) -> int:
    """Return how many characters of the suggestion are still there, in order."""
    from rapidfuzz.distance import LCSseq

    if suggestion == final:
        return len(suggestion)
    return int(LCSseq.similarity(suggestion, final))


def line_similarity(one: str, other: str) -> float:
    """Return the share of lines that two texts have in common (0 to 1), order ignored."""
    from collections import Counter

    mine, theirs = Counter(one.split("\n")), Counter(other.split("\n"))
    longest = max(mine.total(), theirs.total())
    return (mine & theirs).total() / longest if longest else 1.0
