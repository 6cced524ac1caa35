"""Turns what a commit added into moments of typing: a cursor, what stood around it, what came next.

The text before the cursor is the file after the commit, up to there: lines are taken to be written
from top to bottom. The text after it is the file *before* the commit, from where the hunk's old
lines end: nothing that was written later is ever in a moment. Pure; the random choice of cursors
hangs on commit, path and line alone. Knows nothing of git.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from penchant_trainer.history.repository import Change, Hunk
from penchant_trainer.pretrain.cursors import Case, column

LEAST_CHARS, MOST_LINES = 3, 3
LINES_PER_MOMENT, PER_CHANGE = 3, 12
_CASES: tuple[Case, ...] = ("indentation", "mid_line", "identifier_end", "mid_identifier")


@dataclass(frozen=True, slots=True)
class Moment:
    """A cursor in a file at a time (epoch s); ``truth`` is the rest of the line or block."""

    commit: str
    at: float
    path: str
    prefix: str
    suffix: str
    truth: str
    case: Case

    @property
    def id(self) -> str:
        """A name that is the same whenever the same history is read."""
        return f"git:{self.commit[:16]}:{self.path}:{len(self.prefix)}"


def moments(change: Change) -> list[Moment]:
    """Return the moments of one file of one commit, top to bottom, at most ``PER_CHANGE``."""
    found = [m for hunk in change.hunks for m in _in_hunk(change, hunk)]
    chance = random.Random(f"{change.commit.id}{change.path}")  # noqa: S311 (no secret)
    if len(found) > PER_CHANGE:
        found = sorted(chance.sample(found, PER_CHANGE), key=lambda m: len(m.prefix))
    return found


def _in_hunk(change: Change, hunk: Hunk) -> Iterator[Moment]:
    after, before = change.after.split("\n"), change.before.split("\n")
    seed = f"{change.commit.id}{change.path}{hunk.new_start}"
    chance = random.Random(seed)  # noqa: S311 (no secret hangs on it)
    added = range(hunk.new_start, min(hunk.new_start + hunk.new_count, len(after)))
    usable = [row for row in added if len(after[row].strip()) >= LEAST_CHARS]
    old = set(before[hunk.old_start : hunk.old_start + hunk.old_count])
    typed = [row for row in usable if after[row] not in old]
    for row in sorted(chance.sample(typed, ceil(len(typed) / LINES_PER_MOMENT))):
        moment = _at(change, hunk, row, after, before, chance)
        if moment is not None:
            yield moment


def _at(
    change: Change, hunk: Hunk, row: int, after: list[str], before: list[str], chance: random.Random
) -> Moment | None:
    case = chance.choice(_CASES)
    col = column(after[row], case, chance)
    if col is None:
        return None
    last = row + 1
    if case == "indentation" and chance.random() < 0.2:
        last = min(hunk.new_start + hunk.new_count, row + MOST_LINES)
    truth = "\n".join([after[row][col:], *after[row + 1 : last]]).rstrip()
    if len(truth.strip()) < LEAST_CHARS:
        return None
    prefix = "".join(f"{line}\n" for line in after[:row]) + after[row][:col]
    rest = before[hunk.old_start + hunk.old_count :] if change.before else []
    suffix = "".join(f"\n{line}" for line in rest)
    commit = change.commit
    return Moment(commit.id, commit.at, change.path, prefix, suffix, truth, case)
