"""A stretch of a document whose ends move with the edits around it.

Pure. The right end grows when something is written at it while the region is ``open``, so that what
the developer writes instead of a suggestion is collected; once the suggestion is in the document
the region is closed, so that the next line is not taken for an edit of it. Knows nothing of
suggestions.
"""

import re
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher

from penchant_lsp.documents import Edit

REFINE_CHARS = 4_000
REFINE_WORK = 50_000
_PIECE = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(slots=True)
class Region:
    """Code points ``start`` to ``end``; ``open`` regions grow at their right end.

    Once its first characters were taken away (``headless``), what is written at the left end of a
    closed region replaces them and belongs to it; so does what is written in the same line at the
    right end once its last characters were (``tailless``).
    """

    start: int
    end: int
    open: bool = True
    headless: bool = False
    tailless: bool = False

    def text(self, document: str) -> str:
        """Return what stands in the region."""
        return document[self.start : self.end]

    def touched_by(self, edit: Edit) -> bool:
        """Whether an edit changes what stands in the region."""
        if self.open:
            before = edit.start < self.start and edit.end == self.start
            return edit.start <= self.end and edit.end >= self.start and not before
        if self.headless and edit.start == edit.end == self.start:
            return True
        if self.tailless and edit.start == edit.end == self.end:
            return "\n" not in edit.text
        return edit.start < self.end and edit.end > self.start

    def move(self, edit: Edit) -> None:
        """Take note of an edit of the document."""
        delta = len(edit.text) - (edit.end - edit.start)
        if not self.touched_by(edit):
            if edit.end <= self.start:
                self.start += delta
                self.end += delta
            return
        if not self.open and edit.start <= self.start < edit.end:
            self.headless = True
        if not self.open and edit.start < self.end <= edit.end:
            self.tailless = True
        inside_start = edit.start >= self.start
        end = self.end + delta if edit.end <= self.end else edit.start + len(edit.text)
        self.start = self.start if inside_start else edit.start
        self.end = max(end, self.start)


def minimal(edit: Edit, removed: str) -> Edit:
    """Return the same edit without what it leaves as it was at both ends."""
    head = _common(removed, edit.text)
    tail = _common(removed[head:][::-1], edit.text[head:][::-1])
    return Edit(
        edit.start + head,
        edit.end - tail,
        edit.text[head : len(edit.text) - tail],
    )


def refined(edit: Edit, removed: str) -> list[Edit]:
    """Split a replacement into the small edits that it is made of, first one first.

    Offsets of each are in the text that the ones before it have left. Clients that send whole
    texts or whole lines are understood this way.
    """
    small = minimal(edit, removed)
    old = removed[small.start - edit.start : len(removed) - (edit.end - small.end)]
    if not old or not small.text:
        return [small]
    if len(old) + len(small.text) <= REFINE_CHARS:
        before, after = _PIECE.findall(old), _PIECE.findall(small.text)
    else:
        before, after = old.splitlines(keepends=True), small.text.splitlines(keepends=True)
    if comparisons(before, after) > REFINE_WORK:
        return [small]
    return _aligned(small.start, before, after)


def comparisons(before: list[str], after: list[str]) -> int:
    """Return how many pairs of equal pieces aligning the two has to look at, and all pieces.

    Blank lines and brackets repeat, and an alignment's cost grows with the square of that.
    """
    mine, theirs = Counter(before), Counter(after)
    return len(before) + len(after) + sum(mine[each] * theirs[each] for each in mine)


def _aligned(offset: int, before: list[str], after: list[str]) -> list[Edit]:
    edits: list[Edit] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone, come = sum(map(len, before[i:j])), "".join(after[k:m])
        if tag != "equal":
            edits.append(Edit(offset, offset + gone, come))
        offset += len(come)
    return edits


def slid(edit: Edit, document: str, to: int) -> Edit:
    """Return an insertion moved left to ``to`` where that makes the same text, else as it is.

    A client that finds changes by comparing texts puts an insertion as far right as it fits.
    """
    if edit.start != edit.end or not to < edit.start <= to + len(edit.text):
        return edit
    between = document[to : edit.start]
    moved = between + edit.text
    if not moved.endswith(between):
        return edit
    return Edit(to, to, moved[: len(edit.text)])


def _common(one: str, other: str) -> int:
    shortest = min(len(one), len(other))
    if one[:shortest] == other[:shortest]:
        return shortest
    low, high = 0, shortest
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
