"""``penchant config``: every setting, its value, where the value came from, and how to change it.

Knows nothing of what the settings do; names, ranges and descriptions are those of
``penchant_core.config``.
"""

from collections.abc import Iterator
from typing import Any

import click

from penchant_core.commands.output import as_json, print_json, print_table
from penchant_core.config import Config, load
from penchant_core.paths import default_paths
from penchant_core.settings import Settings


@click.group()
def config() -> None:
    """See, check and change the settings."""


@config.command()
@as_json
def show(json_: bool) -> None:
    """Print every setting with its value, its source and its meaning."""
    entries = list(_entries(load()))
    if json_:
        print_json({entry.pop("name"): entry for entry in entries})
        return
    rows = [
        (entry["name"], _shown(entry["value"]), entry["source"], entry["description"])
        for entry in entries
    ]
    print_table(rows, ("SETTING", "VALUE", "SOURCE", "MEANING"))


@config.command()
@click.option("--all", "every", is_flag=True, help="Print where everything else is kept, too.")
def path(every: bool) -> None:
    """Print where the settings file is, whether or not it exists yet."""
    if not every:
        click.echo(default_paths().config_file)
        return
    loaded = load()
    places = loaded.paths
    print_table(
        [
            ("settings", places.config_file),
            ("consent record", places.consent_file),
            ("signal log", places.signal_log(loaded.settings.developer.name)),
            ("adapters", loaded.adapter_root),
            ("training runs", places.runs),
            ("logs", places.logs),
            ("cache", places.cache),
        ]
    )


@config.command("set")
@click.argument("name", metavar="SECTION.KEY")
@click.argument("value")
def set_(name: str, value: str) -> None:
    """Write one value into the settings file, if it is a valid one."""
    from penchant_core.settings_file import set_value

    file = default_paths().config_file
    written = set_value(file, name, value)
    click.echo(f"{name} = {_shown(written)}  ({file})")
    source = load().sources.get(name)
    if source != str(file):
        click.echo(f"Note: {source} sets {name} as well, and wins.", err=True)


@config.command()
def check() -> None:
    """Check the settings file and the environment; exit 2 and say what is wrong."""
    checked = load()
    click.echo(f"{len(checked.sources)} setting(s) changed from the defaults; all are valid.")


def _entries(loaded: Config) -> Iterator[dict[str, Any]]:
    for section, field in Settings.model_fields.items():
        values = getattr(loaded.settings, section)
        declared = getattr(field.annotation, "model_fields", {})
        for key, info in declared.items():
            name = f"{section}.{key}"
            yield {
                "name": name,
                "value": getattr(values, key),
                "source": loaded.sources.get(name, "default"),
                "description": info.description or "",
            }


def _shown(value: object) -> str:
    """Write a value as the settings file would hold it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k} = {_shown(v)}" for k, v in value.items()) + "}"
    if isinstance(value, str):
        return f'"{value}"'
    return str(value)
