"""``penchant doctor``: runs the checks of every room and says what to do about what is wrong.

Rooms register their checks in the entry-point group ``penchant.checks``. A room that is not
installed is a note; a check that cannot run is a failure of its own. Knows nothing of what is
checked.
"""

from dataclasses import asdict
from importlib import import_module, metadata

import click

from penchant_core.checks import Check
from penchant_core.commands.output import as_json, print_json
from penchant_core.config import Config, load
from penchant_core.errors import ConfigError
from penchant_core.extras import extra_of, install_hint, missing
from penchant_core.paths import default_paths
from penchant_core.settings import Settings

CHECKS = "penchant.checks"


@click.command()
@as_json
def doctor(json_: bool) -> None:
    """Check the installation; exit 1 when something that is needed does not work."""
    found = every_check()
    healthy = all(check.ok or check.optional for check in found)
    if json_:
        print_json({"ok": healthy, "checks": [asdict(check) for check in found]})
    else:
        _print(found)
    if not healthy:
        raise click.exceptions.Exit(1)


def every_check() -> list[Check]:
    """Return the checks of every room; settings that cannot be read are checked with defaults."""
    config = _config()
    entries = sorted(metadata.entry_points(group=CHECKS), key=lambda entry: entry.name)
    entries.sort(key=lambda entry: entry.name != "core")
    return [check for entry in entries for check in _run(entry, config)]


def _config() -> Config:
    try:
        return load()
    except ConfigError:  # core's own checks report it
        return Config(Settings(), default_paths())


def _run(entry: metadata.EntryPoint, config: Config) -> list[Check]:
    extra = extra_of(entry.module)
    if extra and missing(extra):
        absent = ", ".join(missing(extra))
        return [_note(entry.name, f"not installed ({absent})", install_hint(extra))]
    try:
        run = getattr(import_module(entry.module), entry.attr)
    except ModuleNotFoundError as error:
        return [_note(entry.name, f"not installed ({error.name})", "reinstall penchant")]
    try:
        return list(run(config))
    except Exception as error:  # noqa: BLE001  # a doctor must finish the round whatever it meets
        name = type(error).__name__
        detail = f"its checks could not run ({name})"
        return [Check(entry.name, False, detail, "please report this")]


def _note(name: str, detail: str, remedy: str) -> Check:
    return Check(name, False, detail, remedy, optional=True)


def _print(found: list[Check]) -> None:
    width = max(len(check.name) for check in found)
    for check in found:
        mark = "✓" if check.ok else "–" if check.optional else "✗"
        colour = "green" if check.ok else "yellow" if check.optional else "red"
        click.echo(f"{click.style(mark, fg=colour)} {check.name.ljust(width)}  {check.detail}")
        if check.remedy and not check.ok:
            click.echo(f"  {' ' * width}  → {check.remedy}")
