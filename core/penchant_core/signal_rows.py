"""Signals as rows of the log, and back: the one place that knows both shapes.

Going in, lone surrogates become U+FFFD, so that every reader can encode what it reads. Coming out,
every value is checked against its type: a damaged file yields rows of nonsense, and nonsense must
not be learned from. Knows nothing of connections and transactions.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, fields
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from penchant_core.signals import Completion, Outcome, Rating, Signal
from penchant_core.text import well_formed

Row = dict[str, Any]

SELECT_SIGNALS = (
    "SELECT c.*, o.completion_id, o.kind AS o_kind, o.at AS o_at, o.settled_at, o.accepted_chars,"
    " o.retained_chars, o.final_text, o.instead, o.kept, o.probes, o.flags"
    " FROM completions c LEFT JOIN outcomes o ON o.completion_id = c.id"
)
SELECT_RATINGS = 'SELECT seq, completion_id, at, kind, value, "order", reason FROM ratings'

_OUTCOME = (
    "completion_id", "settled_at", "accepted_chars", "retained_chars", "final_text",
    "instead", "kept",
)  # fmt: skip

_WRITTEN = (
    ("completions", Completion, "ON CONFLICT(id) DO NOTHING"),
    ("outcomes", Outcome, "ON CONFLICT(completion_id) DO NOTHING"),
    ("ratings", Rating, ""),
)


def trial_writes() -> tuple[str, ...]:
    """Return statements that write nothing and fail where a table is not what rows need."""
    trials = []
    for table, shape, conflict in _WRITTEN:
        names = [field.name for field in fields(shape)]
        columns = ", ".join(f'"{name}"' for name in names)
        values = ", ".join(["NULL"] * len(names))
        # Fixed words only: the names of our own dataclasses.
        trials.append(f"EXPLAIN INSERT INTO {table} ({columns}) VALUES ({values}) {conflict}")  # noqa: S608
    return tuple(trials)


def completion_row(completion: Completion) -> Row:
    """Return the row of a completion (without its ``seq``)."""
    row = asdict(completion)
    row["candidates"] = json.dumps(row["candidates"], ensure_ascii=False)
    row["context"] = json.dumps(row["context"], ensure_ascii=False)
    row["latency_ms"] = row["latency_ms"] if math.isfinite(row["latency_ms"]) else 0.0
    return _well_formed(row)


def outcome_row(outcome: Outcome) -> Row:
    """Return the row of an outcome."""
    row = asdict(outcome)
    row["probes"] = json.dumps(row["probes"])
    row["flags"] = json.dumps(row["flags"], ensure_ascii=False)
    return _well_formed(row)


def rating_row(rating: Rating) -> Row:
    """Return the row of a rating."""
    return _well_formed({**asdict(rating), "order": json.dumps(rating.order)})


def signal_of(row: Row) -> Signal | None:
    """Return the signal of a row of ``SELECT_SIGNALS``, None when it makes no sense."""
    try:
        completion = {
            **row,
            "candidates": json.loads(row["candidates"]),
            "context": json.loads(row["context"]),
        }
        outcome = None
        if row["o_kind"] is not None:
            outcome = {
                **{name: row[name] for name in _OUTCOME},
                "kind": row["o_kind"],
                "at": row["o_at"],
                "probes": json.loads(row["probes"]),
                "flags": json.loads(row["flags"]),
            }
        return checked_signal({"completion": completion, "outcome": outcome, "seq": row["seq"]})
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def rating_of(row: Row) -> Rating | None:
    """Return the rating of a row of ``SELECT_RATINGS``, None when it makes no sense."""
    try:
        return checked_rating({**row, "order": json.loads(row["order"])})
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def checked_signal(value: Mapping[str, Any]) -> Signal:
    """Return a signal from plain values; raise ValueError when they do not make one."""
    signal = _signals().validate_python(value)
    completion, outcome = signal.completion, signal.outcome
    if completion.shown is not None and not 0 <= completion.shown < len(completion.candidates):
        raise ValueError("the shown candidate does not exist")
    if outcome is not None and outcome.completion_id != completion.id:
        raise ValueError("the outcome belongs to another completion")
    return signal


def checked_rating(value: Mapping[str, Any]) -> Rating:
    """Return a rating from plain values; raise ValueError when they do not make one."""
    return _ratings().validate_python(value)


def well_formed_values(value: Any) -> Any:
    """Return plain values (lists, dictionaries) with every text in them well-formed."""
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, list):
        return [well_formed_values(item) for item in value]
    if isinstance(value, dict):
        return {key: well_formed_values(item) for key, item in value.items()}
    return value


def _well_formed(row: Row) -> Row:
    return {k: well_formed(v) if isinstance(v, str) else v for k, v in row.items()}


# Built when first needed: pydantic takes milliseconds for it, and writers never need it.
@cache
def _signals() -> TypeAdapter[Signal]:
    return TypeAdapter(Signal)


@cache
def _ratings() -> TypeAdapter[Rating]:
    return TypeAdapter(Rating)
