"""The command ``penchant pretrain``: makes a base model of one's own, step by step or all at once.

Knows nothing of how a step does its work.
"""

import json
from pathlib import Path

import click

from penchant_core.paths import default_paths

RUN = click.option("--run", type=click.Path(path_type=Path), help="The run's directory.")
RECIPE = click.option("--recipe", help="cpu, gpu, smoke, or a TOML file (default: the run's, cpu).")
SOURCES = click.option(
    "--source",
    "sources",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A further site-packages directory to read (repeatable).",
)
MINUTES = click.option("--minutes", type=float, help="Time to train in all (default: the recipe's).")
LEG = click.option("--leg-minutes", type=float, help="Stop after this long; call again to go on.")


@click.group(invoke_without_command=True)
@click.option("--smoke", is_flag=True, help="All steps at toy size, in under two minutes.")
@RUN
@click.pass_context
def pretrain(ctx: click.Context, smoke: bool, run: Path | None) -> None:
    """Make a small base model from the Python code on this machine."""
    if ctx.invoked_subcommand is not None:
        return
    if not smoke:
        click.echo(ctx.get_help())
        return
    ctx.invoke(everything, run=run, recipe="smoke")


@pretrain.command()
@RUN
@RECIPE
@SOURCES
def corpus(run: Path | None, recipe: str | None, sources: tuple[Path, ...]) -> None:
    """Collect clean, permissively licensed Python, with some packages held out."""
    from penchant_trainer.pretrain import steps

    place = _place(run)
    steps.make_corpus(place, steps.recipe_of(place, recipe), sources, click.echo)


@pretrain.command()
@RUN
@RECIPE
def tokenizer(run: Path | None, recipe: str | None) -> None:
    """Train the tokenizer and write the tokenised rows."""
    from penchant_trainer.pretrain import steps

    place = _place(run)
    steps.make_rows(place, steps.recipe_of(place, recipe), click.echo)


@pretrain.command()
@RUN
@RECIPE
@MINUTES
@LEG
def train(
    run: Path | None, recipe: str | None, minutes: float | None, leg_minutes: float | None
) -> None:
    """Train, or go on training after an interruption."""
    from penchant_trainer.pretrain import steps

    place = _place(run)
    made = steps.recipe_of(place, recipe)
    done = steps.train(place, made, minutes, leg_minutes, click.echo)
    click.echo(json.dumps({"step": done.step, "tokens": done.tokens, "seconds": done.seconds}))


def _place(run: Path | None) -> Path:
    return (run or default_paths().runs / "pretrain").absolute()
