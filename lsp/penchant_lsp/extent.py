"""Whether a completion may go on over the end of the cursor's line, decided by its syntax.

Pure functions of the line. Knows nothing of models.
"""

import re

_OPENER = re.compile(r"(?:\{|=>|->|\b(?:do|then|else|begin))\s*$")
_SIGNATURE = re.compile(r"\s*(?:async\s+)?(?:def|fn|fun|func)\b")
_NAMED = re.compile(r"\s*[\w.\"']+:$")
_BARE = re.compile(r"\s*(?:else|try|finally|default|do|begin):$")


def multi_line(left: str, right: str) -> bool:
    """Whether a completion at this place of a line may have several lines."""
    if right.strip():
        return False
    return not left.strip() or _opens(left)


def _opens(left: str) -> bool:
    """Whether a block begins where ``left`` ends.

    A colon with something after it, inside brackets or behind a lone name is no block's: it is an
    annotation, a key or a slice, and so is the arrow of a signature.
    """
    if left.endswith(":"):
        whole = all(left.count(a) <= left.count(b) for a, b in ("()", "[]", "{}"))
        return whole and (_NAMED.match(left) is None or _BARE.match(left) is not None)
    found = _OPENER.search(left)
    return found is not None and not ("->" in found.group() and _SIGNATURE.match(left))
