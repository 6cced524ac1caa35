"""Signals as JSON lines, for their owner to keep, read and bring back.

One object per signal, with its schema version, its outcome and its ratings; every line is ASCII and
complete in itself. Importing checks every value, skips signals that the log already has and gives
new ``seq`` numbers, because the log has its own order. Knows nothing of files and commands.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from penchant_core.errors import StoreError
from penchant_core.signal_rows import checked_rating, checked_signal, well_formed_values
from penchant_core.signals import Rating, Signal
from penchant_core.store import SignalStore

SCHEMA = 1


def export_lines(store: SignalStore) -> Iterator[str]:
    """Yield one JSON object per signal, oldest first."""
    rated: dict[str, list[Rating]] = {}
    for rating in store.ratings():
        rated.setdefault(rating.completion_id, []).append(rating)
    for signal in store.signals():
        yield json.dumps(as_object(signal, rated.get(signal.completion.id, ())))


def as_object(signal: Signal, ratings: Iterable[Rating] = ()) -> dict[str, Any]:
    """Return a signal with its ratings as plain values."""
    return {"schema": SCHEMA, **asdict(signal), "ratings": [asdict(rating) for rating in ratings]}


def import_lines(store: SignalStore, lines: Iterable[str]) -> tuple[int, int]:
    """Add the signals of ``lines`` to the log; return how many were added and how many it had.

    Every line is checked before the first is written. Raises StoreError, naming the line, when one
    is not what ``export_lines`` writes.
    """
    parsed = [_parsed(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    known = {signal.completion.id for signal in store.signals()}
    added = 0
    for signal, ratings in parsed:
        if signal.completion.id in known:
            continue
        known.add(signal.completion.id)
        store.add(signal)
        for rating in ratings:
            store.rate(rating)
        added += 1
    return added, len(parsed) - added


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
