"""Running totals of the signal log: counting a million signals costs what counting ten does.

Triggers in the file keep them, whoever writes and whatever is erased, so they cannot drift from the
rows; an older Penchant that has the log open keeps them as well. They hold sums and names of
languages, versions, kinds of files and quarters of an hour: no text, and after an erasure nothing
of a row that is gone. All sums are of whole numbers, so that taking away leaves no remainder.
"""

import sqlite3
from collections.abc import Mapping

from penchant_core.signals import TAKEN, Counts

Tallies = dict[str, dict[str, Counts]]

BASE = "base"
NONE = "(none)"
KEPT_ONE = 1000
"""Kept shares are summed in thousandths."""

_QUARTER_S = 900  # of an hour: the hours of every time zone begin at one
_MOST_CHARS = 1_000_000_000  # more than any suggestion holds; sums of it cannot overflow
_MOST_NAME = 60


def _if(test: str, yes: str, no: str) -> str:
    return f"CASE WHEN {test} THEN {yes} ELSE {no} END"


_PATH = "lower(replace(coalesce(c.path, ''), char(92), '/'))"
_TEST = " OR ".join(
    f"'/' || {_PATH} GLOB '{pattern}'"
    for pattern in (
        "*/test/*", "*/tests/*", "*/__tests__/*", "*/spec/*",
        "*/test_*", "*/conftest.py", "*_test.*", "*.test.*", "*_spec.*", "*.spec.*",
    )
)  # fmt: skip
# What follows the last dot: all that is no dot is trimmed off the right of the path.
_SUFFIX = f"substr({_PATH}, 1 + length(rtrim({_PATH}, replace({_PATH}, '.', ''))))"
_HAS_SUFFIX = (
    f"instr({_PATH}, '.') AND length({_SUFFIX}) BETWEEN 1 AND 8 AND NOT instr({_SUFFIX}, '/')"
)
_SHORT_SUFFIX = _if(_HAS_SUFFIX, _SUFFIX, f"'{NONE}'")
_MARK = _if(_TEST, "' test'", "''")
_NAMES = {
    "version": f"coalesce(c.adapter || '/' || c.version, '{BASE}')",
    "language": f"coalesce(nullif(substr(c.language, 1, {_MOST_NAME}), ''), '{NONE}')",
    "kind": f"({_SHORT_SUFFIX}) || ({_MARK})",
    "quarter": f"CAST(c.at / {_QUARTER_S} AS INTEGER)",
}
DIMENSIONS = (*_NAMES, "outcome")

_COUNTED = "(c.shown IS NOT NULL AND o.kind <> 'censored')"
_KEPT = f"({_COUNTED} AND typeof(o.kept) IN ('real', 'integer'))"
_TAKEN = ", ".join(f"'{kind}'" for kind in sorted(TAKEN))
_FIGURES = {  # of a completion c with its outcome o
    "shown": _COUNTED,
    "accepted": f"({_COUNTED} AND o.kind IN ({_TAKEN}))",
    "rejected": f"({_COUNTED} AND o.kind = 'rejected')",
    "retained": _if(
        _COUNTED, f"min(max(CAST(o.retained_chars AS INTEGER), 0), {_MOST_CHARS})", "0"
    ),
    "kept_sum": _if(_KEPT, f"CAST(round(min(max(o.kept, 0), 1) * {KEPT_ONE}) AS INTEGER)", "0"),
    "kept_known": _KEPT,
}
_SUMMED = ("signals", *_FIGURES)
_COLUMNS = ", ".join(_SUMMED)


def _tuples(dimensions: Mapping[str, str]) -> str:
    """SQL of a table d(name) of dimensions."""
    return " UNION ALL ".join(f"SELECT '{name}' AS dimension" for name in dimensions)


def _name(dimensions: Mapping[str, str]) -> str:
    """SQL of the name that a completion has in the dimension of d."""
    cases = " ".join(f"WHEN '{name}' THEN {sql}" for name, sql in dimensions.items())
    return f"CAST(CASE d.dimension {cases} END AS TEXT)"


def _change(dimensions: Mapping[str, str], figures: str, rows: str) -> str:
    """SQL that adds ``figures`` to every total in which the completion of ``rows`` is counted."""
    added = ", ".join(f"{name} = {name} + excluded.{name}" for name in _SUMMED)
    source, _, where = rows.partition(" WHERE ")
    return (
        f"INSERT INTO tallies (dimension, name, {_COLUMNS}) "
        f"SELECT d.dimension, {_name(dimensions)}, {figures} "
        f"FROM {source}, ({_tuples(dimensions)}) d WHERE {where} "
        f"ON CONFLICT(dimension, name) DO UPDATE SET {added};"
    )


def _of_completion(sign: str, row: str) -> str:
    nothing = ", 0" * len(_FIGURES)
    return _change(_NAMES, f"{sign}1{nothing}", f"completions c WHERE c.seq = {row}.seq")


def _of_outcome(sign: str, row: str) -> str:
    figures = ", ".join(f"coalesce({sign}{sql}, 0)" for sql in _FIGURES.values())
    rows = (
        f"completions c JOIN outcomes o ON o.completion_id = c.id WHERE c.id = {row}.completion_id"
    )
    first = _change(_NAMES, f"0, {figures}", rows)
    return first + _change(
        {"outcome": "o.kind"}, f"{sign}1, {figures}", f"{rows} AND c.shown IS NOT NULL"
    )


