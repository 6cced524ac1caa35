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
MINUTES = click.option(
    "--minutes", type=float, help="Time to train in all (default: the recipe's)."
)
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
    ctx.invoke(everything, run=run or _place(None) / "smoke", recipe="smoke", questions=24)


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


@pretrain.command("eval")
@RUN
@click.option("--model", "models", multiple=True, help="bundled, a directory or a Hub id.")
@click.option("--questions", default=500, show_default=True, help="Of every kind.")
@click.option("--batch", default=24, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print figures as JSON.")
@click.option("--save", is_flag=True, help="Keep the figures in the run, for the model card.")
def evaluate(
    run: Path | None,
    models: tuple[str, ...],
    questions: int,
    batch: int,
    seed: int,
    as_json: bool,
    save: bool,
) -> None:
    """Ask models (default: this run's) at cursors in packages that the run held out."""
    from penchant_trainer.pretrain import evaluation, steps

    place = _place(run)
    names = models or (str(steps.exported(place)),)
    figures = evaluation.evaluate(place, names, questions, batch, seed, _aside)
    if save:
        steps.keep_figures(place, figures)
    click.echo(json.dumps(figures, indent=1) if as_json else evaluation.as_text(figures))


@pretrain.command()
@RUN
@click.argument("target", type=click.Path(path_type=Path))
def package(run: Path | None, target: Path) -> None:
    """Write weights, tokenizer, checksums and model card into the directory TARGET."""
    from penchant_trainer.pretrain import packaging, steps

    place = _place(run)
    made = steps.recipe_of(place, None)
    size = packaging.package(place, made, target.absolute(), steps.figures(place))
    click.echo(f"{target}: {size / 1e6:.1f} MB")


@pretrain.command("all")
@RUN
@RECIPE
@SOURCES
@MINUTES
@click.option("--questions", default=500, show_default=True, help="Of every kind.")
def everything(
    run: Path | None,
    recipe: str | None,
    sources: tuple[Path, ...] = (),
    minutes: float | None = None,
    questions: int = 500,
) -> None:
    """Corpus, tokenizer, training, evaluation and package, going on where it stopped."""
    from penchant_trainer.pretrain import steps

    place = _place(run)
    made = steps.recipe_of(place, recipe)
    steps.all_steps(place, made, sources, minutes, questions, click.echo)


def _aside(line: str) -> None:
    click.echo(line, err=True)


def _place(run: Path | None) -> Path:
    return (run or default_paths().runs / "pretrain").absolute()
