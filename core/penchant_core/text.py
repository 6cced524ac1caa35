"""Text that every encoder takes.

A Python string may hold half a UTF-16 pair (an editor cut an emoji in two, or a file name is not
UTF-8). SQLite, HTTP, pydantic and tokenizers all refuse such a string, so it is mended where it
enters. Knows nothing of where text comes from.
"""

import re

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_LONE = re.compile("[\ud800-\udfff]")


def well_formed(text: str) -> str:
    """Return ``text`` with every lone surrogate replaced by U+FFFD; its length stays the same."""
    return text if text.isascii() else _LONE.sub(REPLACEMENT, text)
