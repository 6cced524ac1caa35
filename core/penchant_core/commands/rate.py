"""``penchant rate``: judge recorded suggestions one at a time, in the terminal.

Shows the code before the cursor, then the choices; one key answers. Judgements go to the
developer's own signal log, and only for workspaces where recording is allowed. Without a terminal
it only lists. Knows nothing of what an answer teaches.
"""

import sys
import time
from collections.abc import Iterable
from typing import Any

import click

from penchant_core.commands.keys import END, Keys
from penchant_core.commands.output import as_json, print_json
from penchant_core.config import Config, load
from penchant_core.consent import ConsentRecord, Level
from penchant_core.errors import StoreError
from penchant_core.ratings import refusal
from penchant_core.signals import Rating, Signal
from penchant_core.store import SignalStore
from penchant_core.unrated import Unrated, unrated

LINES_BEFORE, LINES_AFTER = 8, 3

NOTHING = (
    "Nothing to rate. Candidates come when you ask for suggestions yourself (in VS Code: cycle "
    "with Alt+]), where `penchant consent show` says that they are recorded."
)


@click.command()
@click.option("--last", type=click.IntRange(min=1), default=200, help="Look at that many signals.")
@as_json
def rate(last: int, json_: bool) -> None:
    """Say which suggestions were better, one question at a time."""
    config = load()
    items = _worth_it(config, last)
    if json_:
        print_json([_object(item) for item in items])
        return
    if not items:
        click.echo(NOTHING)
        return
    if not sys.stdin.isatty():
        raise click.UsageError("this asks on a terminal; `penchant rate --json` only lists")
    with SignalStore(_path(config)) as log:
        answered = _ask_all(items, log)
    click.echo(f"{answered} of {len(items)} rated.")


def _path(config: Config) -> Any:
    return config.paths.signal_log(config.settings.developer.name)


def _worth_it(config: Config, last: int) -> list[Unrated]:
    path = _path(config)
    if not path.exists():
        return []
    record = ConsentRecord(config.paths.consent_file)
    with SignalStore(path) as log:
        recent, ratings = list(log.signals(newest=last)), log.ratings()
    allowed = {
        workspace: record.level(workspace) is not Level.OFF
        for workspace in {signal.completion.workspace for signal in recent}
    }
    return unrated([s for s in recent if allowed[s.completion.workspace]], ratings)


def _ask_all(items: list[Unrated], log: SignalStore) -> int:
    answered = 0
    for number, item in enumerate(items, 1):
        click.echo(f"\n{number}/{len(items)}  {_line(item.signal)}\n")
        _show(item)
        found = _answer(item)
        if found is None:
            break
        answered += _stored(log, item.signal, found)
    return answered


def _answer(item: Unrated) -> list[Rating] | None:
    """Return what the keys say: ratings, none for a skip, None for the end."""
    count = len(item.texts)
    ranks = count > 2 and item.kind == "candidates"
    marks = item.signal.completion.shown is not None
    keys = [f"1-{count} prefer"] + ["r rank"] * ranks + ["+ good, - bad (as shown)"] * marks
    with Keys() as pressed:
        click.echo(f"[{'  '.join([*keys, 's skip', 'q quit'])}] ", nl=False)
        while (key := pressed.next()) not in ("q", "s", END):
            if key.isdigit() and 1 <= int(key) <= count:
                click.echo(key)
                return item.preferred(int(key) - 1, time.time())
            if (marks and key and key in "+-") or (ranks and key == "r"):
                break
    click.echo("q" if key == END else key)
    if key == "r":
        return _ranking(item)
    if key in ("+", "-"):
        return item.marked(1 if key == "+" else -1, time.time(), _reason())
    return [] if key == "s" else None


def _ranking(item: Unrated) -> list[Rating]:
    while True:
        typed = click.prompt("order, the best first (for example 2 1 3)", type=str)
        try:
            return item.ranked((int(n) - 1 for n in typed.replace(",", " ").split()), time.time())
        except ValueError:
            click.echo("Name each of them at most once, at least two.")


def _reason() -> str:
    reason: str = click.prompt("why? (Enter: no reason)", default="", show_default=False)
    return reason


def _stored(log: SignalStore, signal: Signal, ratings: Iterable[Rating]) -> bool:
    stored = False
    for rating in ratings:
        why = refusal(rating, signal.completion)
        if why is not None:
            click.echo(f"Not stored: {why}.")
            continue
        if not log.rate(rating):
            raise StoreError("the suggestion has been erased meanwhile; nothing was stored")
        stored = True
    return stored


def _line(signal: Signal) -> str:
    became = f", {signal.outcome.kind.value}" if signal.outcome else ""
    return _plain(f"{signal.completion.path or '(no file)'}{became}")


def _show(item: Unrated) -> None:
    where = item.signal.completion
    for line in where.prefix.split("\n")[-LINES_BEFORE:]:
        click.echo(f"    {_plain(line)}")
    for number, (text, index) in enumerate(zip(item.texts, item.indices, strict=True), 1):
        note = "  (what you wrote)" if index is None else ""
        note = "  (shown)" if index is not None and index == where.shown else note
        click.echo(f"\n {number}){note}")
        for line in text.split("\n"):
            click.echo(f"  | {_plain(line)}")
    click.echo("")
    for line in where.suffix.split("\n")[:LINES_AFTER]:
        click.echo(f"    {_plain(line)}")
    click.echo("")


def _plain(line: str) -> str:
    """Return a line of code with nothing in it that a terminal would obey."""
    kept = (c if c.isprintable() or c == "\t" else repr(c)[1:-1] for c in line)
    return "".join(kept)


def _object(item: Unrated) -> dict[str, Any]:
    where = item.signal.completion
    return {
        "completion_id": where.id,
        "kind": item.kind,
        "path": where.path,
        "language": where.language,
        "prefix": where.prefix,
        "suffix": where.suffix,
        "choices": [
            {"text": text, "index": index}
            for text, index in zip(item.texts, item.indices, strict=True)
        ],
        "shown": where.shown,
    }
