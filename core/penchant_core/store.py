"""The signal log: one SQLite file per developer, written by the editor's side, read by the trainer.

What ``add`` has returned for is durable (WAL, synchronous FULL). What ``erase`` has returned for is
gone from every file (secure_delete, truncated WAL). A damaged file is set aside, never repaired in
place and never shown to the user. Knows nothing of consent or secrets: callers pass through those
gates first.
"""

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from penchant_core import tallies
from penchant_core.errors import ConfigError, StoreError
from penchant_core.signal_file import mark_suspect, open_signal_file, set_aside_files
from penchant_core.signal_rows import (
    SELECT_RATINGS,
    SELECT_SIGNALS,
    Row,
    completion_row,
    outcome_row,
    rating_of,
    rating_row,
    signal_of,
)
from penchant_core.signals import Counts, Erasure, Rating, Signal
from penchant_core.tallies import Tallies
from penchant_core.text import well_formed

_PAGE = 200  # rows held in memory at once while reading
_DAY_S = 86_400.0
_LAST_SEQ = 2**63 - 1
_MOST = 2**31 - 1  # PRAGMA user_version holds 32 bits


class SignalStore:
    """The signals of one developer.

    Opening creates the file (mode 0600) and brings its schema up to date. Raises StoreError when it
    cannot; a damaged file is moved to ``<name>.damaged-<time>``, which ``set_aside`` then names,
    and a new one is begun. Not thread-safe: one store per thread.
    """

    def __init__(self, path: Path, *, busy_ms: int = 2000) -> None:
        self.path = path
        self.unreadable = 0
        try:
            self._connection, self.set_aside = open_signal_file(path, busy_ms)
        except (sqlite3.Error, OSError, ConfigError) as error:
            raise StoreError(_cannot(path, error)) from error
        self._closed = False

    set_aside: Path | None
    unreadable: int
    """Rows that the last reading skipped, because they make no sense."""

    @contextmanager
    def _guard(self) -> Iterator[sqlite3.Connection]:
        if self._closed:
            raise StoreError("the signal log is closed")
        try:
            with self._connection:
                yield self._connection
        except sqlite3.Error as error:
            mark_suspect(self.path, error)
            raise StoreError(_cannot(self.path, error)) from error
        except (OverflowError, ValueError) as error:
            raise StoreError(
                f"a value does not fit the signal log ({type(error).__name__})"
            ) from error

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        self._closed = True
        self._connection.close()

    def __enter__(self) -> "SignalStore":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, signal: Signal) -> None:
        """Write one completion and its outcome in one transaction; durable on return.

        Writing the same completion again replaces its outcome (a later, better-informed one). Lone
        surrogates are stored as U+FFFD. Raises StoreError when it cannot be written, and then
        nothing of it was.
        """
        self.add_all([signal])

    def add_all(self, signals: Iterable[Signal]) -> None:
        """Write many signals in one transaction, as ``add`` does each."""
        with self._guard() as connection:
            for signal in signals:
                _add(connection, signal)

    def add_probe(self, completion_id: str, seconds: float, kept: float) -> bool:
        """Add a survival probe to a stored outcome; False when there is no such outcome.

        ``seconds`` after acceptance the share ``kept`` (0 to 1) of the suggestion was still there.
        """
        with self._guard() as connection:
            connection.execute("BEGIN IMMEDIATE")
            row = connection.execute(
                "SELECT probes FROM outcomes WHERE completion_id = ?", [completion_id]
            ).fetchone()
            if row is not None:
                probes = json.dumps(sorted({**dict(json.loads(row[0])), seconds: kept}.items()))
                connection.execute(
                    "UPDATE outcomes SET probes = ? WHERE completion_id = ?",
                    [probes, completion_id],
                )
        return row is not None

    def rate(self, rating: Rating) -> bool:
        """Write an explicit judgement; False when its completion was never stored."""
        row = rating_row(rating)
        with self._guard() as connection:
            connection.execute("BEGIN IMMEDIATE")
            known = connection.execute(
                "SELECT 1 FROM completions WHERE id = ?", [row["completion_id"]]
            ).fetchone()
            if known:
                _insert(connection, "ratings", row)
        return bool(known)

    def signals(
        self, after: int = 0, *, newest: int | None = None, until: int | None = None
    ) -> Iterator[Signal]:
        """Yield signals in the order they were stored, those with ``after < seq <= until`` only.

        ``newest`` keeps only that many of the latest of them. A row that makes no sense is skipped
        and counted in ``unreadable``.
        """
        self.unreadable = 0
        until = _LAST_SEQ if until is None else until
        if newest is not None:
            after = max(after, self._seq_before(newest, until))
        query = f"{SELECT_SIGNALS} WHERE c.seq > ? AND c.seq <= ? ORDER BY c.seq LIMIT {_PAGE}"
        while rows := self._rows(query, [after, until]):
            after = rows[-1]["seq"]
            yield from self._sensible(rows)

    def signal(self, completion_id: str) -> Signal | None:
        """Return the signal of one completion, None when it is not stored or makes no sense."""
        rows = self._rows(f"{SELECT_SIGNALS} WHERE c.id = ?", [well_formed(completion_id)])
        return signal_of(rows[0]) if rows else None

    def _sensible(self, rows: Iterable[Row]) -> Iterator[Signal]:
        for row in rows:
            signal = signal_of(row)
            if signal is None:
                self.unreadable += 1
            else:
                yield signal

    def _seq_before(self, newest: int, until: int) -> int:
        if newest <= 0:
            return until
        query = "SELECT seq FROM completions WHERE seq <= ? ORDER BY seq DESC LIMIT 1 OFFSET ?"
        rows = self._rows(query, [until, newest - 1])
        return int(rows[0]["seq"]) - 1 if rows else 0

    def find(
        self,
        last: int,
        *,
        since: float | None = None,
        path: str | None = None,
        language: str | None = None,
        outcome: str | None = None,
    ) -> list[Signal]:
        """Return the ``last`` newest signals that match, oldest first.

        ``path`` may hold the wildcards ``*``, ``?`` and ``[…]``; ``since`` is epoch seconds.
        """
        where, values = _where(
            {
                "c.at >= ?": since,
                "c.path GLOB ?": path,
                "c.language = ?": language,
                "o.kind = ?": outcome,
            }
        )
        self.unreadable = 0
        query = f"{SELECT_SIGNALS} WHERE {where} ORDER BY c.seq DESC LIMIT ?"
        return list(self._sensible(reversed(self._rows(query, [*values, last]))))

    def missing(self, ids: Iterable[str]) -> list[str]:
        """Return those of the completion ids that the log does not hold (any more)."""
        query = "SELECT 1 FROM completions WHERE id = ?"
        with self._guard() as connection:
            return [i for i in ids if not connection.execute(query, [well_formed(i)]).fetchone()]

    def _rows(self, query: str, arguments: Iterable[Any] = ()) -> list[Row]:
        with self._guard() as connection:
            cursor = connection.execute(query, list(arguments))
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def ratings(self) -> list[Rating]:
        """Return every explicit judgement, oldest first."""
        rows = self._rows(f"{SELECT_RATINGS} ORDER BY seq")
        return [rating for rating in map(rating_of, rows) if rating is not None]

    def counts(self) -> dict[str | None, Counts]:
        """Return totals by ``<adapter>/<version>`` (None: the base model)."""
        found = self.overview()["version"]
        return {
            None if name == tallies.BASE else name: counts
            for name, counts in found.items()
            if counts.shown
        }

    def tallies(self) -> Tallies:
        """Return the running totals: by version, language, kind of file, outcome and quarter."""
        with self._guard() as connection:
            return tallies.read(connection)

    def overview(self) -> Tallies:
        """Return the running totals with local hours of the day in place of quarters."""
        with self._guard() as connection:
            return tallies.overview(connection)

    def recount(self) -> Tallies:
        """Count every row again: what ``tallies`` says, at the price of reading the whole log."""
        with self._guard() as connection:
            return tallies.recount(connection)

    def last_seq(self) -> int:
        """Return the ``seq`` of the newest signal, 0 for none."""
        return int(self._rows("SELECT max(seq) AS seq FROM completions")[0]["seq"] or 0)

    def __len__(self) -> int:
        """Return how many completions are stored, shown or not."""
        return int(self._rows("SELECT count(*) AS n FROM completions")[0]["n"])

    def __bool__(self) -> bool:
        """A store is true even when it is empty."""
        return True

    def erase(
        self,
        *,
        before: float | None = None,
        after: float | None = None,
        workspace: str | None = None,
        path: str | None = None,
        language: str | None = None,
    ) -> list[str]:
        """Erase matching signals; return their completion ids.

        The text is overwritten in the file and the write-ahead log is truncated. Without arguments
        everything goes, damaged files that were set aside included. Raises StoreError when it
        cannot, or when another program's reading keeps the text in the -wal file.
        """
        where, values = _where(
            {
                "at < ?": before,
                "at >= ?": after,
                "workspace = ?": workspace,
                "path = ?": path,
                "language = ?": language,
            }
        )
        return self._erase(where, values, "erased")

    def _erase(self, where: str, values: list[float | str], why: str) -> list[str]:
        with self._guard() as connection:
            connection.execute("BEGIN IMMEDIATE")
            found = f"SELECT id FROM completions WHERE {where}"
            ids = [row[0] for row in connection.execute(found, values)]
            _keep_count(connection)
            _remember(connection, ids, why)
            if not values:
                tallies.drop(connection)  # nothing to subtract one by one
            for table in ("ratings", "outcomes"):
                connection.execute(f"DELETE FROM {table} WHERE completion_id IN ({found})", values)
            connection.execute(f"DELETE FROM completions WHERE {where}", values)
            if not values:
                tallies.build(connection)
            tallies.sweep(connection)
        self._truncate()
        if not values:
            self._remove(set_aside_files(self.path))
        return ids

    def erasures(self) -> list[Erasure]:
        """Return what was erased and not yet followed through (see ``forgetting``)."""
        rows = self._rows("SELECT completion_id, at, why FROM erasures")
        return [Erasure(row["completion_id"], row["at"], row["why"]) for row in rows]

    def followed_through(self, ids: Iterable[str]) -> None:
        """Drop the ids of erased signals: nothing that was derived from them is left."""
        with self._guard() as connection:
            connection.executemany(
                "DELETE FROM erasures WHERE completion_id = ?", [[name] for name in ids]
            )

    def prune(self, retention_days: int, *, now: float | None = None) -> list[str]:
        """Erase what is older than ``retention_days``; return the completion ids.

        Age is counted from the newest signal when the clock runs ahead of it, so that a clock that
        jumped into the future does not empty the log.
        """
        now = time.time() if now is None else now
        aside = [p for p in set_aside_files(self.path) if _age_s(p, now) > retention_days * _DAY_S]
        newest = self._rows("SELECT max(at) AS at FROM completions")[0]["at"]
        if newest is None:
            self._remove(aside)
            return []
        self._remove(aside)
        oldest = min(now, float(newest)) - retention_days * _DAY_S
        return self._erase("at < ?", [oldest], "expired")

    def _truncate(self) -> None:
        with self._guard() as connection:
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        if busy:
            raise StoreError(
                "the signals are erased, but another program still reads the log, so their text "
                "remains in its -wal file; close it and erase again"
            )

    def _remove(self, paths: Iterable[Path]) -> None:
        try:
            for path in paths:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"{path} cannot be deleted ({error.strerror}); delete it") from error


