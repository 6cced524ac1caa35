"""``penchant consent``: what was agreed to where, and how to agree or withdraw.

Before a yes, the text of the level and an example of what would be stored are shown; withdrawing
asks nothing. Knows nothing of recording.
"""

import shlex
import time
from pathlib import Path

import click

from penchant_core.commands.output import as_json, confirmed, print_json, print_table
from penchant_core.consent import TEXT, TEXT_VERSION, ConsentRecord, Decision, Level, workspace_id
from penchant_core.errors import ConsentError
from penchant_core.paths import default_paths

SAMPLE = """\
For each suggestion that is shown, one row like this is stored in {log}:
  language  python           path  src/shapes.py  (relative to the workspace)
  prefix    "def area(self):\\n    return "         (code before the cursor)
  suffix    "\\n\\n\\nclass Circle:\\n"                (code after it)
  proposed  "self.width * self.height"
  outcome   accepted_edited, kept 0.8, finally "self.width * self.depth"
Never stored: files such as .env or *.pem, and anything in which a secret is found."""

workspace_option = click.option(
    "--workspace",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    help="Directory of the workspace; the current one by default.",
)


@click.group()
def consent() -> None:
    """See, give and withdraw the consent to record."""


@consent.command()
@workspace_option
@as_json
def show(workspace: Path, json_: bool) -> None:
    """Print the level in force for a workspace, and every other decision."""
    record = _record()
    known = workspace_id(workspace)
    level = record.level(known)
    if json_:
        every = {key: decision.model_dump() for key, decision in record.all().items()}
        print_json({"workspace": known, "level": level, "text": TEXT[level], "all": every})
        return
    click.echo(f"{workspace.absolute()} ({known}): {level}. {TEXT[level]}")
    others = [d for key, d in record.all().items() if key != known]
    if others:
        click.echo("Other workspaces:")
        print_table([_row(decision) for decision in others])


@consent.command("set")
@click.argument("level", type=click.Choice([level.value for level in Level]))
@workspace_option
@click.option("--yes", is_flag=True, help="Agree without being asked.")
def set_(level: str, workspace: Path, yes: bool) -> None:
    """Agree to a LEVEL in a workspace: off, local, personal or team."""
    chosen = Level(level)
    if chosen is not Level.OFF:
        click.echo(f"{chosen}: {TEXT[chosen]}")
        click.echo(SAMPLE.format(log=_signal_log()))
        if not confirmed(f"Agree to {chosen!s} for {workspace.absolute()}?", yes):
            raise ConsentError("nothing was changed")
    _record().decide(workspace_id(workspace), chosen, via="command line")
    click.echo(f"{workspace.absolute()}: {chosen}. {TEXT[chosen]}")


@consent.command()
@workspace_option
def withdraw(workspace: Path) -> None:
    """Stop recording in a workspace at once, and say how to erase what was recorded."""
    _record().decide(workspace_id(workspace), Level.OFF, via="command line")
    where = workspace.absolute()
    click.echo(f"{where}: off. {TEXT[Level.OFF]}")
    click.echo("What was recorded here before stays until you erase it:")
    click.echo(f"  penchant signals erase --workspace {shlex.quote(str(where))}")


@consent.command()
@as_json
def history(json_: bool) -> None:
    """Print every decision ever taken, oldest first."""
    decisions = list(_record().history())
    if json_:
        print_json([decision.model_dump() if decision else None for decision in decisions])
        return
    unreadable = ("an unreadable line: every decision before it is void", "", "", "", "")
    print_table([_row(d) if d else unreadable for d in decisions])
    if not decisions:
        click.echo("Nothing was ever decided; nothing is recorded.")


def _record() -> ConsentRecord:
    return ConsentRecord(default_paths().consent_file)


def _signal_log() -> Path:
    from penchant_core.config import load

    loaded = load()
    return loaded.paths.signal_log(loaded.settings.developer.name)


def _row(decision: Decision) -> tuple[str, str, str, str, str]:
    try:
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(decision.at))
    except (ValueError, OverflowError, OSError):
        at = "at an unknown time"
    older = "" if decision.text_version == TEXT_VERSION else f"(text {decision.text_version})"
    via = f"by {decision.via}" if decision.via else ""
    return at, decision.workspace, decision.level.value, via, older
