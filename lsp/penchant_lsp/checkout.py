"""What git has just done in a workspace: changed its files (checkout, pull, reset), or committed.

Looks at the times of the few files that git touches and at the newest lines of its own diary
(``logs/HEAD``); never runs git. Knows nothing of documents.
"""

from pathlib import Path

WITHIN_S = 3.0
_TOUCHED = ("HEAD", "ORIG_HEAD", "FETCH_HEAD", "index", "index.lock")
_TAIL = 4096


def recent(root: Path, now: float) -> bool:
    """Return whether git moved in the workspace at ``root`` in the last ``WITHIN_S`` seconds.

    ``now`` is seconds since the epoch, as file times are. Never raises.
    """
    directory = _git_directory(root)
    return directory is not None and any(
        0 <= now - touched < WITHIN_S
        for name in _TOUCHED
        if (touched := _time(directory / name)) is not None
    )


class Commits:
    """Notices commits by the growth of git's diary; the first look only notes where it ends."""

    def __init__(self) -> None:
        self._read: dict[Path, int] = {}

    def new(self, root: Path) -> bool:
        """Return whether something was committed in the repository of ``root`` since last asked."""
        directory = _git_directory(root)
        if directory is None:
            return False
        diary = directory / "logs" / "HEAD"
        size = _size(diary)
        read = self._read.setdefault(diary, size)
        self._read[diary] = size
        return size > read and _committed(diary, read, size)


def _committed(diary: Path, start: int, end: int) -> bool:
    """Whether the lines between two offsets name a commit (``git reflog``'s format)."""
    try:
        with diary.open("rb") as file:
            file.seek(max(start, end - _TAIL))
            lines = file.read(_TAIL).split(b"\n")
    except OSError:
        return False
    return any(line.partition(b"\t")[2].startswith(b"commit") for line in lines)


def _git_directory(root: Path) -> Path | None:
    """Find ``.git`` here or above; in a work tree or a submodule it is a file that points on."""
    for place in (root, *root.parents):
        found = place / ".git"
        try:
            if found.is_dir():
                return found
            if found.is_file():
                pointer = found.read_text("utf-8", "replace").partition("gitdir:")[2].strip()
                return (place / pointer) if pointer else None
        except OSError:
            return None
    return None


def _time(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except OSError:
        return None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
