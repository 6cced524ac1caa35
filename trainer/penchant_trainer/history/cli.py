"""The command ``penchant bootstrap``: a first adapter from the developer's own commits.

The report goes to stdout, everything else to stderr. Knows nothing of how a run trains.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from penchant_core import config as settings_file
from penchant_core import log
from penchant_core.errors import TrainError
from penchant_core.rebuild import runs_directory
from penchant_trainer.history import sources
from penchant_trainer.history.lessons import Lessons
from penchant_trainer.history.repository import Repository
from penchant_trainer.history.sources import Source

MOST = 600
SHOWN = 5


@click.command()
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--author", "authors", multiple=True, help="E-mail address (repeatable; git's own).")
@click.option("--most", type=click.IntRange(min=30), default=MOST, help="Places, the newest.")
@click.option("--dry-run", is_flag=True, help="Say what it would learn from, and stop.")
@click.option("--forget", is_flag=True, help="No longer learn from this repository.")
@click.option("--effort", type=click.Choice(["small", "medium", "large"]), help="The one dial.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
def bootstrap(
    path: Path,
    authors: tuple[str, ...],
    most: int,
    dry_run: bool,
    forget: bool,
    effort: str | None,
    as_json: bool,
) -> None:
    """Learn from your own lines in the git repository PATH, before any signal exists."""
    config = settings_file.load({"training.effort": effort})
    directory = runs_directory(config)
    repository = Repository(path)
    if forget:
        known = sources.forget(directory, repository.root)
        click.echo("Forgotten; the next training is without it." if known else "It was not known.")
        return
    source = Source(str(repository.root), repository.head, _authors(repository, authors), most)
    found = source.lessons()
    _tell(source, found, as_json=as_json, final=dry_run)
    if dry_run:
        return
    if len(found.events) < config.settings.training.min_examples:
        raise TrainError(
            f"{len(found.events)} line(s) to learn from, {config.settings.training.min_examples} "
            "are the least; name your address with --author, or another repository"
        )
    sources.remember(directory, source)
    log.setup(config.paths.logs, "train")
    from penchant_trainer.cli import run

    run(config, force=True, as_json=as_json)


def _authors(repository: Repository, named: tuple[str, ...]) -> tuple[str, ...]:
    chosen = named or repository.own_emails()
    if not chosen:
        raise TrainError("git does not know your e-mail address; name it with --author")
    if not repository.commits(chosen):
        known = ", ".join(list(repository.authors())[:SHOWN])
        raise TrainError(f"nobody of that address has commits there (there are: {known})")
    return chosen


def _tell(source: Source, found: Lessons, *, as_json: bool, final: bool) -> None:
    if as_json:
        if final:
            click.echo(json.dumps(_report(source, found)))
        return
    click.echo(
        f"{len(found.events)} place(s) in {found.files} file(s) of {found.commits} commit(s) by "
        f"{', '.join(source.authors)}",
        err=not final,
    )
    if found.events:
        first, last = (_day(found.events[i].at) for i in (0, -1))
        click.echo(f"from {first} to {last}", err=not final)
    for why, count in sorted(found.left_out.items()):
        click.echo(f"left out: {count} × {why}", err=not final)


def _report(source: Source, found: Lessons) -> dict[str, Any]:
    return {
        "repository": source.root,
        "head": source.head,
        "authors": source.authors,
        "events": len(found.events),
        "commits": found.commits,
        "files": found.files,
        "left_out": found.left_out,
    }


def _day(at: float) -> str:
    return datetime.fromtimestamp(at).strftime("%Y-%m-%d")
