"""Walks through an author's commits, oldest first, and stops where they typed.

Each stop is a place: a cursor in the true state of the repository at that moment, and what the
author wrote there. The filters are those of ``penchant bootstrap``. Knows nothing of models.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from penchant_trainer.history.lessons import LANGUAGES, refusal_of
from penchant_trainer.history.moments import Moment, moments
from penchant_trainer.history.repository import Change, Repository

COMMITS, LEAST_PER_COMMIT = 25, 8
PIECE_LINES = 6


@dataclass(frozen=True, slots=True)
class Place:
    """A cursor at a time (epoch s), and what the author wrote from there on.

    ``truth`` is the rest of the line or of a short block: what the figures compare with.
    ``written`` goes on to the end of what that hunk added: what the policy compares a suggestion
    with. ``left`` and ``language`` describe the line and the file.
    """

    id: str
    commit: str
    at: float
    path: str
    language: str
    prefix: str
    suffix: str
    truth: str
    written: str

    @property
    def left(self) -> str:
        """What stands in the cursor's line before it."""
        return self.prefix.rpartition("\n")[2]

    @property
    def many(self) -> bool:
        """Whether a suggestion may go on over the line's end (served so at a line's beginning)."""
        return not self.left.strip()

    @property
    def group(self) -> tuple[str, str]:
        """The commit and the file: places that share them are not independent."""
        return self.commit, self.path


@dataclass(frozen=True, slots=True)
class Piece:
    """Some lines that the author added at a time (epoch s) to a file."""

    at: float
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Walk:
    """Places and the pieces of everything added, oldest first, and counts of what was passed."""

    places: tuple[Place, ...]
    pieces: tuple[Piece, ...]
    commits: int
    left_out: dict[str, int]


def walk(
    repository: Repository,
    authors: Sequence[str],
    *,
    most: int,
    before: float = float("inf"),
) -> Walk:
    """Return the newest ``most`` places of these authors in commits older than ``before``.

    Of a commit with many places only so many are drawn that about ``COMMITS`` commits are walked:
    places of one commit say the same again, and one large commit should not own the figures.
    No place is older than one that its file's text may come from (see ``Repository.times``).

    Raises TrainError when the history cannot be read.
    """
    times = repository.times()
    every = (replace(each, at=times[each.id]) for each in repository.commits(authors))
    commits = sorted((each for each in every if each.at < before), key=lambda each: each.at)
    usual = repository.usual_size(commits)
    left_out: dict[str, int] = {}
    found: list[list[Place]] = []
    pieces: list[Piece] = []
    count = 0
    with repository.blobs() as blobs:
        for commit in reversed(commits):
            if count >= most:
                break
            if repository.size(commit) > usual:
                left_out["giant commit"] = left_out.get("giant commit", 0) + 1
                continue
            changes = _usable(repository.changes(commit, tuple(LANGUAGES), blobs), left_out)
            pieces += [piece for change in changes for piece in _pieces(change)]
            stops = [_place(change, moment) for change in changes for moment in moments(change)]
            if stops:
                stops = _thinned(stops, max(LEAST_PER_COMMIT, most // COMMITS))
                found.append(stops)
                count += len(stops)
    ordered = [place for stops in reversed(found) for place in stops]
    pieces.sort(key=lambda piece: piece.at)
    return Walk(tuple(ordered[-most:]), tuple(pieces), len(found), left_out)


def busiest_other(repository: Repository, authors: Sequence[str]) -> str | None:
    """Return the address with the most commits that is none of ``authors``, if there is one."""
    own = {author.casefold() for author in authors}
    others = (name for name in repository.authors() if name.casefold() not in own)
    return next((name for name in others if repository.commits([name])), None)


def _usable(changes: Sequence[Change], left_out: dict[str, int]) -> list[Change]:
    kept = []
    for change in changes:
        why = refusal_of(change)
        if why is None:
            kept.append(change)
        else:
            left_out[why] = left_out.get(why, 0) + 1
    return kept


def _pieces(change: Change) -> list[Piece]:
    """Return what a commit added to a file, in pieces of ``PIECE_LINES`` lines."""
    lines = change.after.split("\n")
    found = []
    for hunk in change.hunks:
        end = hunk.new_start + hunk.new_count
        for start in range(hunk.new_start, end, PIECE_LINES):
            text = "\n".join(lines[start : min(end, start + PIECE_LINES)])
            if text.strip():
                found.append(Piece(change.commit.at, change.path, text))
    return found


def _thinned(places: list[Place], most: int) -> list[Place]:
    """Return at most ``most`` places of one commit, drawn by its id, in their order."""
    if len(places) <= most:
        return places
    chance = random.Random(places[0].commit)  # noqa: S311 (no secret hangs on it)
    return [places[i] for i in sorted(chance.sample(range(len(places)), most))]


def _place(change: Change, moment: Moment) -> Place:
    suffix = "." + moment.path.rpartition(".")[2]
    return Place(
        moment.id,
        moment.commit,
        moment.at,
        moment.path,
        LANGUAGES.get(suffix, ""),
        moment.prefix,
        moment.suffix,
        moment.truth,
        _written(change, moment),
    )


def _written(change: Change, moment: Moment) -> str:
    """Return what the author wrote from the cursor to the end of the hunk."""
    row = moment.prefix.count("\n")
    end = next(
        hunk.new_start + hunk.new_count
        for hunk in change.hunks
        if hunk.new_start <= row < hunk.new_start + hunk.new_count
    )
    lines = change.after.split("\n")[row:end]
    column = len(moment.prefix.rpartition("\n")[2])
    return "\n".join([lines[0][column:], *lines[1:]]).rstrip()
