"""Which files of a workspace may be read for context: none that is ignored, by whatever rule.

The ignore globs of recording (settings, workspace file, secrets), ``.gitignore`` files from the
repository's top down, ``.git/info/exclude``, and directories that hold other people's code. No git
program is run: in a hostile repository its settings run commands. Knows nothing of what is read.
Source of the rules: gitignore(5); the last match of the deepest file wins.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from penchant_core.redaction import ignored

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

OTHERS = frozenset((
    "node_modules", "bower_components", "__pycache__", "venv", "virtualenv", "site-packages",
    "dist-packages", "vendor", "third_party", "Pods",
))  # fmt: skip
_MOST_BYTES = 262_144
_MOST_DECISIONS = 50_000


class Ignoring:
    """The rules of one workspace; ``globs`` are those of its owner.

    Not thread-safe. Decisions are remembered until ``refresh``.
    """

    def __init__(self, root: Path, globs: Iterable[str] = ()) -> None:
        self._root = root
        self._globs = tuple(globs)
        self._top = _top(root)
        self._above = () if self._top == root else root.relative_to(self._top).parts
        self._specs: dict[str, GitIgnoreSpec | None] = {}
        self._directories: dict[str, bool] = {}
        self._files: dict[str, bool] = {}

    def refresh(self) -> None:
        """Read every rule again when it is next needed."""
        self._specs.clear()
        self._directories.clear()
        self._files.clear()

    def admits(self, path: str) -> bool:
        """Whether the file at ``path`` (relative to the root, with ``/``) may be read."""
        known = self._files.get(path)
        if known is None:
            if len(self._files) > _MOST_DECISIONS:
                self._files.clear()
            directory = path.rpartition("/")[0]
            known = bool(path) and self.enters(directory) and self._single(path)
            self._files[path] = known
        return known

    def enters(self, directory: str) -> bool:
        """Whether files below a directory may be read; the root is empty text."""
        if not directory:
            return True
        known = self._directories.get(directory)
        if known is None:
            if len(self._directories) > _MOST_DECISIONS:
                self._directories.clear()
            parent, _, name = directory.rpartition("/")
            known = self.enters(parent) and not _foreign(name) and self._single(directory + "/")
            self._directories[directory] = known
        return known

    def _single(self, path: str) -> bool:
        """Whether one entry passes, its parents having passed."""
        if ignored(path.rstrip("/"), self._globs):
            return False
        parts = (*self._above, *path.rstrip("/").split("/"))
        tail = "/" if path.endswith("/") else ""
        for depth in range(len(parts) - 1, -1, -1):
            spec = self._spec("/".join(parts[:depth]))
            if spec is None:
                continue
            found = spec.check_file("/".join(parts[depth:]) + tail).include
            if found is not None:
                return not found
        return True

    def _spec(self, directory: str) -> "GitIgnoreSpec | None":
        """Return the patterns of a directory below the repository's top."""
        if directory not in self._specs:
            at = self._top / directory
            lines = _lines(at / ".gitignore")
            if not directory:
                lines = _lines(at / ".git" / "info" / "exclude") + lines
            self._specs[directory] = _patterns(lines) if lines else None
        return self._specs[directory]


def _patterns(lines: list[str]) -> "GitIgnoreSpec":
    from pathspec import GitIgnoreSpec  # a tenth of a second, which many workspaces never need

    return GitIgnoreSpec.from_lines(lines)


def _foreign(name: str) -> bool:
    return name.startswith(".") or name in OTHERS


def _top(root: Path) -> Path:
    """Return the top of the repository that holds ``root``, else the root itself."""
    for directory in (root, *root.parents):
        if (directory / ".git").exists():
            return directory
    return root


def _lines(path: Path) -> list[str]:
    """Read a file of patterns; one that is missing, odd or huge has none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(descriptor, "rb") as file:
            return file.read(_MOST_BYTES).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
