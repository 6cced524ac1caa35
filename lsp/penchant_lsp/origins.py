"""Who made a change: the developer, an undo, a formatter, a rename, a paste, or something outside.

Pure guesses from the edits of one ``didChange`` and the texts before and after, made sure by the
client's own reason where it gives one. Wrong guesses teach wrong habits, so whatever is doubtful is
not called human. Thresholds follow Zed, Copilot and Cody as far as those are public; the one for
pastes is a guess. Knows nothing of suggestions.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from penchant_lsp.documents import Edit
from penchant_lsp.regions import minimal
from penchant_lsp.similarity import line_similarity, tokens

PASTE_CHARS = 40
NAME_CHARS = 8
EXTERNAL_EDITS = 200
ALIKE = 0.5
_WORD = re.compile(r"\w+")
_NAME = re.compile(r"\A\s*[\w.]*(?:[(\[{]?[)\]}]?|=|:)\s*\Z")
_WHOLE_WORD = re.compile(r"\A\w+\Z")


class Origin(StrEnum):
    """Who made a change."""

    HUMAN = "human"
    UNDO = "undo"
    REDO = "redo"
    FORMATTER = "formatted"
    RENAME = "renamed"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class Batch:
    """One ``didChange``: its edits, the texts around it, and what the client said of it.

    ``outside``: the disk says that it may have come from there.
    """

    edits: Sequence[Edit]
    before: str
    after: str
    whole: bool = False
    reason: str | None = None
    outside: bool = False


def origin(batch: Batch) -> Origin:
    """Return who made the change, as far as can be told without its history."""
    if batch.reason in set(Origin):
        return Origin(batch.reason)
    if _formatted(batch):
        return Origin.FORMATTER
    if _external(batch):
        return Origin.EXTERNAL
    if renamed(batch) is not None:
        return Origin.RENAME
    return Origin.HUMAN


def renamed(batch: Batch) -> tuple[str, str] | None:
    """Return old and new name if one identifier was replaced in two places or more."""
    if len(batch.edits) < 2 or len({edit.text for edit in batch.edits}) != 1:
        return None
    text = batch.before
    old: set[str] = set()
    new: set[str] = set()
    for edit in batch.edits:
        # Offsets are those of the moment of the edit; a rename's edits come last first or first
        # first, so the whole word is read from the text as it was then.
        start, end = _word_around(text, edit.start, edit.end)
        old.add(text[start:end])
        text = text[: edit.start] + edit.text + text[edit.end :]
        after = end + len(edit.text) - (edit.end - edit.start)
        new.add(text[start:after])
    if len(old) != 1 or len(new) != 1 or all(e.start == e.end for e in batch.edits):
        return None
    one, other = old.pop(), new.pop()
    is_name = _WHOLE_WORD.match(one) and _WHOLE_WORD.match(other)
    return (one, other) if is_name and one != other else None


def pasted(text: str) -> bool:
    """Whether an insertion is larger than what a person types at once."""
    return bool(text.strip()) and (len(text) > PASTE_CHARS or "\n" in text.strip())


def foreign(text: str) -> bool:
    """Whether an insertion is neither typed nor a name chosen from a list: a paste, a snippet,
    another tool's doing."""
    return pasted(text) or (len(text) >= NAME_CHARS and not _NAME.match(text))


def keystroke(text: str) -> bool:
    """Whether an insertion is what one key does: a character, a pair, a line end, an indent."""
    return len(text) <= 1 or not text.strip() or text in ("()", "[]", "{}", '""', "''", "``", "<>")


def _external(batch: Batch) -> bool:
    if len(batch.edits) > EXTERNAL_EDITS:
        return True
    total = len(batch.before)
    covers = any(edit.start == 0 and edit.end >= total > 0 for edit in batch.edits)
    if not covers:
        return False
    small = minimal(Edit(0, total, batch.after), batch.before)
    mostly = small.end - small.start > ALIKE * total
    return mostly and line_similarity(batch.before, batch.after) < ALIKE


def _formatted(batch: Batch) -> bool:
    if len(batch.edits) < 2 and not batch.whole and not batch.outside:
        return False
    if batch.before == batch.after:
        return False
    if all(e.start == e.end and e.text == batch.edits[0].text for e in batch.edits):
        return False  # the same keystroke at several cursors
    return _tokens_of_change(batch.before, batch.after)


def _tokens_of_change(before: str, after: str) -> bool:
    """Whether the lines that differ hold the same tokens."""
    one, other = before.split("\n"), after.split("\n")
    head = 0
    while head < min(len(one), len(other)) and one[head] == other[head]:
        head += 1
    tail = 0
    while tail < min(len(one), len(other)) - head and one[-1 - tail] == other[-1 - tail]:
        tail += 1
    mine = "\n".join(one[head : len(one) - tail])
    theirs = "\n".join(other[head : len(other) - tail])
    return tokens(mine) == tokens(theirs)


def _word_around(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and _WORD.fullmatch(text[start - 1]):
        start -= 1
    while end < len(text) and _WORD.fullmatch(text[end]):
        end += 1
    return start, end
