"""``penchant personas``: what the training learns of synthetic developers, and what it refuses.

Runs for hours at full size, cell by cell: ``--work`` keeps every cell, and calling again goes on.
Prints tables; ``--json`` prints the figures instead.
"""

import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from penchant_core.errors import ConfigError

LEAST_WIDTH = 110  # below it the table's cells break

if TYPE_CHECKING:
    from penchant_trainer.personas.rehearsal import Plan
    from penchant_trainer.personas.results import Result, Results


@click.command()
@click.option("--only", multiple=True, help="A persona (repeatable; without it, all).")
@click.option(
    "--events",
    default=200,
    show_default=True,
    type=click.IntRange(1, 800),
    help="Events of each persona that the targets are judged at.",
)
@click.option("--curve", default="", help="Further numbers of events, as in 25,50,100,400,800.")
@click.option(
    "--contexts",
    default=200,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="Held-out places that each persona is measured on.",
)
@click.option(
    "--seed",
    default=1,
    show_default=True,
    type=click.IntRange(0),
    help="Seed of places, answers and trainings.",
)
@click.option("--no-matrix", is_flag=True, help="Do not measure adapters on other personas.")
@click.option(
    "--work",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep every finished cell here, and go on from it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option("--write", is_flag=True, help="Only show what personas write, and where they pause.")
def personas(
    only: tuple[str, ...],
    events: int,
    curve: str,
    contexts: int,
    seed: int,
    no_matrix: bool,
    work: Path | None,
    as_json: bool,
    write: bool,
) -> None:
    """Let synthetic developers write, train on what became of it, and measure what was learned."""
    from penchant_trainer.personas import people
    from penchant_trainer.personas.rehearsal import Plan

    who = people.chosen(only)
    if write:
        _places(Plan(who, events, seed=seed))
        return
    plan = Plan(who, events, _sizes(curve), contexts, seed, not no_matrix)
    with ExitStack() as stack:
        place = work or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="penchant-")))
        found = _rehearse(plan, place)
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=1))
    else:
        _print(found)


def _rehearse(plan: "Plan", work: Path) -> "Results":
    from dataclasses import replace

    from penchant_core.config import load
    from penchant_core.models import resolve
    from penchant_trainer.personas.rehearsal import Rehearsal
    from penchant_trainer.personas.showing import results

    config = load()
    settings = config.settings
    base = resolve(settings.engine.model, config.paths.cache)
    plan = replace(plan, model=settings.engine.model, device=settings.training.device)
    rehearsal = Rehearsal(plan, base, work, lambda line: click.echo(line, err=True))
    return results(rehearsal)


def _sizes(curve: str) -> tuple[int, ...]:
    try:
        found = tuple(int(part) for part in curve.split(",") if part.strip())
    except ValueError as error:
        raise ConfigError(f"--curve {curve!r} is no list of numbers such as 25,50,100") from error
    if any(size < 1 for size in found):
        raise ConfigError("--curve wants numbers of events from 1 on")
    return found


def _places(plan: "Plan") -> None:
    from penchant_trainer.personas import desk, shelf

    documents = [d for d in shelf.documents() if not shelf.measured(d)]
    for persona in plan.personas:
        click.echo(f"{persona.name}: {persona.words}")
        for place in desk.places(persona, documents, plan.events, plan.seed):
            line = place.prefix.rpartition("\n")[2]
            click.echo(f"  {place.habit or '':20} {line}⟦{place.truth}⟧")


def _print(found: "Results") -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, width=max(LEAST_WIDTH, Console().width))
    table = Table("persona", "events", "style", "reach", "parses", "perplexity", "gate", "minutes")
    for result in found.results:
        table.add_row(*_row(result))
    console.print(table)
    if found.matrix:
        names = list(found.matrix)
        grid = Table("places of \\ adapter of", *names, title="Preferred style")
        for row in names:
            shares = found.matrix[row]
            grid.add_row(row, *(f"{shares[n]:.0%}" if n in shares else "–" for n in names))
        console.print(grid)
    for result in found.results:
        said = [*(f"style: {line}" for line in result.style), *result.reasons]
        for line in said:
            console.print(f"{result.persona} {result.events}: {line}", markup=False)
    for name, target in found.targets.items():
        console.print(f"{'✓' if target['met'] else '✗'} {name}: {target['words']}", markup=False)


def _row(result: "Result") -> tuple[str, ...]:
    before, after = result.before, result.after
    forgot = "–" if result.perplexity is None else f"{result.perplexity - 1:+.1%}"
    return (
        result.persona,
        str(result.events),
        _change(before.share, after.share if after else None)
        + (f" ({after.occasions})" if after else ""),
        _change(before.reach, after.reach if after else None),
        _change(before.parse_rate, after.parse_rate if after else None),
        forgot,
        result.status,
        f"{result.seconds / 60:.1f}",
    )


def _change(before: float, after: float | None) -> str:
    return f"{before:.0%} → " + ("–" if after is None else f"{after:.0%}")
