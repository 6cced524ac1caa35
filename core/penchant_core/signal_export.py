"""Signals as JSON lines, for their owner to keep, read and bring back.

One object per signal, with its schema version, its outcome and its ratings; every line is ASCII and
complete in itself, and the order of the lines is the order of the log. Importing checks every value
and skips signals that the log already has; what is exported then is the same, byte for byte. Run as
a module it prints the JSON Schema of a line. Knows nothing of files and commands.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, Literal

from pydantic import TypeAdapter

from penchant_core.errors import StoreError
from penchant_core.signal_rows import checked_rating, checked_signal, well_formed_values
from penchant_core.signals import Completion, Outcome, Rating, Signal
from penchant_core.store import SignalStore

SCHEMA: Literal[1] = 1
_BATCH = 500  # signals imported in one transaction


@dataclass(frozen=True, slots=True)
class ExportedSignal:
    """One line of an export: a completion, what became of it, and what was said about it."""

    schema: Literal[1]
    completion: Completion
    outcome: Outcome | None
    ratings: tuple[Rating, ...]


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of one exported line."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **TypeAdapter(ExportedSignal).json_schema(),
        "title": "One line of `penchant signals export`",
    }


def export_lines(store: SignalStore) -> Iterator[str]:
    """Yield one JSON object per signal, oldest first."""
    rated: dict[str, list[Rating]] = {}
    for rating in store.ratings():
        rated.setdefault(rating.completion_id, []).append(rating)
    for signal in store.signals():
        yield json.dumps(as_object(signal, rated.get(signal.completion.id, ())))


def as_object(signal: Signal, ratings: Iterable[Rating] = ()) -> dict[str, Any]:
    """Return a signal with its ratings as plain values; its ``seq`` is the log's own affair."""
    line = ExportedSignal(SCHEMA, signal.completion, signal.outcome, tuple(ratings))
    return asdict(line)


def import_lines(store: SignalStore, lines: Iterable[str]) -> tuple[int, int]:
    """Add the signals of ``lines`` to the log; return how many were added and how many it had.

    Every line is checked before the first is written. Raises StoreError, naming the line, when one
    is not what ``export_lines`` writes.
    """
    parsed = [_parsed(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    unknown = set(store.missing(signal.completion.id for signal, _ in parsed))
    added = 0
    pending = iter(parsed)
    while batch := list(islice(pending, _BATCH)):
        fresh = [item for item in batch if _take(unknown, item[0].completion.id)]
        store.add_all(signal for signal, _ in fresh)
        for rating in (rating for _, ratings in fresh for rating in ratings):
            store.rate(rating)
        added += len(fresh)
    return added, len(parsed) - added


def _take(names: set[str], name: str) -> bool:
    """Whether a name was among these; it is not the next time."""
    known = name in names
    names.discard(name)
    return known


def _parsed(number: int, line: str) -> tuple[Signal, list[Rating]]:
    try:
        value = well_formed_values(json.loads(line))
        if value["schema"] != SCHEMA:
            raise StoreError(
                f"line {number} has schema {value['schema']!r}, this Penchant reads {SCHEMA}; "
                "update penchant"
            )
        signal = checked_signal(value)
        ratings = [checked_rating(rating) for rating in value["ratings"]]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        # Not the error's own text: it would quote the line.
        raise StoreError(f"line {number} is no exported signal; nothing was imported") from error
    if any(rating.completion_id != signal.completion.id for rating in ratings):
        raise StoreError(f"line {number} rates another completion; nothing was imported")
    return signal, ratings


if __name__ == "__main__":
    sys.stdout.write(json.dumps(json_schema(), indent=1) + "\n")
