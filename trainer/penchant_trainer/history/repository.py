"""Reads commits out of a git repository: who, when, and which lines they added to which file.

Only git's plumbing is asked, with nothing of the repository's own configuration that could run a
program (external diffs, text conversions, hooks, monitors). Merges, robots and giant commits are
left out: nobody typed them. Knows nothing of cursors and models.
"""

import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

from penchant_core.errors import TrainError
from penchant_trainer.history.blobs import Blobs

MAX_FILE_CHARS = 200_000
_ROBOT = re.compile(
    r"\[bot\]|dependabot|renovate|github-actions|pre-commit-ci|noreply@github", re.I
)
_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_SAFE = (
    "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=false",
    "-c", "log.showSignature=false", "-c", "diff.external=", "-c", "core.pager=cat",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: its id, first parent ('' for a root), author's e-mail and time (epoch s)."""

    id: str
    parent: str
    author: str
    at: float


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that a commit put in: counted from 0, ``old_*`` before and ``new_*`` after it."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int


@dataclass(frozen=True, slots=True)
class Change:
    """A file in a commit: its text before and after, and the hunks from top to bottom."""

    commit: Commit
    path: str
    before: str
    after: str
    hunks: tuple[Hunk, ...]


class Repository:
    """A git repository at ``path``, as it is at the commit ``head`` (default: the newest).

    Raises TrainError when it is none, when there is no such commit, or when git is missing.
    """

    def __init__(self, path: Path, head: str = "HEAD") -> None:
        self.path = path
        self.root = Path(self._git("rev-parse", "--show-toplevel").strip())
        self.head = self._git("rev-parse", "--verify", "--end-of-options", head).strip()

    def own_emails(self) -> tuple[str, ...]:
        """Return the configured user's e-mail address, if there is one."""
        found = self._run("config", "--get", "user.email").stdout.decode(errors="replace").strip()
        return (found,) if found else ()

    def authors(self) -> dict[str, int]:
        """Return how many commits each e-mail address has, the most first."""
        counted: dict[str, int] = {}
        for commit in self._log():
            counted[commit.author] = counted.get(commit.author, 0) + 1
        return dict(sorted(counted.items(), key=lambda item: -item[1]))

    def commits(self, authors: Sequence[str], *, since: float = 0.0) -> list[Commit]:
        """Return the commits of these e-mail addresses, oldest first, merges left out."""
        wanted = {author.casefold() for author in authors}
        found = [
            commit
            for commit in self._log()
            if commit.author.casefold() in wanted
            and commit.at >= since
            and not _ROBOT.search(commit.author)
        ]
        return sorted(found, key=lambda commit: commit.at)

    def times(self) -> dict[str, float]:
        """Return the time (epoch s) of every commit, never earlier than that of an ancestor.

        Authors' clocks and rebases put times out of order; what a commit builds on is older.
        """
        text = self._git("log", "--topo-order", "--reverse", "--format=%H%x09%P%x09%at", self.head)
        found: dict[str, float] = {}
        for line in text.splitlines():
            name, parents, at = line.split("\t")
            before = (found[parent] for parent in parents.split() if parent in found)
            found[name] = max([float(at), *before])
        return found

    def blobs(self) -> Blobs:
        """Return what reads files of commits, to be closed after use."""
        return Blobs(self._command())

    def changes(self, commit: Commit, suffixes: Sequence[str], blobs: Blobs) -> list[Change]:
        """Return what a commit added to files with one of these suffixes; binaries left out."""
        found = []
        for path, hunks in self._hunks(commit).items():
            if hunks and path.endswith(tuple(suffixes)):
                before = blobs.text(commit.parent, path) if commit.parent else ""
                after = blobs.text(commit.id, path)
                if after and max(len(before), len(after)) <= MAX_FILE_CHARS:
                    found.append(Change(commit, path, before, after, hunks))
        return found

    def usual_size(self, commits: Sequence[Commit]) -> float:
        """Return the number of files above which a commit is no day's work (Q3 + 1.5 IQR)."""
        sizes = self._sizes()
        own = [sizes.get(commit.id, 0) for commit in commits]
        if len(own) < 4:
            return float("inf")
        low, _, high = quantiles(own, n=4)
        return max(5.0, high + 1.5 * (high - low))

    def size(self, commit: Commit) -> int:
        """Return how many files a commit touches."""
        return self._sizes().get(commit.id, 0)

    def _sizes(self) -> dict[str, int]:
        if not hasattr(self, "_counted"):
            text = self._git(
                "log", "--no-merges", "--format=%x00%H", "--name-only", "--no-renames", self.head
            )
            blocks = (block.split("\n") for block in text.split("\0") if block)
            self._counted = {b[0]: sum(bool(line) for line in b[1:]) for b in blocks}
        return self._counted

    def _log(self) -> Iterator[Commit]:
        text = self._git("log", "--no-merges", "--format=%H%x09%P%x09%at%x09%ae", self.head)
        for line in text.splitlines():
            name, parents, at, author = line.split("\t", 3)
            yield Commit(name, parents.partition(" ")[0], author, float(at))

    def _hunks(self, commit: Commit) -> dict[str, tuple[Hunk, ...]]:
        text = self._git(
            "diff-tree", "--root", "-r", "-p", "-U0", "--no-renames", "--no-ext-diff",
            "--no-textconv", "--no-color", "--no-commit-id", "--src-prefix=a/", "--dst-prefix=b/",
            commit.id,
        )  # fmt: skip
        found: dict[str, list[Hunk]] = {}
        path = ""
        for line in text.split("\n"):
            if line.startswith("diff --git "):
                path = ""
            elif line.startswith("+++ b/") and not path:
                path = line[6:].rstrip("\t")
            elif path and (match := _HUNK.match(line)):
                hunk = _hunk(match)
                if hunk.new_count:
                    found.setdefault(path, []).append(hunk)
        return {name: tuple(hunks) for name, hunks in found.items()}

    def _git(self, *arguments: str) -> str:
        done = self._run(*arguments)
        if done.returncode:
            raise TrainError(f"{self.path} is no git repository that can be read; name another")
        return done.stdout.decode("utf-8", "replace")

    def _command(self) -> list[str]:
        return ["git", "--no-pager", "--no-optional-locks", "-C", str(self.path), *_SAFE]

    def _run(self, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
        try:
            return subprocess.run([*self._command(), *arguments], capture_output=True, check=False)
        except OSError as error:
            raise TrainError("git is not installed; install it and try again") from error


def _hunk(match: re.Match[str]) -> Hunk:
    old, old_count, new, new_count = (int(n) if n is not None else 1 for n in match.groups())
    # Git counts from 1, and names the line *before* when a side is empty.
    return Hunk(
        old if old_count == 0 else old - 1,
        old_count,
        new if new_count == 0 else new - 1,
        new_count,
    )