def _add(connection: sqlite3.Connection, signal: Signal) -> None:
    outcome = signal.outcome
    if outcome is not None and outcome.completion_id != signal.completion.id:
        raise StoreError("the outcome belongs to another completion")
    row = completion_row(signal.completion)
    _insert(connection, "completions", row, seq=True, conflict="ON CONFLICT(id) DO NOTHING")
    if outcome is not None:
        _insert(connection, "outcomes", outcome_row(outcome), verb="REPLACE")


def _remember(connection: sqlite3.Connection, ids: list[str], why: str) -> None:
    now = time.time()
    connection.executemany(
        "INSERT OR REPLACE INTO erasures (completion_id, at, why) VALUES (?, ?, ?)",
        ((name, now, why) for name in ids),
    )


def _insert(
    connection: sqlite3.Connection,
    table: str,
    row: Row,
    *,
    verb: str = "INSERT",
    conflict: str = "",
    seq: bool = False,
) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    values = ", ".join("?" * len(row))
    if seq:  # never a number that was given out before, not even to an erased row
        names, values = f"seq, {names}", f"{_NEXT_SEQ}, {values}"
    connection.execute(
        f"{verb} INTO {table} ({names}) VALUES ({values}) {conflict}", list(row.values())
    )


_NEXT_SEQ = (
    "(SELECT 1 + max((SELECT coalesce(max(seq), 0) FROM completions),"
    " (SELECT user_version FROM pragma_user_version)))"
)


def _keep_count(connection: sqlite3.Connection) -> None:
    """Remember the highest ``seq`` outside the rows that are about to go."""
    highest = connection.execute(f"SELECT {_NEXT_SEQ} - 1").fetchone()[0]
    connection.execute(f"PRAGMA user_version = {min(int(highest), _MOST)}")


def _where(tests: dict[str, float | str | None]) -> tuple[str, list[float | str]]:
    chosen = {test: value for test, value in tests.items() if value is not None}
    values = [well_formed(v) if isinstance(v, str) else v for v in chosen.values()]
    return " AND ".join(chosen) or "1", values


def _age_s(path: Path, now: float) -> float:
    try:
        return now - path.stat().st_mtime
    except OSError:
        return 0.0


def _cannot(path: Path, error: BaseException) -> str:
    return f"the signal log {path} cannot be used ({error}); run `penchant doctor`"
