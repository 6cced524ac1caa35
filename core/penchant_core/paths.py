"""Where Penchant keeps its files, and with which rights.

Directories are 0700 and files 0600: what is inside is a developer's code. ``PENCHANT_HOME`` puts
everything below one directory (tests, portable installs); else the platform's own places are used.
Knows nothing of what is stored in them.
"""

import contextlib
import os
import re
import uuid
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from penchant_core.errors import ConfigError

DIRECTORY_MODE = 0o700
FILE_MODE = 0o600

_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Paths:
    """The four roots of one installation; every other place is derived from them."""

    config: Path
    data: Path
    state: Path
    cache: Path

    @property
    def config_file(self) -> Path:
        """The user's settings (TOML)."""
        return self.config / "config.toml"

    @property
    def consent_file(self) -> Path:
        """The dated record of every consent decision (JSON lines)."""
        return self.data / "consent.jsonl"

    @property
    def adapters(self) -> Path:
        """The default adapter store."""
        return self.data / "adapters"

    @property
    def logs(self) -> Path:
        """Content-free logs, one file per program."""
        return self.state / "logs"

    @property
    def questions(self) -> Path:
        """Which comparisons were asked about and when (ids and dates, JSON)."""
        return self.state / "questions.json"

    @property
    def runs(self) -> Path:
        """The ledger and the working directories of training runs."""
        return self.state / "runs"

    def signal_log(self, developer: str) -> Path:
        """The SQLite file that holds one developer's signals."""
        return self.data / "signals" / f"{slug(developer)}.db"

    def show_filter(self, developer: str) -> Path:
        """The learned show filter of one developer (numbers only, JSON)."""
        return self.data / "show-filters" / f"{slug(developer)}.json"


def default_paths() -> Paths:
    """Return the paths of this user, honouring ``PENCHANT_HOME``."""
    home = os.environ.get("PENCHANT_HOME")
    if home:
        root = absolute(home)
        return Paths(root / "config", root / "data", root / "state", root / "cache")
    dirs = platformdirs.PlatformDirs("penchant", appauthor=False)
    return Paths(
        Path(dirs.user_config_dir),
        Path(dirs.user_data_dir),
        Path(dirs.user_state_dir),
        Path(dirs.user_cache_dir),
    )


def absolute(path: str) -> Path:
    """Return ``path`` with ``~`` and relative parts resolved; raise ConfigError where it cannot."""
    try:
        return Path(path).expanduser().absolute()
    except (RuntimeError, OSError) as error:
        raise ConfigError(f"{path!r} names no place on this machine; write it in full") from error


def private_directory(path: Path) -> Path:
    """Create ``path`` (and missing parents) readable by its owner alone; return it.

    Raises ConfigError when it cannot be created.
    """
    try:
        missing = [parent for parent in path.parents if not parent.exists()]
        for directory in (*reversed(missing), path):
            directory.mkdir(mode=DIRECTORY_MODE, exist_ok=True)
        if path.stat().st_mode & 0o077:
            path.chmod(DIRECTORY_MODE)
    except OSError as error:
        raise ConfigError(
            f"cannot create the directory {path} ({error.strerror}); "
            "make its parent writable or set PENCHANT_HOME to a place that is"
        ) from error
    return path


def write_private(path: Path, text: str) -> None:
    """Replace the file ``path`` by ``text`` atomically and durably, mode 0600.

    Raises OSError or ConfigError when it cannot; then the old file is untouched.
    """
    private_directory(path.parent)
    staged = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        staged.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            staged.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make a rename inside ``path`` durable (POSIX; a no-op where directories cannot be opened)."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def slug(name: str) -> str:
    """Reduce ``name`` to a DNS label of at most 40 characters; raise ConfigError if none is."""
    label = _SLUG.sub("-", name.lower()).strip("-")[:40].strip("-")
    if not label:
        raise ConfigError(f"the name {name!r} holds no letter or digit; choose another")
    return label
