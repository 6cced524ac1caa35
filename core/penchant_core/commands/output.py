"""How core's commands print: JSON for programs, aligned columns for people.

JSON goes to stdout as one document; tables are plain text, so that they can be piped. Knows nothing
of what is printed.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click

as_json = click.option("--json", "json_", is_flag=True, help="Print JSON for programs.")


def print_json(value: Any) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(value, indent=1, default=str))


def print_table(rows: Iterable[Sequence[object]], header: Sequence[str] = ()) -> None:
    """Print rows in columns, each as wide as its widest cell; the last column runs free."""
    cells = [[str(cell) for cell in row] for row in ([header, *rows] if header else rows)]
    if not cells:
        return
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo(line.rstrip())


def confirmed(question: str, yes: bool) -> bool:
    """Ask y/N on a terminal; without one only ``yes`` counts as a yes."""
    if yes:
        return True
    if not sys.stdin.isatty():
        click.echo(f"{question} Not asked: this is no terminal; add --yes.", err=True)
        return False
    return click.confirm(question)
