"""``penchant signals stats``: how suggestions fared, from the log's running totals.

Reads a thousand totals, never the rows, so it answers at once however long the log is. Knows
nothing of how the totals are kept.
"""

from collections.abc import Mapping
from functools import reduce
from operator import add
from typing import Any

import click

from penchant_core.commands.output import as_json, print_json, print_table
from penchant_core.config import load
from penchant_core.signals import Counts
from penchant_core.store import SignalStore

BREAKDOWNS = ("version", "language", "hour", "kind", "outcome")
_HEADER = ("SHOWN", "ACCEPTED", "REJECTED", "RETAINED/SHOWN", "KEPT")
_OVERVIEW_ROWS = 5


@click.command()
@click.option("--by", type=click.Choice(BREAKDOWNS), help="One breakdown, with every row.")
@as_json
def stats(by: str | None, json_: bool) -> None:
    """Print how suggestions fared: by adapter version, language, hour of the day, kind of file."""
    config = load()
    with SignalStore(config.paths.signal_log(config.settings.developer.name)) as log:
        parts = log.overview()
    every = reduce(add, parts["version"].values(), Counts())
    if json_:
        print_json(as_object(every, parts))
        return
    click.echo(f"{every.signals} signal(s), {every.shown} suggestion(s) with an outcome")
    for name in [by] if by else BREAKDOWNS[:-1]:
        _print(name, parts[name], None if by else _OVERVIEW_ROWS)
    print_table([("all", *_cells(every))])


def as_object(every: Counts, parts: Mapping[str, Mapping[str, Counts]]) -> dict[str, Any]:
    """Return the statistics as plain values: the sums, and each breakdown as ``by_<name>``."""
    rows = {
        f"by_{breakdown}": {
            name: figures(parts[breakdown][name]) for name in sorted(parts[breakdown])
        }
        for breakdown in BREAKDOWNS
    }
    return {**figures(every), **rows}


def figures(counts: Counts) -> dict[str, float | None]:
    """Return one row of figures as plain values."""
    share = counts.kept_share
    return {
        "signals": counts.signals,
        "shown": counts.shown,
        "accepted": counts.accepted,
        "rejected": counts.rejected,
        "retained_chars": counts.retained_chars,
        "retained_per_shown": counts.retained_per_shown,
        "kept_share": None if share is None else round(share, 4),
    }


def _print(breakdown: str, part: Mapping[str, Counts], most: int | None) -> None:
    """Print one table; a cut one has the largest rows, in the order of the whole."""
    shown = {
        name: counts for name, counts in part.items() if counts.shown or breakdown == "outcome"
    }
    largest = sorted(shown, key=lambda name: (-shown[name].shown, name))[:most]
    rows = [(_plain(name), *_cells(shown[name])) for name in sorted(largest)]
    if rows:
        print_table(rows, (breakdown.upper(), *_HEADER))
    if len(shown) > len(largest):
        click.echo(
            f"… and {len(shown) - len(largest)} more: penchant signals stats --by {breakdown}"
        )
    if rows:
        click.echo()


def _cells(counts: Counts) -> tuple[str, ...]:
    share = "-" if counts.kept_share is None else f"{counts.kept_share:.0%}"
    whole = (str(n) for n in (counts.shown, counts.accepted, counts.rejected))
    return (*whole, f"{counts.retained_per_shown:.1f}", share)


def _plain(name: str) -> str:
    """A name with nothing in it that a terminal would obey."""
    return name if name.isprintable() else repr(name)[1:-1]
