"""Whether git has just changed the files of a workspace: a checkout, a pull, a reset.

Looks at the times of the few files that git touches then; an edit that follows is nobody's
judgement of a suggestion. Never runs git. Knows nothing of documents.
"""

from pathlib import Path

WITHIN_S = 3.0
_TOUCHED = ("HEAD", "ORIG_HEAD", "FETCH_HEAD", "index", "index.lock")


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
