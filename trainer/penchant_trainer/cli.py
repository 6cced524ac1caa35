"""``penchant train``: one run now, or a watch that starts runs by itself.

The report goes to stdout, everything else to stderr. Exit codes: 0 when a version was published,
honestly refused or not yet due, 1 when a run failed. Imports torch only inside a run.
"""

import json
import signal
import sys
from types import FrameType
from typing import Any

import click

from penchant_core import config as settings_file
from penchant_core import log
from penchant_core.config import Config
from penchant_core.errors import PenchantError

_SAID = {
    "published": "A new version is live.",
    "trial": "A new version is tried beside what is live.",
    "refused": "The candidate was refused; what was live stays live.",
    "waiting": "Not enough to train on yet.",
    "busy": "Another training run is under way.",
}


@click.command()
@click.option("--once", is_flag=True, help="Train once, now (the default).")
@click.option("--watch", is_flag=True, help="Wait for signals and train whenever there are enough.")
@click.option("--status", is_flag=True, help="Say what a run is doing, or how the last one ended.")
@click.option("--effort", type=click.Choice(["small", "medium", "large"]), help="The one dial.")
@click.option(
    "--method",
    "methods",
    multiple=True,
    type=click.Choice(["sft", "dpo", "kto", "grpo", "ppo"]),
    help="Train with this method (repeatable; sft comes first in any case).",
)
@click.option("--device", help="auto, cpu, cuda or cuda:N.")
@click.option("--force", is_flag=True, help="Train even if few signals are new.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
def train(
    once: bool,
    watch: bool,
    status: bool,
    effort: str | None,
    methods: tuple[str, ...],
    device: str | None,
    force: bool,
    as_json: bool,
) -> None:
    """Turn what became of your suggestions into an adapter of your own."""
    if once + watch + status > 1:
        raise click.UsageError("--once, --watch and --status exclude one another")
    try:
        config = settings_file.load(
            {
                "training.effort": effort,
                "training.methods": list(methods) or None,
                "training.device": device,
            }
        )
    except PenchantError as error:
        _fail(error, as_json)
    if status:
        _status(config, as_json)
        return
    log.setup(config.paths.logs, "train")
    if watch:
        _watch(config, effort, methods, device)
    else:
        run(config, force=force, as_json=as_json)


def _watch(
    config: Config, effort: str | None, methods: tuple[str, ...], device: str | None
) -> None:
    from penchant_trainer.watch import Watch

    arguments = [f"--effort={effort}"] if effort else []
    arguments += [f"--method={name}" for name in methods]
    arguments += [f"--device={device}"] if device else []
    click.echo("Watching for signals; press Ctrl-C to stop.", err=True)
    Watch(config, arguments, say=_tell).forever()


def _tell(sentence: str) -> None:
    click.echo(sentence, err=True)


def _status(config: Config, as_json: bool) -> None:
    from penchant_trainer.situation import situation

    try:
        found = situation(config)
    except PenchantError as error:
        _fail(error, as_json)
    text = json.dumps(found.as_json(), ensure_ascii=False) if as_json else "\n".join(found.lines())
    click.echo(text)


def run(config: Config, *, force: bool, as_json: bool) -> None:
    """Train once with a bar, print the report, and exit with its code."""
    from penchant_trainer.bar import Bar
    from penchant_trainer.loop import run_once
    from penchant_trainer.quiet import lower_priority

    before = signal.signal(signal.SIGTERM, _interrupt)
    lower_priority()
    try:
        with Bar() as bar:
            report = run_once(config, force=force, listener=bar.show, waiting=bar.wait)
    except KeyboardInterrupt:
        click.echo("Stopped; the next run goes on where this one was.", err=True)
        sys.exit(130)
    # The edge of the process: whatever a library raises must become a message and an exit code.
    except Exception as error:  # noqa: BLE001
        _fail(error, as_json)
    finally:
        signal.signal(signal.SIGTERM, before)
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        _say(report.as_json())


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _say(report: dict[str, Any]) -> None:
    click.echo(_SAID[report["status"]])
    if report["version"]:
        click.echo(f"version   {report['version']} ({report['method']})")
    for reason in report["reasons"]:
        click.echo(f"  - {reason}")
    for note in report["notes"]:
        click.echo(f"note: {note}", err=True)
    if report["run"]:
        click.echo(f"{report['seconds']:.0f} s on {report['device']}, run {report['run']}")


def _fail(error: Exception, as_json: bool) -> None:
    log.failure("run_failed", error)
    message = str(error) if isinstance(error, PenchantError) else _unexpected(error)
    click.echo(f"penchant train: {message}", err=True)
    if as_json:
        click.echo(json.dumps({"status": "failed", "reasons": [message]}, ensure_ascii=False))
    sys.exit(1)


def _unexpected(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror} ({error.filename}); mend that, and train again: the run goes on"
    # A library's message may quote its input, which is the developer's code: the type must do.
    return (
        f"the run ended early ({type(error).__name__}); the log says where. Train again: it goes "
        "on where it was. If it ends there again, try --device cpu or --effort small"
    )
