"""Refuses what is not worth a look: nothing, one mark, a comment without a word."""

import re

from penchant_lsp.filters.surroundings import Surroundings

_EMPTY_COMMENT = re.compile(r"\s*(?:#+|//+|/\*+\s*\*+/|--|<!--\s*-->|;+|%+)\s*")


def nothing(text: str, _around: Surroundings) -> str:
    """Refuse blanks."""
    return text if text.strip() else ""


def tiny(text: str, _around: Surroundings) -> str:
    """Refuse one single mark: typing it is quicker than reading it."""
    bare = text.strip()
    return "" if len(bare) == 1 and not bare.isalnum() else text


def empty_comment(text: str, around: Surroundings) -> str:
    """Refuse a comment without a word."""
    whole = (around.left + text).strip() if around.begins_line else text
    return "" if whole.strip() and _EMPTY_COMMENT.fullmatch(whole) else text
