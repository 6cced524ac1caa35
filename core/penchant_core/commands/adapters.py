"""``penchant adapters``: see which versions there are, which is live, and move the live pointer.

Works on the store alone: a running gateway follows the pointer within about a second. Knows nothing
of engines and training.
"""

import time
from collections.abc import Iterator
from typing import Any

import click

from penchant_core.adapters import AdapterStore, Version
from penchant_core.commands.output import as_json, print_json, print_table
from penchant_core.config import Config, load
from penchant_core.errors import AdapterError, AdapterRejected
from penchant_core.models import BaseModel, resolve
from penchant_core.rebuild import pending_rebuild

BASE = "base"


@click.group()
def adapters() -> None:
    """See, promote, roll back and verify your adapters."""


@adapters.command("list")
@as_json
def list_(json_: bool) -> None:
    """List every version of the configured base model's adapters."""
    config = load()
    store = _store(config, _base(config))
    found = [(version, _mark(store, owner, version)) for owner, version in _all(store)]
    if json_:
        print_json([_summary(version, mark) for version, mark in found])
        return
    if found:
        print_table(
            [_row(version, mark) for version, mark in found],
            ("", "OWNER", "VERSION", "CREATED", "METHOD", "SIGNALS"),
        )
    else:
        click.echo("No adapters yet; the base model serves. `penchant train` makes one.")
    if pending_rebuild(config):
        click.echo(
            "A rebuild without erased signals is scheduled: `penchant train --watch` does it, "
            "or now: penchant train --once"
        )


@adapters.command()
@click.argument("owner")
@click.argument("version")
@as_json
def show(owner: str, version: str, json_: bool) -> None:
    """Print what is known about VERSION of OWNER: data, evaluation, reasons."""
    config = load()
    store = _store(config, _base(config))
    found = store.get(owner, version)
    summary = _summary(found, _mark(store, owner, found))
    card = {**summary, **found.card.model_dump(), "path": str(found.path)}
    if json_:
        print_json(card)
        return
    learned, style = card.pop("signal_ids"), card.pop("style")
    card["signals"] = len(learned)
    rows = [(name, _plain(value)) for name, value in card.items()]
    print_table([*rows, *_style(style)])


@adapters.command()
@click.argument("owner")
@click.argument("version")
def promote(owner: str, version: str) -> None:
    """Make VERSION of OWNER live, or the base model with VERSION "base"."""
    config = load()
    base = _base(config)
    store = _store(config, base)
    chosen = None if version == BASE else version
    if chosen is not None:
        max_rank = config.settings.engine.max_lora_rank
        store.verify(store.get(owner, chosen), base.directory, max_rank=max_rank)
    store.promote(owner, chosen, reason="promoted by hand")
    click.echo(f"{owner}: {version} is live; a running gateway follows within about a second.")


@adapters.command()
@click.argument("owner")
def rollback(owner: str) -> None:
    """End the trial of a new version of OWNER, else make live what was live before."""
    config = load()
    store = _store(config, _base(config))
    tried = store.end_trial(owner, "stopped", reason="stopped by hand")
    if tried is not None:
        stays = store.pointer(owner).version or "what was served before"
        click.echo(f"{owner}: {tried.version} is no longer on trial; {stays} stays.")
        return
    pointer = store.roll_back(owner)
    click.echo(f"{owner}: {pointer.version or 'the base model'} is live again.")


@adapters.command()
@click.argument("owner", required=False)
@click.argument("version", required=False)
def verify(owner: str | None, version: str | None) -> None:
    """Check the files of one version, of one OWNER, or of all; exit 1 when one is bad."""
    config = load()
    base = _base(config)
    store = _store(config, base)
    bad, checked = 0, 0
    for name, found in _named(store, owner, version):
        problem = _problem(store, name, found, base, config.settings.engine.max_lora_rank)
        checked += 1
        bad += bool(problem)
        click.echo(f"{'✗' if problem else '✓'} {name} {found}  {problem}".rstrip())
    if bad:
        raise AdapterRejected(f"{bad} of {checked} version(s) must not be loaded")
    click.echo(f"{checked} version(s) verified.")


def _named(
    store: AdapterStore, owner: str | None, version: str | None
) -> Iterator[tuple[str, str]]:
    for name in [owner] if owner else store.owners():
        withdrawn = {v.version for v in store.versions(name) if v.tombstone}
        for found in [version] if version else store.names(name):
            if version or found not in withdrawn:
                yield name, found


def _problem(store: AdapterStore, owner: str, version: str, base: BaseModel, max_rank: int) -> str:
    try:
        store.verify(store.get(owner, version), base.directory, max_rank=max_rank)
    except AdapterError as error:
        return str(error)
    return ""


def _base(config: Config) -> BaseModel:
    return resolve(config.settings.engine.model, config.paths.cache)


def _store(config: Config, base: BaseModel) -> AdapterStore:
    return AdapterStore(config.adapter_root, base.fingerprint)


def _all(store: AdapterStore) -> Iterator[tuple[str, Version]]:
    for owner in store.owners():
        yield from ((owner, version) for version in store.versions(owner))


def _live(store: AdapterStore, owner: str) -> str | None:
    try:
        return store.pointer(owner).version
    except AdapterError:
        return None


def _mark(store: AdapterStore, owner: str, version: Version) -> str:
    """Return the word for a version's state: withdrawn, live, how its trial stands, or nothing."""
    if version.tombstone:
        return "withdrawn"
    if version.version == _live(store, owner):
        return "live"
    tried = store.trial(owner)
    return tried.words() if tried is not None and tried.version == version.version else ""


def _summary(version: Version, mark: str) -> dict[str, object]:
    card = version.card
    return {
        "owner": version.owner,
        "version": version.version,
        "live": mark == "live",
        "state": mark,
        "engine_name": version.engine_name,
        "created_at": card.created_at,
        "method": card.method,
        "parent": card.parent,
        "rank": card.rank,
        "signals": len(card.signal_ids),
        "evaluation": card.evaluation,
        "reasons": card.reasons,
        "withdrawn": version.tombstone.model_dump() if version.tombstone else None,
    }


def _row(version: Version, mark: str) -> tuple[object, ...]:
    card = version.card
    created = time.strftime("%Y-%m-%d %H:%M", time.localtime(card.created_at))
    return mark, version.owner, version.version, created, card.method, len(card.signal_ids)


def _style(style: dict[str, Any]) -> list[tuple[str, str]]:
    """Return one row for each sentence of a style card, the first with its name."""
    sentences = style.get("sentences")
    found = [str(one) for one in sentences] if isinstance(sentences, list) else []
    return [("" if index else "style", one) for index, one in enumerate(found)]


def _plain(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items())
    return str(value)
