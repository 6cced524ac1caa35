"""``penchant signals``: see, count, export, bring back and erase what was recorded.

All of it is the developer's own, so all of it can be seen in full. Erasing also withdraws the
adapters that had learned from what is gone. Knows nothing of recording and training.
"""

import time
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from penchant_core.adapters import AdapterStore, Version
from penchant_core.commands.output import as_json, confirmed, print_json, print_table
from penchant_core.commands.statistics import stats
from penchant_core.config import Config, load
from penchant_core.consent import workspace_id
from penchant_core.errors import StoreError
from penchant_core.forgetting import bury_unloaded, follow_through
from penchant_core.paths import FILE_MODE
from penchant_core.signal_export import as_object, export_lines, import_lines
from penchant_core.signals import OutcomeKind, Signal
from penchant_core.store import SignalStore

BASE = "base"
UNLOAD_S = 5.0
SCHEDULED = (
    "A rebuild without them is scheduled: `penchant train --watch` (part of `penchant up`) does it "
    "when the machine is free; now: penchant train --once"
)
_DATE = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@click.group()
def signals() -> None:
    """See, export and erase what was recorded of your suggestions."""


signals.add_command(stats)


@signals.command()
@click.option("--last", type=click.IntRange(min=1), default=10, help="How many; 10 by default.")
@click.option("--language", help="Only signals of this language.")
@click.option("--path", help="Only signals of this file; *, ? and [] are wildcards.")
@click.option(
    "--outcome", type=click.Choice([kind.value for kind in OutcomeKind]), help="Only this outcome."
)
@click.option("--since", type=_DATE, help="Only signals from this date on (local time).")
@as_json
def show(
    last: int,
    language: str | None,
    path: str | None,
    outcome: str | None,
    since: datetime | None,
    json_: bool,
) -> None:
    """Print the newest signals, the newest last."""
    criteria = {"language": language, "path": path, "outcome": outcome}
    with _log(load()) as log:
        found = log.find(last, since=since.timestamp() if since else None, **criteria)
    if json_:
        print_json([{"seq": signal.seq, **as_object(signal)} for signal in found])
    elif found:
        print_table(map(_row, found), ("SEQ", "TIME", "FILE", "OUTCOME", "ADAPTER", "SUGGESTION"))
    elif since or any(criteria.values()):
        click.echo("No signal matches.")
    else:
        click.echo("No signals are recorded. `penchant consent show` says whether they may be.")


@signals.command()
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
def export(file: Path) -> None:
    """Write every signal with its ratings to FILE (or - for stdout), one JSON object a line."""
    with _log(load()) as log:
        if str(file) == "-":
            for line in export_lines(log):
                click.echo(line)
            return
        written = _write(file, export_lines(log))
    click.echo(f"{written} signal(s) written to {file}; it holds your code, keep it private.")


@signals.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8"))
def import_(file: Any) -> None:
    """Bring back the signals of FILE, an export; those that are there already stay as they are."""
    try:
        lines = list(file)
    except (OSError, ValueError) as error:
        raise StoreError("the file is no text; give a file that `signals export` wrote") from error
    with _log(load()) as log:
        added, had = import_lines(log, lines)
    click.echo(f"{added} signal(s) imported, {had} were there already.")


@signals.command()
@click.option("--before", type=_DATE, help="Signals before this date (YYYY-MM-DD, local time).")
@click.option("--after", type=_DATE, help="Signals from this date on.")
@click.option(
    "--workspace",
    type=click.Path(file_okay=False, path_type=Path),
    help="Signals of this workspace directory.",
)
@click.option("--path", help="Signals of this file (relative to its workspace).")
@click.option("--language", help="Signals of this language.")
@click.option("--all", "every", is_flag=True, help="Every signal.")
@click.option("--yes", is_flag=True, help="Erase without being asked.")
def erase(
    before: datetime | None,
    after: datetime | None,
    workspace: Path | None,
    path: str | None,
    language: str | None,
    every: bool,
    yes: bool,
) -> None:
    """Erase signals for good, and withdraw the adapters that had learned from them."""
    criteria = {
        "before": before.timestamp() if before else None,
        "after": after.timestamp() if after else None,
        "workspace": workspace_id(workspace) if workspace else None,
        "path": path,
        "language": language,
    }
    if every == any(value is not None for value in criteria.values()):
        raise click.UsageError("say what to erase: either --all or one of the other options")
    if not confirmed("Erase these signals for good?", yes):
        raise StoreError("nothing was erased")
    config = load()
    with _log(config) as log:
        _report(config, log, log.erase(**criteria))  # type: ignore[arg-type]


@signals.command()
def prune() -> None:
    """Erase what is older than signals.retention_days."""
    config = load()
    with _log(config) as log:
        _report(config, log, log.prune(config.settings.signals.retention_days))


def _report(config: Config, log: SignalStore, gone: list[str]) -> None:
    """Follow an erasure through, and say what became of what had learned from it."""
    click.echo(f"{len(gone)} signal(s) erased.")
    done = follow_through(config, log)
    if done.runs:
        click.echo(f"{len(done.runs)} unfinished training run(s) cleared away.")
    if done.withdrawn:
        click.echo(
            f"{len(done.withdrawn)} adapter version(s) had learned from them and are withdrawn:"
        )
        print_table([(" ", version.owner, version.version) for version in done.withdrawn])
        _tell_successors(config, done.withdrawn)
    left = bury_unloaded(config, wait_s=UNLOAD_S)
    for version in left:
        click.echo(f"The gateway removes the files of {version.engine_name} once it is unloaded.")
    if done.waiting:
        click.echo(
            f"{len(done.waiting)} live version(s) learned from them and serve on until replaced:"
        )
        print_table([(" ", version.owner, version.version) for version in done.waiting])
    if done.rebuild:
        click.echo(SCHEDULED)


def _tell_successors(config: Config, withdrawn: Iterable[Version]) -> None:
    for base, owner in sorted({(v.card.base_fingerprint, v.owner) for v in withdrawn}):
        live = AdapterStore(config.adapter_root, base).pointer(owner).version
        click.echo(f"{owner}: {live or 'the base model'} serves now.")


def _log(config: Config) -> SignalStore:
    return SignalStore(config.paths.signal_log(config.settings.developer.name))


def _write(file: Path, lines: Iterable[str]) -> int:
    import os

    written = 0
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            for line in lines:
                out.write(line + "\n")
                written += 1
    except OSError as error:
        raise StoreError(f"{file} cannot be written ({error.strerror})") from error
    return written


def _row(signal: Signal) -> tuple[object, ...]:
    completion, outcome = signal.completion, signal.outcome
    shown = completion.suggestion
    text = shown.text if shown else f"(not shown: {completion.not_shown})"
    adapter = f"{completion.adapter}/{completion.version}" if completion.adapter else BASE
    became = outcome.kind.value if outcome else "-"
    return signal.seq, _time(completion.at), completion.path, became, adapter, _short(text)


def _short(text: str) -> str:
    """Show one line of a suggestion, with nothing in it that a terminal would obey."""
    shown = repr(text)[1:-1]
    return shown if len(shown) <= 60 else f"{shown[:59]}…"


def _time(at: float) -> str:
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
    except (ValueError, OverflowError, OSError):
        return "?"
