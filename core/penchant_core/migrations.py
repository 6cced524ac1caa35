"""The diary of the signal log's schema: one function per change, appended, never edited.

Each migration is atomic with the record of having run (sqlite-utils ``Migrations``). Text that a
developer wrote is in ``completions``, ``outcomes`` and ``ratings`` only, so erasing knows where to
look. ``signal_file.NEWEST_MIGRATION`` names the last one. Knows nothing of rows.
"""

from sqlite_utils import Database, Migrations

from penchant_core import tallies

migrations = Migrations("penchant_signals")


@migrations()
def m001_completions(db: Database) -> None:
    """What was asked and proposed."""
    db.create_table(
        "completions",
        {
            "seq": int,
            "id": str,
            "at": float,
            "developer": str,
            "workspace": str,
            "path": str,
            "language": str,
            "prefix": str,
            "suffix": str,
            "context": str,
            "candidates": str,
            "shown": int,
            "not_shown": str,
            "trigger": str,
            "latency_ms": float,
            "base_fingerprint": str,
            "adapter": str,
            "version": str,
        },
        pk="seq",
        not_null={"id", "at", "developer", "workspace", "prefix", "suffix", "candidates"},
    )
    db["completions"].create_index(["id"], unique=True)
    db["completions"].create_index(["at"])


@migrations()
def m002_outcomes(db: Database) -> None:
    """What became of it: at most one outcome per completion."""
    db.create_table(
        "outcomes",
        {
            "completion_id": str,
            "kind": str,
            "at": float,
            "settled_at": float,
            "accepted_chars": int,
            "retained_chars": int,
            "final_text": str,
            "instead": str,
            "kept": float,
            "probes": str,
            "flags": str,
        },
        pk="completion_id",
        not_null={"kind", "at", "settled_at"},
        foreign_keys=[("completion_id", "completions", "id")],
    )


@migrations()
def m003_ratings(db: Database) -> None:
    """What the developer said about it outright."""
    db.create_table(
        "ratings",
        {
            "seq": int,
            "completion_id": str,
            "at": float,
            "kind": str,
            "value": int,
            "order": str,
            "reason": str,
        },
        pk="seq",
        not_null={"completion_id", "at", "kind"},
        foreign_keys=[("completion_id", "completions", "id")],
    )


@migrations()
def m004_tallies(db: Database) -> None:
    """Running totals, kept by triggers; all of it is derived, so that it may be built again."""
    tallies.build(db.conn)


@migrations()
def m005_erasures(db: Database) -> None:
    """Ids of signals that are erased, until what was derived from them is gone as well."""
    db.create_table(
        "erasures",
        {"completion_id": str, "at": float, "why": str},
        pk="completion_id",
        not_null={"at", "why"},
    )
