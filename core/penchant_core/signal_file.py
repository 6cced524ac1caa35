"""Opens the file of a signal log: private, up to date, and sound, or set aside.

Opening is serialised among processes by a lock on the directory: two editors that start together
would otherwise both create the tables. A file is judged by what SQLite says of it; what only the
surroundings are to blame for (locked, full, read-only) is no damage. Knows nothing of rows.
"""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from penchant_core.paths import FILE_MODE, private_directory
from penchant_core.signal_rows import SELECT_RATINGS, SELECT_SIGNALS, trial_writes

CHEAP_BYTES = 16_000_000
"""Files up to this size are checked whole at opening (a few milliseconds)."""

SCHEMA_SET = "penchant_signals"
NEWEST_MIGRATION = "m005_erasures"
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "trusted_schema=OFF")
_COMPANIONS = ("-wal", "-shm")
_BLAMELESS = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_AUTH,
    }
)
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT})


class Damaged(Exception):
    """The file is no sound signal log; never leaves this module."""


def open_signal_file(path: Path, busy_ms: int) -> tuple[sqlite3.Connection, Path | None]:
    """Return a connection and, when a damaged file had to give way, where that file is now.

    Raises sqlite3.Error, OSError or ConfigError when the surroundings do not allow it.
    """
    private_directory(path.parent)
    with _alone(path.parent):
        try:
            return _open(path, busy_ms), None
        except Damaged:
            aside = _set_aside(path)
            try:
                return _open(path, busy_ms), aside
            except Damaged as error:
                raise sqlite3.DatabaseError("a new file cannot be begun") from error


def set_aside_files(path: Path) -> list[Path]:
    """Return the damaged files that once were the log at ``path``, oldest first."""
    return sorted(path.parent.glob(f"{path.name}.damaged-*"))


def mark_suspect(path: Path, error: sqlite3.Error) -> None:
    """Have the file checked whole when it is opened next, if ``error`` speaks of damage."""
    if _code(error) in _DAMAGED:
        with suppress(OSError):
            _suspect(path).touch(mode=FILE_MODE)


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        with suppress(OSError):  # file systems without locks: opening alone is the usual case
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _open(path: Path, busy_ms: int) -> sqlite3.Connection:
    if not path.exists():
        # Never on a file in use: closing it would drop the locks of every other connection of this
        # process, and its write-ahead log could be removed under it (sqlite.org/howtocorrupt, 2.2).
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE))
    connection = sqlite3.connect(path, timeout=busy_ms / 1000)
    try:
        _prepare(connection, path)
    except sqlite3.Error as error:
        connection.close()
        if _blameless(error, path):
            raise
        raise Damaged from error
    except (ArithmeticError, AssertionError, LookupError, TypeError, ValueError) as error:
        connection.close()  # sqlite-utils read a schema that makes no sense
        raise Damaged from error
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    connection.text_factory = _text
    suspect = _suspect(path)
    if path.stat().st_size <= CHEAP_BYTES or suspect.exists():
        _check_whole(connection)
        suspect.unlink(missing_ok=True)
    if not _up_to_date(connection):
        _migrate(connection)
    for select in (SELECT_SIGNALS, SELECT_RATINGS):
        connection.execute(f"{select} LIMIT 1").fetchone()
    for statement in trial_writes():  # a flipped bit in a column's name is no damage to quick_check
        connection.execute(statement).fetchone()
    _try_writing(connection)


def _try_writing(connection: sqlite3.Connection) -> None:
    """Raise what the first write would: a header can say "read-only" for ever and yet be read."""
    try:
        connection.execute("DELETE FROM ratings WHERE 0")
        connection.rollback()
    except sqlite3.OperationalError as error:
        if _code(error) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise


def _up_to_date(connection: sqlite3.Connection) -> bool:
    query = "SELECT 1 FROM _sqlite_migrations WHERE migration_set = ? AND name = ?"
    try:
        return connection.execute(query, [SCHEMA_SET, NEWEST_MIGRATION]).fetchone() is not None
    except sqlite3.OperationalError:  # no such table; anything else the migrations will meet again
        return False


def _migrate(connection: sqlite3.Connection) -> None:
    # sqlite-utils imports pandas where that is installed: a second that only a new file may cost.
    from sqlite_utils import Database

    from penchant_core.migrations import migrations

    migrations.apply(Database(connection))


def _check_whole(connection: sqlite3.Connection) -> None:
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise Damaged


def _text(raw: bytes) -> str:
    """Decode what a damaged page may have made of a text."""
    return raw.decode("utf-8", "replace")


def _code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _blameless(error: sqlite3.Error, path: Path) -> bool:
    if _code(error) == sqlite3.SQLITE_READONLY:  # also said of a header that was tampered with
        return not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))
    return _code(error) in _BLAMELESS


def _suspect(path: Path) -> Path:
    return path.with_name(f"{path.name}.suspect")


def _set_aside(path: Path) -> Path:
    aside = path.with_name(f"{path.name}.damaged-{time.time_ns()}")
    path.rename(aside)
    for extra in _COMPANIONS:
        companion = path.with_name(path.name + extra)
        if companion.exists():
            companion.rename(aside.with_name(aside.name + extra))
    _suspect(path).unlink(missing_ok=True)
    return aside
