"""The printed table of the comparison: ours, and each peer with the ratio of ours to theirs."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

TYPING = {
    "requests": "engine requests per 100 keys",
    "cut off": "of them, cut off",
    "tokens": "generated tokens per 100 keys",
    "shown": "keys with ghost text before the next, per 100",
    "right": "of them right: what was typed next",
    "seen_p50_ms": "key to that ghost text, p50 ms",
}
HELD_OUT = {
    "shown": "something is shown, %",
    "exact": "exact match, %",
    "similarity": "edit similarity, %",
}


def print_table(figures: Mapping[str, Any]) -> None:
    """Print every figure; a ratio below 1 says that ours is the smaller."""
    console = Console(width=150)
    names = ["Penchant", *(name for name in figures["versions"] if name not in figures["missing"])]
    table = Table("what", names[0])
    for name in names[1:]:
        table.add_column(name)
        table.add_column("ours / theirs")
    for title, rows in (
        ("Reply, no pause of their own", _reply(figures["no_pause"])),
        ("Reply, as shipped", _reply(figures["as_shipped"])),
        ("Typing, as shipped", _plain(figures["typing"], TYPING)),
        ("Held-out positions", _plain(figures["held_out"], HELD_OUT)),
    ):
        table.add_section()
        table.add_row(title, style="bold")
        for name, values in rows:
            table.add_row(f"  {name}", *_cells(values))
    console.print(table)
    for name, each in list(figures["held_out"].items())[1:]:
        low, high = each["exact_difference"][1:]
        near = each["similarity_difference"]
        console.print(
            f"against {name}, {each['n']} positions: exact match "
            f"{each['exact_difference'][0]:+.1f} [{low:+.1f}, {high:+.1f}], similarity "
            f"{near[0]:+.1f} [{near[1]:+.1f}, {near[2]:+.1f}] points (95 %)"
        )
    for name, why in figures["missing"].items():
        console.print(f"{name} is left out: {why}")


def _reply(peers: Mapping[str, Any]) -> Iterator[tuple[str, list[float | None]]]:
    first = next(iter(peers.values()))
    for name in first:
        for part in ("p50_ms", "p95_ms"):
            yield f"{name}, {part[:3]} ms", [each[name][part] for each in peers.values()]


def _plain(
    peers: Mapping[str, Any], names: Mapping[str, str]
) -> Iterator[tuple[str, list[float | None]]]:
    for key, name in names.items():
        yield name, [each[key] for each in peers.values()]


def _cells(values: list[float | None]) -> list[str]:
    ours, *theirs = values
    cells = [_number(ours)]
    for each in theirs:
        ratio = f"{ours / each:.2f}" if ours is not None and each else "-"
        cells += [_number(each), ratio]
    return cells


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"
