"""``penchant personas``: what the training learns of synthetic developers, and what it refuses.

Runs for an hour at full size, cell by cell: ``--work`` keeps every cell, and calling again goes on.
Prints tables; ``--json`` prints the figures instead, ``--markdown`` the tables for a page.
"""

import json
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from penchant_core.errors import ConfigError

if TYPE_CHECKING:
    from penchant_core.models import BaseModel
    from penchant_trainer.personas.rehearsal import Plan
    from penchant_trainer.personas.results import Results


@click.command()
@click.option("--only", multiple=True, help="A persona (repeatable; without it, all).")
@click.option(
    "--events",
    default=200,
    show_default=True,
    type=click.IntRange(1, 800),
    help="Events of each persona that the targets are judged at.",
)
@click.option(
    "--curve",
    default="",
    help="Further numbers of events of the style personas, as in 25,50,100,400,800.",
)
@click.option(
    "--contexts",
    default=200,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="Held-out places that each persona is measured on.",
)
@click.option(
    "--parse-places",
    default=1000,
    show_default=True,
    type=click.IntRange(0, 5000),
    help="Held-out places at which it is judged what parses; 0: those of --contexts.",
)
@click.option(
    "--seed",
    default=1,
    show_default=True,
    type=click.IntRange(0),
    help="Seed of places, answers and trainings.",
)
@click.option("--no-matrix", is_flag=True, help="Do not measure adapters on other personas.")
@click.option("--no-filter", is_flag=True, help="Do not measure the show filter.")
@click.option("--only-filter", is_flag=True, help="Train nothing: measure the show filter alone.")
@click.option(
    "--jobs",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Processes side by side; one per core is best.",
)
@click.option(
    "--work",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep every finished cell here, and go on from it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option("--markdown", "as_markdown", is_flag=True, help="Print the tables as Markdown.")
@click.option("--write", is_flag=True, help="Only show what personas write, and where they pause.")
def personas(
    only: tuple[str, ...],
    events: int,
    curve: str,
    contexts: int,
    parse_places: int,
    seed: int,
    no_matrix: bool,
    no_filter: bool,
    only_filter: bool,
    jobs: int,
    work: Path | None,
    as_json: bool,
    as_markdown: bool,
    write: bool,
) -> None:
    """Let synthetic developers write, train on what became of it, and measure what was learned."""
    from penchant_trainer.personas import people
    from penchant_trainer.personas.rehearsal import Plan

    if no_filter and only_filter:
        raise ConfigError("--no-filter and --only-filter leave nothing to measure; drop one")
    who = people.chosen(only)
    if write:
        _places(Plan(who, events, seed=seed))
        return
    asked = Plan(who, events, _sizes(curve), contexts, seed, not no_matrix, not no_filter)
    plan, base = _resolved(replace(asked, train=not only_filter, parse_places=parse_places))
    with ExitStack() as stack:
        place = work or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="penchant-")))
        found = _rehearse(plan, base, place, jobs)
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=1))
        return
    from penchant_trainer.personas import table
    from penchant_trainer.personas.setting import setting

    if as_markdown:
        made = setting(base, seed=seed, contexts=contexts, jobs=jobs)
        click.echo(table.markdown(found, made))
    else:
        table.printed(found)


def _resolved(plan: "Plan") -> "tuple[Plan, BaseModel]":
    """Return the plan with the model and the device of the settings, and that model."""
    from penchant_core.config import load
    from penchant_core.models import copying, resolve

    config = load()
    settings = config.settings
    base = resolve(settings.engine.model, config.paths.cache)
    served = replace(base, copying=copying(settings.engine, base))
    return replace(plan, model=settings.engine.model, device=settings.training.device), served


def _rehearse(plan: "Plan", base: "BaseModel", work: Path, jobs: int) -> "Results":
    from penchant_trainer.personas.crew import Crew
    from penchant_trainer.personas.rehearsal import Rehearsal
    from penchant_trainer.personas.showing import results, stages

    rehearsal = Rehearsal(plan, base, work, lambda line: click.echo(line, err=True))
    if jobs > 1:
        Crew(plan, base, work, jobs).make(stages(plan))
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
