"""The signal log: one SQLite file per developer, written by the editor's side, read by the trainer.

What ``add`` has returned for is durable (WAL, synchronous FULL). What ``erase`` has returned for is
gone from every file (secure_delete, truncated WAL). A damaged file is set aside, never repaired in
place and never shown to the user. Knows nothing of consent or secrets: callers pass through those
gates first.
"""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from penchant_core.errors import StoreError
from penchant_core.migrations import migrations
from penchant_core.paths import FILE_MODE, private_directory
from penchant_core.signals import (
    TAKEN,
    Candidate,
    Completion,
    Counts,
    Outcome,
    OutcomeKind,
    Rating,
    Signal,
    Snippet,
)

_DAMAGED = ("malformed", "not a database", "corrupt")


class SignalStore:
    """The signals of one developer.

    Opening creates the file (mode 0600) and brings its schema up to date. Raises StoreError when it
    cannot; a damaged file is moved to ``<name>.damaged-<time>`` and a new one is begun. Not
    thread-safe: one store per thread.
    """

    def __init__(self, path: Path, *, busy_ms: int = 2000) -> None:
        self.path = path
        private_directory(path.parent)
        try:
            self._db = self._open(busy_ms)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise StoreError(_cannot(path, error)) from error
            self.set_aside = _set_aside(path)
            self._db = self._open(busy_ms)
        else:
            self.set_aside = None

    set_aside: Path | None

    def _open(self, busy_ms: int) -> Database:
        new = not self.path.exists()
        connection = sqlite3.connect(self.path, timeout=busy_ms / 1000)
        try:
            if new:
                self.path.chmod(FILE_MODE)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
                connection.execute(f"PRAGMA {pragma}")
            db = Database(connection)
            migrations.apply(db)
            connection.execute("SELECT seq FROM completions LIMIT 1").fetchone()
        except BaseException:
            connection.close()
            raise
        return db

    @contextmanager
    def _guard(self) -> Iterator[sqlite3.Connection]:
        connection = self._db.conn
        if connection is None:
            raise StoreError("the signal log is closed")
        try:
            with connection:
                yield connection
        except sqlite3.Error as error:
            raise StoreError(_cannot(self.path, error)) from error

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        if self._db.conn is not None:
            self._db.close()

    def __enter__(self) -> "SignalStore":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, signal: Signal) -> None:
        """Write one completion and its outcome in one transaction; durable on return.

        Writing the same completion again replaces its outcome (a later, better-informed one).
        """
        row = _completion_row(signal.completion)
        with self._guard() as connection:
            _insert(connection, "completions", row, conflict="ON CONFLICT(id) DO NOTHING")
            if signal.outcome is not None:
                _insert(connection, "outcomes", _outcome_row(signal.outcome), verb="REPLACE")

    def rate(self, rating: Rating) -> bool:
        """Write an explicit judgement; False when its completion was never stored."""
        row = {**asdict(rating), "order": json.dumps(rating.order)}
        with self._guard() as connection:
            known = connection.execute(
                "SELECT 1 FROM completions WHERE id = ?", [rating.completion_id]
            ).fetchone()
            if known:
                _insert(connection, "ratings", row)
        return bool(known)

    def signals(self, after: int = 0, *, newest: int | None = None) -> Iterator[Signal]:
        """Yield signals in the order they were stored, those with ``seq > after`` only.

        ``newest`` keeps only that many of the latest.
        """
        query = f"{_SELECT} WHERE c.seq > ? ORDER BY c.seq"
        arguments: list[Any] = [after]
        if newest is not None:
            query = (
                f"SELECT * FROM ({_SELECT} WHERE c.seq > ? ORDER BY c.seq DESC LIMIT ?) "
                "ORDER BY seq"
            )
            arguments.append(newest)
        with self._guard() as connection:
            cursor = connection.execute(query, arguments)
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor]
        yield from map(_signal, rows)

    def ratings(self) -> list[Rating]:
        """Return every explicit judgement, oldest first."""
        with self._guard() as connection:
            rows = connection.execute(
                'SELECT completion_id, at, kind, value, "order", reason FROM ratings ORDER BY seq'
            ).fetchall()
        return [Rating(r[0], r[1], r[2], r[3], tuple(json.loads(r[4])), r[5]) for r in rows]

    def counts(self) -> dict[str | None, Counts]:
        """Return totals by ``<adapter>/<version>`` (None: the base model)."""
        taken = ",".join(f"'{kind}'" for kind in sorted(TAKEN))
        query = (
            "SELECT c.adapter || '/' || c.version, count(*), "
            f"sum(o.kind IN ({taken})), sum(o.kind = 'rejected'), sum(o.retained_chars) "
            "FROM completions c JOIN outcomes o ON o.completion_id = c.id "
            "WHERE c.shown IS NOT NULL AND o.kind <> 'censored' GROUP BY 1"
        )
        with self._guard() as connection:
            rows = connection.execute(query).fetchall()
        return {row[0]: Counts(*(value or 0 for value in row[1:])) for row in rows}

    def last_seq(self) -> int:
        """Return the ``seq`` of the newest signal, 0 for none."""
        with self._guard() as connection:
            return int(connection.execute("SELECT max(seq) FROM completions").fetchone()[0] or 0)

    def erase(
        self,
        *,
        before: float | None = None,
        after: float | None = None,
        workspace: str | None = None,
        path: str | None = None,
        language: str | None = None,
    ) -> list[str]:
        """Erase matching signals (all of them without arguments); return their completion ids.

        The text is overwritten in the file and the write-ahead log is truncated.
        """
        tests = {
            "at < ?": before,
            "at >= ?": after,
            "workspace = ?": workspace,
            "path = ?": path,
            "language = ?": language,
        }
        chosen = {test: value for test, value in tests.items() if value is not None}
        where = " AND ".join(chosen) or "1"
        with self._guard() as connection:
            found = f"SELECT id FROM completions WHERE {where}"
            values = list(chosen.values())
            ids = [row[0] for row in connection.execute(found, values)]
            for table in ("ratings", "outcomes"):
                connection.execute(
                    f"DELETE FROM {table} WHERE completion_id IN ({found})",
                    values,
                )
            connection.execute(f"DELETE FROM completions WHERE {where}", values)
        self._truncate()
        return ids

    def _truncate(self) -> None:
        with self._guard() as connection:
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            raise StoreError(
                "the signals are erased, but another program still reads the log, so their text "
                "remains in its -wal file; close it and erase again"
            )


