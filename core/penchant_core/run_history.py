"""Reads what became of training runs, refused ones included, from the trainer's ledger.

The trainer alone writes it; here it is opened for reading only, and one that is missing, damaged or
of another make is an empty history. It names phases, counts and reasons, never code.
"""

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LEDGER = "ledger.db"
BUSY_S = 0.3
MOST_REASONS, MOST_CHARS = 20, 500

_QUERY = (
    "SELECT id, status, phase, started, updated, version, reasons FROM runs"
    " WHERE owner = ? ORDER BY started DESC, id DESC LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run; times in epoch seconds, ``phase`` the last finished one.

    ``status`` is running, published, refused, failed, stopped or abandoned.
    """

    id: str
    status: str
    phase: str
    started: float
    updated: float
    version: str
    reasons: tuple[str, ...]


def past_runs(directory: Path, owner: str, most: int) -> list[PastRun]:
    """Return the newest runs of an owner, newest first; ``directory`` holds the ledger."""
    path = directory / LEDGER
    if not path.exists():
        return []
    address = f"{path.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=BUSY_S)) as ledger:
            return [_run(*row) for row in ledger.execute(_QUERY, (owner, most))]
    except (sqlite3.Error, ValueError, TypeError):
        return []


def _run(
    name: str, status: str, phase: str, started: float, updated: float, version: str, reasons: str
) -> PastRun:
    told: Any = json.loads(reasons or "[]")
    texts = tuple(str(text)[:MOST_CHARS] for text in told[:MOST_REASONS])
    return PastRun(
        str(name), str(status), str(phase), float(started), float(updated), version or "", texts
    )
