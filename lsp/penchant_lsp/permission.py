"""How much may be recorded in which workspace, right now.

Puts together the developer's consent, what the workspace's own file forbids, and whether the editor
trusts the workspace; the least of them counts. Asked when a suggestion is made and again when its
signal is written. Knows nothing of signals.
"""

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from penchant_core.consent import ConsentRecord, Level, workspace_id
from penchant_core.workspace_limits import WORKSPACE_FILE, WorkspaceLimits, workspace_limits

PATHS = 512
"""Of so many documents what follows from their names alone is worked out only once."""


class Permission:
    """The gate before the recorder. Thread-safe: it only reads files."""

    def __init__(self, record: ConsentRecord) -> None:
        self.record = record
        self.trusted = True
        self._roots: dict[str, Path] = {}
        self._limits: dict[Path, tuple[object, WorkspaceLimits]] = {}
        self._ids: dict[Path, tuple[object, str]] = {}

    def workspace(self, root: Path) -> str:
        """Return the id of the workspace at ``root``, and remember where it is.

        It follows links, so it is worked out again when another directory is found there.
        """
        stamp = _directory(root)
        known = self._ids.get(root)
        if known is None or known[0] != stamp:
            known = (stamp, workspace_id(root))
            self._ids[root] = known
            self._roots[known[1]] = root
        return known[1]

    def limits(self, root: Path) -> WorkspaceLimits:
        """Return what the workspace's own file forbids; read again when the file changed."""
        stamp = _stamp(root / WORKSPACE_FILE)
        known = self._limits.get(root)
        if known is None or known[0] != stamp:
            known = (stamp, workspace_limits(root))
            self._limits[root] = known
        return known[1]

    def limits_of(self, workspace: str) -> WorkspaceLimits:
        """Return the limits of a workspace by its id."""
        root = self._roots.get(workspace)
        return WorkspaceLimits(consent="off") if root is None else self.limits(root)

    def level(self, workspace: str) -> Level:
        """Return the level in force for a workspace by its id."""
        if not self.trusted:
            return Level.OFF
        granted = self.record.level(workspace)
        most = Level(self.limits_of(workspace).consent)
        return granted if most.allows(granted) else most

    def records(self, workspace: str) -> bool:
        """Whether anything may be recorded there."""
        return self.level(workspace) is not Level.OFF


@lru_cache(PATHS)
def file_path(uri: str) -> Path | None:
    """Return the path of a ``file:`` URI (also of a notebook's cell), else None."""
    parts = urlsplit(uri)
    if parts.scheme not in ("file", "vscode-notebook-cell") or not parts.path:
        return None
    path = unquote(parts.path)
    if os.name == "nt" and len(path) > 2 and path[2] == ":":
        path = path[1:]
    return Path(path)


def root_of(path: Path | None, folders: Sequence[Path]) -> Path | None:
    """Return the workspace that a file belongs to: the innermost folder, else its directory."""
    return _root_of(path, tuple(folders))


@lru_cache(PATHS)
def _root_of(path: Path | None, folders: tuple[Path, ...]) -> Path | None:
    if path is None:
        return folders[0] if folders else None
    inside = [folder for folder in folders if path.is_relative_to(folder)]
    return max(inside, key=lambda folder: len(folder.parts), default=path.parent)


@lru_cache(PATHS)
def relative(path: Path | None, root: Path | None) -> str:
    """Return the path inside its workspace with ``/``, empty for a document without a file."""
    if path is None:
        return ""
    if root is not None and path.is_relative_to(root):
        return path.relative_to(root).as_posix()
    return path.name


def _directory(path: Path) -> object:
    try:
        status = path.stat()
    except (OSError, ValueError):  # a NUL in the name is no OSError
        return None
    return status.st_dev, status.st_ino


def _stamp(path: Path) -> object:
    try:
        status = path.stat()
    except OSError as error:
        return error.errno
    return status.st_mtime_ns, status.st_size