_SELECT = (
    "SELECT c.*, o.kind AS o_kind, o.at AS o_at, o.settled_at, o.accepted_chars, o.retained_chars,"
    " o.final_text, o.instead, o.kept, o.probes, o.flags"
    " FROM completions c LEFT JOIN outcomes o ON o.completion_id = c.id"
)


def _insert(
    connection: sqlite3.Connection,
    table: str,
    row: dict[str, Any],
    *,
    verb: str = "INSERT",
    conflict: str = "",
) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" * len(row))
    connection.execute(
        f"{verb} INTO {table} ({names}) VALUES ({marks}) {conflict}",
        list(row.values()),
    )


def _completion_row(completion: Completion) -> dict[str, Any]:
    row = asdict(completion)
    row["candidates"] = json.dumps(row["candidates"], ensure_ascii=False)
    row["context"] = json.dumps(row["context"], ensure_ascii=False)
    return row


def _outcome_row(outcome: Outcome) -> dict[str, Any]:
    row = asdict(outcome)
    row["probes"] = json.dumps(row["probes"])
    row["flags"] = json.dumps(row["flags"])
    return row


def _signal(row: dict[str, Any]) -> Signal:
    completion = Completion(
        id=row["id"],
        at=row["at"],
        developer=row["developer"],
        workspace=row["workspace"],
        path=row["path"],
        language=row["language"],
        prefix=row["prefix"],
        suffix=row["suffix"],
        candidates=tuple(Candidate(**item) for item in json.loads(row["candidates"])),
        shown=row["shown"],
        not_shown=row["not_shown"],
        context=tuple(Snippet(**item) for item in json.loads(row["context"])),
        trigger=row["trigger"],
        latency_ms=row["latency_ms"],
        base_fingerprint=row["base_fingerprint"],
        adapter=row["adapter"],
        version=row["version"],
    )
    return Signal(completion, _outcome(row), row["seq"])


def _outcome(row: dict[str, Any]) -> Outcome | None:
    if row["o_kind"] is None:
        return None
    return Outcome(
        completion_id=row["id"],
        kind=OutcomeKind(row["o_kind"]),
        at=row["o_at"],
        settled_at=row["settled_at"],
        accepted_chars=row["accepted_chars"],
        retained_chars=row["retained_chars"],
        final_text=row["final_text"],
        instead=row["instead"],
        kept=row["kept"],
        probes=tuple((after, kept) for after, kept in json.loads(row["probes"])),
        flags=tuple(json.loads(row["flags"])),
    )


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return any(word in str(error) for word in _DAMAGED)


def _set_aside(path: Path) -> Path:
    aside = path.with_name(f"{path.name}.damaged-{time.time_ns()}")
    try:
        path.rename(aside)
        for extra in ("-wal", "-shm"):
            companion = path.with_name(path.name + extra)
            if companion.exists():
                companion.rename(aside.with_name(aside.name + extra))
    except OSError as error:
        raise StoreError(f"{path} is damaged and cannot be moved aside; move it away") from error
    return aside


def _cannot(path: Path, error: sqlite3.Error) -> str:
    return f"the signal log {path} cannot be used ({error}); run `penchant doctor`"
