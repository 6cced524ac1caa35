"""The command ``penchant replay``: the honest number, on anybody's own git history.

The report goes to stdout, everything else to stderr. Publishes nothing and leaves the user's own
signals, runs and adapters alone. Knows nothing of how a rung is climbed.
"""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from penchant_core import config as settings_file
from penchant_core import log
from penchant_core.errors import PenchantError, TrainError
from penchant_core.paths import Paths
from penchant_trainer.history.repository import Repository
from penchant_trainer.replay import table
from penchant_trainer.replay.journey import plan

MOST = 600
LEAST = 40


@click.command()
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--author", "authors", multiple=True, help="E-mail address (repeatable; git's own).")
@click.option("--control-author", help="Whose adapter must lose (the busiest other author).")
@click.option("--head", default="HEAD", help="The commit up to which it goes (HEAD).")
@click.option("--rungs", default="", help="Rungs to climb, with commas between (all).")
@click.option(
    "--most", type=click.IntRange(min=LEAST), default=MOST, help="Places, of the newest commits."
)
@click.option("--effort", type=click.Choice(["small", "medium", "large"]), help="The one dial.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed of every random choice.")
@click.option(
    "--work",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the work here; the same call goes on from it.",
)
@click.option("--dry-run", is_flag=True, help="Say what it would replay, and stop.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the report as a page as well.",
)
def replay(
    path: Path,
    authors: tuple[str, ...],
    control_author: str | None,
    head: str,
    rungs: str,
    most: int,
    effort: str | None,
    seed: int | None,
    work: Path | None,
    dry_run: bool,
    as_json: bool,
    html: Path | None,
) -> None:
    """Re-live the git history at PATH: learn from your past, measure on your future."""
    names = tuple(name.strip() for name in rungs.split(",") if name.strip())
    config = settings_file.load({"training.effort": effort, "training.seed": seed})
    repository = Repository(path, head)
    journey = plan(
        repository,
        _authors(repository, authors),
        control=control_author,
        names=names,
        most=most,
        seed=config.settings.training.seed,
    )
    if dry_run:
        _print(journey.header(), as_json=as_json)
        return
    if len(journey.division.past) < LEAST // 2 or not journey.division.future:
        raise TrainError(
            f"{len(journey.division.past)} place(s) to learn from are too few; "
            "name your address with --author, or another repository"
        )
    with _work(work) as directory:
        from penchant_trainer.replay.run import climb

        config = replace(config, paths=_inside(directory))
        log.setup(config.paths.logs, "replay")
        try:
            report = climb(journey, config, directory)
        except PenchantError:
            raise
        # The edge of the process: a library's message may quote its input, the author's code.
        except Exception as error:  # noqa: BLE001
            log.failure("replay_failed", error)
            raise TrainError(
                f"the replay ended early ({type(error).__name__}); with --work the same call goes "
                "on after its last finished rung"
            ) from None
    if html is not None:
        from penchant_trainer.replay.page import page

        html.write_text(page(report), encoding="utf-8")
        click.echo(f"The page is {html}.", err=True)
    _print(report, as_json=as_json)


def _authors(repository: Repository, named: tuple[str, ...]) -> tuple[str, ...]:
    chosen = named or repository.own_emails()
    if not chosen:
        raise TrainError("git does not know your e-mail address; name it with --author")
    if not repository.commits(chosen):
        known = ", ".join(list(repository.authors())[:5])
        raise TrainError(f"nobody of that address has commits there (there are: {known})")
    return chosen


@contextmanager
def _work(directory: Path | None) -> Iterator[Path]:
    """Yield the work directory; one that nobody named is removed, for it holds the user's code."""
    if directory is not None:
        yield directory.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="penchant-replay-") as made:
        yield Path(made)


def _inside(directory: Path) -> Paths:
    return Paths(*(directory / "home" / name for name in ("config", "data", "state", "cache")))


def _print(report: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False))
    else:
        table.show(report)
