"""The definitions of a workspace's files, in memory and bounded.

SQLite in memory holds ten times more in the same space than Python objects do, and finds a name
among hundreds of thousands in microseconds. Nothing of it touches the disk. Knows nothing of
languages' rules. Any thread may call, one at a time.
"""

import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from penchant_lsp.context.python_imports import Import
from penchant_lsp.context.symbols import Definition

MOST_DEFINITIONS = 400_000

_SCHEMA = """
PRAGMA temp_store = MEMORY;
CREATE TABLE files (
  id INTEGER PRIMARY KEY, path TEXT UNIQUE, directory TEXT, family TEXT, stamp TEXT, tail TEXT
);
CREATE INDEX files_tail ON files (tail);
CREATE TABLE definitions (
  file INTEGER, name TEXT, kind TEXT, container TEXT, line INTEGER, text TEXT
);
CREATE INDEX definitions_name ON definitions (name);
CREATE INDEX definitions_file ON definitions (file);
CREATE TABLE imports (file INTEGER, local TEXT, module TEXT, name TEXT);
CREATE INDEX imports_file ON imports (file);
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A definition with the file that it is in."""

    path: str
    definition: Definition


class SymbolTable:
    """The table of one workspace; paths are relative to its root, with ``/``."""

    def __init__(self, most: int = MOST_DEFINITIONS) -> None:
        self._most = most
        self._count = 0
        self._lock = threading.Lock()
        self._sql = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._sql.executescript(_SCHEMA)

    # -- writing ---------------------------------------------------------------------------

    def put(
        self,
        path: str,
        family: str,
        stamp: str,
        definitions: Iterable[Definition],
        imports: Iterable[Import] = (),
    ) -> None:
        """Put a file's definitions in the place of those it had; beyond the bound, none."""
        with self._lock:
            self._remove(path)
            directory, _, name = path.rpartition("/")
            tail = directory.rpartition("/")[2] if name == "__init__.py" else name.partition(".")[0]
            cursor = self._sql.execute(
                "INSERT INTO files (path, directory, family, stamp, tail) VALUES (?, ?, ?, ?, ?)",
                [path, directory, family, stamp, tail],
            )
            number = cursor.lastrowid
            if self._count >= self._most:
                return
            rows = [(number, d.name, d.kind, d.container, d.line, d.text) for d in definitions]
            self._sql.executemany("INSERT INTO definitions VALUES (?, ?, ?, ?, ?, ?)", rows)
            self._count += len(rows)
            self._sql.executemany(
                "INSERT INTO imports VALUES (?, ?, ?, ?)",
                [(number, i.local, i.module, i.name) for i in imports],
            )

    def remove(self, path: str) -> None:
        """Forget a file."""
        with self._lock:
            self._remove(path)

    def _remove(self, path: str) -> None:
        for (number,) in self._sql.execute("SELECT id FROM files WHERE path = ?", [path]):
            gone = self._sql.execute("DELETE FROM definitions WHERE file = ?", [number])
            self._count -= gone.rowcount
            self._sql.execute("DELETE FROM imports WHERE file = ?", [number])
            self._sql.execute("DELETE FROM files WHERE id = ?", [number])

    # -- reading ---------------------------------------------------------------------------

    def stamps(self) -> dict[str, str]:
        """Return every file with the stamp it was put with."""
        return {row[0]: row[1] for row in self._rows("SELECT path, stamp FROM files")}

    def __len__(self) -> int:
        return self._count

    def named(self, name: str, family: str, most: int = 12) -> list[Found]:
        """Return definitions of a name in a family of languages, at most ``most``."""
        # Not ordered by the database: that would read every one of thousands of ``get``.
        found = self._found("d.name = ? AND f.family = ? LIMIT ?", [name, family, most])
        return sorted(found, key=lambda each: (each.path, each.definition.line))

    def within(self, path: str, name: str) -> list[Found]:
        """Return the definitions of a name at the top of a file."""
        return self._found(
            "f.path = ? AND d.name = ? AND d.container = '' ORDER BY d.line LIMIT 4", [path, name]
        )

    def members(self, path: str, container: str, most: int = 40) -> list[Found]:
        """Return what a class holds."""
        return self._found(
            "f.path = ? AND d.container = ? ORDER BY d.line LIMIT ?", [path, container, most]
        )

    def outline(self, path: str, most: int = 40) -> list[Found]:
        """Return the definitions at the top of a file, constants left out."""
        return self._found(
            "f.path = ? AND d.container = '' AND d.kind != 'constant' ORDER BY d.line LIMIT ?",
            [path, most],
        )

    def imports(self, path: str) -> list[Import]:
        """Return what a file imports."""
        rows = self._rows(
            "SELECT i.local, i.module, i.name FROM imports i JOIN files f ON f.id = i.file "
            "WHERE f.path = ?",
            [path],
        )
        return [Import(*row) for row in rows]

    def with_tail(self, tail: str) -> list[str]:
        """Return the files whose module's last name is ``tail``."""
        return [row[0] for row in self._rows("SELECT path FROM files WHERE tail = ?", [tail])]

    def holds(self, path: str) -> bool:
        """Whether a file is known."""
        return bool(self._rows("SELECT 1 FROM files WHERE path = ?", [path]))

    def _found(self, where: str, values: Sequence[str | int]) -> list[Found]:
        # The condition is one of the fixed texts above; values are bound.
        query = (
            "SELECT f.path, d.name, d.kind, d.container, d.line, d.text "  # noqa: S608
            f"FROM definitions d JOIN files f ON f.id = d.file WHERE {where}"
        )
        return [Found(row[0], Definition(*row[1:])) for row in self._rows(query, values)]

    def _rows(self, query: str, values: Sequence[str | int] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._sql.execute(query, values).fetchall()
