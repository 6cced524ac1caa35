"""Whether a text parses where it was put; Python only, everything else is not judged.

A file under the cursor is often unfinished, so the question is never "does it parse?" alone but
"does it parse no worse than with the other text?". Knows nothing of signals.
"""

from penchant_core.syntax import parses


def parses_in_place(prefix: str, middle: str, suffix: str, language: str) -> bool | None:
    """Whether the whole file parses with ``middle`` in place; None for other languages."""
    if language != "python":
        return None
    return parses(prefix + middle + suffix)


def no_worse(prefix: str, suffix: str, new: str, old: str, language: str) -> bool:
    """Whether ``new`` parses in place wherever ``old`` did (True where nothing can be said)."""
    return bool(
        parses_in_place(prefix, new, suffix, language) is not False
        or not parses_in_place(prefix, old, suffix, language)
    )
