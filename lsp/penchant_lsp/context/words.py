"""Names and words of code: what sources compare places by.

Pure. Knows no language's grammar: a name is a run of letters, digits and underscores.
"""

import re
from collections import Counter
from collections.abc import Iterable, Set

_NAME = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*)(\(?)")
_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_COMMON = frozenset((
    "if", "else", "elif", "for", "while", "in", "is", "not", "and", "or", "return", "def",
    "class", "import", "from", "self", "this", "new", "let", "const", "var", "function", "func",
    "fn", "pub", "impl", "use", "struct", "enum", "interface", "type", "public", "private",
    "static", "void", "int", "true", "false", "none", "null", "nil", "try", "except", "catch",
    "finally", "with", "as", "async", "await", "yield", "lambda", "pass", "raise", "throw",
    "str", "bool", "float", "string", "len", "range", "print", "super", "cls", "match", "case",
    "break", "continue",
))  # fmt: skip
_NEAR_CHARS = 1500
_AFTER_CHARS = 300


def words(text: str) -> Counter[str]:
    """Return the words of names, in small letters: ``getUserName`` has three."""
    return Counter(part.lower() for part in _PART.findall(text))


def names_near(prefix: str, suffix: str) -> dict[str, float]:
    """Return the (dotted) names around a cursor with weights: the nearer, the heavier (0 to 1].

    A name that is called ends with ``(``.
    """
    found: dict[str, float] = {}
    near = prefix[-_NEAR_CHARS:]
    for match in _NAME.finditer(near):
        distance = len(near) - match.end()
        _note(found, match, 1.0 / (1.0 + distance / 400))
    for match in _NAME.finditer(suffix[:_AFTER_CHARS]):
        _note(found, match, 0.5 / (1.0 + match.start() / 200))
    return found


def _note(found: dict[str, float], match: re.Match[str], weight: float) -> None:
    name = match[1] + match[2]
    if name.lower() not in _COMMON and len(name) > 1:
        found[name] = max(weight, found.get(name, 0.0))


def shared(some: Set[str], others: Set[str]) -> float:
    """Return the share of ``some`` that is among ``others`` (0 to 1)."""
    return len(some & others) / len(some) if some else 0.0


def telling_lines(lines: Iterable[str]) -> set[str]:
    """Return the lines, without indentation, that tell one place from another."""
    return {line.strip() for line in lines if len(line.strip()) >= 4}
