"""``penchant demo``: watch the whole loop happen, in a few minutes, without touching your own data.

Prints the story and a few completions side by side; ``--json`` prints the figures instead.
"""

import json
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from penchant_core.errors import PenchantError

CELL_CHARS = 40

if TYPE_CHECKING:
    from rich.console import Console

    from penchant_trainer.demo.story import Story


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option("--learn", default=20, show_default=True, help="Modules to learn from (1 to 20).")
@click.option("--measure", default=4, show_default=True, help="Held-out modules (1 to 8).")
@click.option("--engine", default="embedded", type=click.Choice(["embedded", "vllm"]))
@click.option("--home", type=click.Path(path_type=Path), help="Keep everything here afterwards.")
@click.option(
    "--seed-signals",
    "seed",
    type=click.IntRange(1, 300),
    help="Only make this many signals against your own running gateway, under your own name.",
)
def demo(
    as_json: bool, learn: int, measure: int, engine: str, home: Path | None, seed: int | None
) -> None:
    """Watch a scripted developer's outcomes become an adapter that serves them."""
    if seed is not None:
        _seed(seed, as_json)
        return
    from penchant_trainer.demo import story

    with ExitStack() as stack:
        place = home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="penchant-")))
        place.mkdir(parents=True, exist_ok=True)
        tell = (lambda _: None) if as_json else click.echo
        plan = story.Plan(learn=learn, measure=measure, engine=engine, quiet=as_json)
        played = story.play(place, plan, tell)
    if as_json:
        click.echo(json.dumps(played.as_json(), indent=1))
    else:
        _print(played)
    if not played.served:
        reasons = "; ".join(played.training.get("reasons", [])) or "see `penchant train --once`"
        raise PenchantError(f"no trained version is live: {reasons}")


def _seed(count: int, as_json: bool) -> None:
    from penchant_trainer.demo import seeding

    report = seeding.seed(count)
    click.echo(json.dumps(report) if as_json else f"{report['shown']} suggestions were shown")


def _print(story: "Story") -> None:
    from rich.console import Console

    console = Console(highlight=False)
    if story.served:
        _print_examples(console, story)
    _print_figures(console, story)
    for reason in story.training.get("reasons", []):
        console.print(f"gate: {reason}", markup=False)
    spent = ", ".join(f"{phase} {seconds:.0f} s" for phase, seconds in story.seconds.items())
    console.print(f"Seconds: {spent}")


def _print_examples(console: "Console", story: "Story") -> None:
    from rich.table import Table

    examples = Table("the line", "before", "after", "they meant", title="Side by side")
    for example in sorted(story.examples, key=lambda e: e["action_after"] != "accepted")[:8]:
        examples.add_row(*(_cell(example[key]) for key in ("line", "before", "after", "wrote")))
    console.print(examples)


def _print_figures(console: "Console", story: "Story") -> None:
    from rich.table import Table

    figures = Table("", "shown", "accepted", "retained characters", "per suggestion")
    acts = [("before", "base model")]
    if story.served:
        acts.append(("after", f"{story.adapter} {story.version}"))
    for name, label in acts:
        act = story.as_json()[name]
        figures.add_row(
            label,
            *(str(act[key]) for key in ("shown", "accepted", "retained_chars")),
            str(act["retained_per_shown"]),
        )
    console.print(figures)


def _cell(text: str) -> str:
    from rich.markup import escape

    line, _, more = text.strip().partition("\n")
    short = line if len(line) <= CELL_CHARS else f"{line[: CELL_CHARS - 1]}…"
    return escape(f"{short} ⏎" if more else short)
