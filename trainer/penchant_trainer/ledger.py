"""The ledger of runs: what was tried, how far it came, what became of it.

One SQLite file per developer. It names phases, counts and reasons, never code. A damaged ledger is
set aside: the adapters and signals do not depend on it, only the memory of what was covered.
"""

import json
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from penchant_core.errors import TrainError
from penchant_core.paths import FILE_MODE, private_directory

FILE = "ledger.db"
PHASES = (
    "collect",
    "split",
    "train_sft",
    "judge_pairs",
    "train_dpo",
    "train_kto",
    "train_reward",
    "train_grpo",
    "train_ppo",
    "evaluate",
    "gate",
    "publish",
    "done",
)
MAX_ATTEMPTS = 3
_DAMAGED = ("malformed", "not a database", "corrupt", "no such column")
_COLUMNS = {
    "id": str,
    "owner": str,
    "status": str,
    "phase": str,
    "started": float,
    "updated": float,
    "last_seq": int,
    "attempts": int,
    "version": str,
    "reasons": str,
    "made_of": str,
}


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run: ``phase`` is the last finished one ('' for none), times are epoch seconds.

    ``status`` is running, published, refused, stopped (it reached a limit), failed or abandoned.
    ``last_seq`` is the newest signal that it covered. ``attempts`` counts its early ends since it
    last finished a phase. ``made_of`` names base model, effort, seed and methods (none stands for
    the usual ones).
    """

    id: str
    owner: str
    status: str
    phase: str
    started: float
    updated: float
    last_seq: int
    attempts: int
    version: str
    reasons: tuple[str, ...]
    made_of: str


class Ledger:
    """The runs of one developer; ``set_aside`` is where a damaged ledger was put."""

    def __init__(self, directory: Path) -> None:
        self.directory = private_directory(directory)
        self.path = directory / FILE
        self.set_aside: Path | None = None
        try:
            self._db = self._open()
        except sqlite3.DatabaseError as error:
            if not any(word in str(error) for word in _DAMAGED):
                raise self._cannot(error) from error
            self.set_aside = self.path.with_name(f"{FILE}.damaged-{time.time_ns()}")
            self.path.rename(self.set_aside)
            self._db = self._open()

    def _open(self) -> Database:
        connection = sqlite3.connect(self.path, timeout=10)
        try:
            self.path.chmod(FILE_MODE)
            connection.execute("PRAGMA synchronous=FULL")
            db = Database(connection)
            db["runs"].create(_COLUMNS, pk="id", if_not_exists=True)
            connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM runs LIMIT 1").fetchall()  # noqa: S608
        except BaseException:
            connection.close()
            raise
        return db

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def begin(self, owner: str, *, last_seq: int, made_of: str) -> RunRow:
        """Write down a new run and return it."""
        now = time.time()
        name = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(now))}-{secrets.token_hex(3)}"
        row: dict[str, Any] = {
            "id": name,
            "owner": owner,
            "status": "running",
            "phase": "",
            "started": now,
            "updated": now,
            "last_seq": last_seq,
            "attempts": 1,
            "version": "",
            "reasons": "[]",
            "made_of": made_of,
        }
        with self._guard():
            self._db["runs"].insert(row)
        return _row(row)

    def update(self, run: str, **changes: str | int | float) -> RunRow:
        """Change a run's columns and return it as it is now."""
        with self._guard():
            self._db["runs"].update(run, {**changes, "updated": time.time()})
            return _row(dict(self._db["runs"].get(run)))

    def finish(
        self, run: str, status: str, reasons: tuple[str, ...], *, version: str = ""
    ) -> RunRow:
        """End a run."""
        text = json.dumps(reasons, ensure_ascii=False)
        return self.update(run, status=status, reasons=text, version=version)

    def unfinished(self, owner: str) -> RunRow | None:
        """Return the newest run that was begun and never ended."""
        return next((r for r in self._rows(owner) if r.status == "running"), None)

    def last(self, owner: str) -> RunRow | None:
        """Return the newest run."""
        return next(self._rows(owner), None)

    def covered(self, owner: str) -> int:
        """Return the newest signal that a finished run has used, 0 for none."""
        ended = ("published", "refused", "stopped")
        return max((r.last_seq for r in self._rows(owner) if r.status in ended), default=0)

    def look(self, owner: str) -> int:
        """Return the number of the next candidate at the gate since the last promotion, from 1."""
        number = 1
        for row in self._rows(owner):
            if row.status == "published":
                break
            number += row.status == "refused"
        return number

    def _rows(self, owner: str) -> Iterator[RunRow]:
        with self._guard():
            found = list(
                self._db["runs"].rows_where("owner = ?", [owner], order_by="started desc, id desc")
            )
        return map(_row, found)

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._cannot(error) from error

    def _cannot(self, error: sqlite3.Error) -> TrainError:
        return TrainError(
            f"the ledger of runs {self.path} cannot be used ({error}); "
            "free some disk space or move the file away, and train again"
        )


def _row(row: dict[str, Any]) -> RunRow:
    return RunRow(**{**row, "reasons": tuple(json.loads(row["reasons"]))})
