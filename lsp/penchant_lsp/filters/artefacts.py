"""Removes what a model says around its code: marks of its training format, fences, thoughts.

Models that were tuned for conversation wrap code in Markdown; others go on past their own end mark.
Also refuses what nobody could see before accepting it.
"""

import re
import unicodedata
from pathlib import PurePosixPath

from penchant_lsp.filters.surroundings import Surroundings

_MARK = re.compile(
    r"<\|[\w ./-]{1,40}\|>|<\uff5c[^\uff5c\n]{1,40}\uff5c>"
    r"|</?(?:fim|file|repo|commit|issue|jupyter|gh)_[a-z_]{2,20}>"
    r"|<(?:EOT|PRE|SUF|MID|END|s)>|</s>|\[/?INST\]|\u2581<"
)
_THOUGHT = re.compile(r"\s*<think(?:ing)?>.*?(?:</think(?:ing)?>\s*|\Z)", re.DOTALL)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[\w+#.-]*[ \t]*$", re.MULTILINE)
_COMMENT = re.compile(
    r"\s*(?:#|//|--|;|/\*|<!--|%)\s*(?:path|file|filename)?:?\s*(.*?)\s*(?:\*/|-->)?$",
    re.IGNORECASE,
)
PROSE = frozenset({"markdown", "restructuredtext", "plaintext", "mdx", "quarto"})


def unseen(text: str, _around: Surroundings) -> str:
    """Refuse text with characters that cannot be seen: what is shown must be what is accepted.

    Controls, bidirectional marks, zero-width characters and surrogates, see Trojan Source
    (Boucher and Anderson, 2021).
    """
    for character in text:
        if character in "\n\t" or " " <= character <= "~":
            continue
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            return ""
    return text


def thoughts(text: str, _around: Surroundings) -> str:
    """Remove what a reasoning model thought aloud before its code."""
    return _THOUGHT.sub("", text, count=1) if _THOUGHT.match(text) else text


def marks(text: str, around: Surroundings) -> str:
    """Cut at the first mark of a training format, unless the file itself speaks of such marks."""
    found = _MARK.search(text)
    if found is None:
        return text
    written = around.above + around.left + around.right + around.below
    return text if _MARK.search(written) else text[: found.start()]


def fences(text: str, around: Surroundings) -> str:
    """Take code out of a Markdown fence; what follows the fence is talk."""
    if around.language in PROSE:
        return text
    fence = _FENCE.search(text)
    if fence is None:
        return text
    if text[: fence.start()].strip():
        return text[: fence.start()].rstrip("\n")
    inside = text[fence.end() :].removeprefix("\n")
    end = _FENCE.search(inside)
    return inside if end is None else inside[: end.start()].rstrip("\n")


def path_line(text: str, around: Surroundings) -> str:
    """Remove a first line that only names the file: some models were taught on such headers."""
    first, end, rest = text.partition("\n")
    if not around.begins_line or not around.path or not end:
        return text
    found = _COMMENT.match(first)
    names = {around.path, PurePosixPath(around.path).name}
    return rest.lstrip("\n") if found and found.group(1) in names else text