# REPLACE tells the delete trigger only where recursive triggers are on: hence ``outcome_before``.
_TRIGGERS = {
    "completion_in": ("AFTER INSERT ON completions", _of_completion("+", "NEW")),
    "completion_out": ("BEFORE DELETE ON completions", _of_completion("-", "OLD")),
    "outcome_before": (
        "BEFORE INSERT ON outcomes",
        "DELETE FROM outcomes WHERE completion_id = NEW.completion_id;",
    ),
    "outcome_in": ("AFTER INSERT ON outcomes", _of_outcome("+", "NEW")),
    "outcome_out": ("BEFORE DELETE ON outcomes", _of_outcome("-", "OLD")),
}


def build(connection: sqlite3.Connection) -> None:
    """Create the totals and what keeps them, from the rows that are there; what was there goes."""
    drop(connection)
    figures = ", ".join(f"{name} INTEGER NOT NULL" for name in _SUMMED)
    connection.execute(
        f"CREATE TABLE tallies (dimension TEXT NOT NULL, name TEXT NOT NULL, {figures}, "
        "PRIMARY KEY (dimension, name)) WITHOUT ROWID"
    )
    refill(connection)
    for name, (when, body) in _TRIGGERS.items():
        connection.execute(f"CREATE TRIGGER tally_{name} {when} BEGIN {body} END")


def drop(connection: sqlite3.Connection) -> None:
    """Remove the totals and what keeps them."""
    for name in _TRIGGERS:
        connection.execute(f"DROP TRIGGER IF EXISTS tally_{name}")
    connection.execute("DROP TABLE IF EXISTS tallies")


def refill(connection: sqlite3.Connection) -> None:
    """Replace the totals by a count of the rows."""
    connection.execute("DELETE FROM tallies")
    connection.execute(f"INSERT INTO tallies (dimension, name, {_COLUMNS}) {_RECOUNT}")


def recount(connection: sqlite3.Connection) -> Tallies:
    """Count the rows, all of them: what ``read`` must say."""
    return _grouped(connection.execute(_RECOUNT).fetchall())


def read(connection: sqlite3.Connection) -> Tallies:
    """Return every total by dimension and name; thousands of rows, however long the log."""
    query = f"SELECT dimension, name, {_COLUMNS} FROM tallies WHERE signals <> 0"
    return _grouped(connection.execute(query).fetchall())


def overview(connection: sqlite3.Connection) -> Tallies:
    """Return the totals with ``hour`` in place of the quarters.

    Hours are ``00`` to ``23``, local, as the clock stood then; ``?`` for times that are none.
    """
    hour = f"coalesce(strftime('%H', name * {_QUARTER_S}, 'unixepoch', 'localtime'), '?')"
    sums = ", ".join(f"sum({name})" for name in _SUMMED)
    query = (
        f"SELECT dimension, name, {_COLUMNS} FROM tallies"
        " WHERE signals <> 0 AND dimension <> 'quarter' UNION ALL "
        f"SELECT 'hour', {hour}, {sums} FROM tallies"
        " WHERE signals <> 0 AND dimension = 'quarter' GROUP BY 2"
    )
    found = _grouped(connection.execute(query).fetchall(), (*DIMENSIONS, "hour"))
    del found["quarter"]
    return found


def sweep(connection: sqlite3.Connection) -> None:
    """Drop the names of which nothing is left."""
    connection.execute("DELETE FROM tallies WHERE signals = 0")


def _grouped(rows: list[tuple[str, str, int]], dimensions: tuple[str, ...] = DIMENSIONS) -> Tallies:
    found: Tallies = {dimension: {} for dimension in dimensions}
    for dimension, name, *figures in rows:
        found[dimension][name] = Counts(**dict(zip(_FIELDS, figures, strict=True)))
    return found


_FIELDS = ("signals", "shown", "accepted", "rejected", "retained_chars", "kept_sum", "kept_known")


def _recount() -> str:
    """SQL that counts the rows in one pass: cells first, then their sums in each dimension."""
    names = ", ".join(f"{sql} AS n_{name}" for name, sql in _NAMES.items())
    sums = ", ".join(f"sum(coalesce({sql}, 0)) AS {name}" for name, sql in _FIGURES.items())
    cells = (
        f"SELECT {names}, {_if('c.shown IS NULL', 'NULL', 'o.kind')} AS n_outcome, "
        f"count(*) AS signals, {sums} "
        "FROM completions c LEFT JOIN outcomes o ON o.completion_id = c.id GROUP BY 1, 2, 3, 4, 5"
    )
    totals = ", ".join(f"sum({name})" for name in _SUMMED)
    arms = [
        f"SELECT '{name}', CAST(n_{name} AS TEXT), {totals} FROM cells"
        f" WHERE n_{name} IS NOT NULL GROUP BY 2"
        for name in DIMENSIONS
    ]
    return f"WITH cells AS ({cells}) {' UNION ALL '.join(arms)}"


_RECOUNT = _recount()
