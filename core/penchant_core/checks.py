"""What can be wrong with core's own ground: directories, settings, consent, signal log, adapters.

A check looks and reports; it mends nothing but what opening mends by itself. Every room registers a
function ``checks(config) -> list[Check]`` in the entry-point group ``penchant.checks``; ``penchant
doctor`` prints them all. Knows nothing of the other rooms.
"""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from penchant_core import config as settings_file
from penchant_core.adapters import AdapterStore
from penchant_core.config import Config
from penchant_core.consent import ConsentRecord
from penchant_core.errors import AdapterError, PenchantError
from penchant_core.paths import private_directory


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    ``detail`` says what was found, ``remedy`` what to do when it is not ``ok``. A failing
    ``optional`` check is a note, not a failure.
    """

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    optional: bool = False


def checks(config: Config) -> list[Check]:
    """Return core's checks of one installation; never raises a PenchantError."""
    return [
        *_directories(config),
        _settings(config),
        _consent(config),
        *_signal_log(config),
        *_adapters(config),
    ]


def _directories(config: Config) -> Iterator[Check]:
    paths = config.paths
    for name in ("config", "data", "state", "cache"):
        path: Path = getattr(paths, name)
        try:
            private_directory(path)
            with tempfile.TemporaryFile(dir=path):
                pass
        except (PenchantError, OSError):
            yield Check(
                f"{name} directory",
                False,
                f"{path} cannot be written",
                "make it writable, or set PENCHANT_HOME to a place that is",
            )
        else:
            yield Check(f"{name} directory", True, f"{path} is private and writable")


def _settings(config: Config) -> Check:
    path = config.paths.config_file
    try:
        settings_file.load(paths=config.paths)
    except PenchantError as error:
        return Check("settings", False, str(error), f"mend or remove {path}")
    state = "is valid" if path.exists() else "does not exist; defaults apply"
    return Check("settings", True, f"{path} {state}")


def _consent(config: Config) -> Check:
    path = config.paths.consent_file
    if not path.exists():
        return Check("consent", True, "nothing was ever agreed to; nothing is recorded")
    if not os.access(path, os.R_OK):
        return Check(
            "consent", False, f"{path} cannot be read; nothing is recorded", f"chmod 600 {path}"
        )
    record = ConsentRecord(path)
    torn = sum(decision is None for decision in record.history())
    if torn:
        return Check(
            "consent",
            False,
            f"{torn} unreadable line(s); decisions before them no longer count",
            "decide again with `penchant consent set`",
            optional=True,
        )
    recording = sum(decision.level != "off" for decision in record.all().values())
    return Check("consent", True, f"recording is agreed to in {recording} workspace(s)")


def _signal_log(config: Config) -> Iterator[Check]:
    from penchant_core.store import SignalStore

    path = config.paths.signal_log(config.settings.developer.name)
    if not path.exists():
        yield Check("signal log", True, "no signals yet")
    else:
        try:
            with SignalStore(path) as store:
                counted = store.counts()
        except PenchantError as error:
            yield Check("signal log", False, str(error), f"close other programs, or move {path}")
        else:
            shown = sum(counts.shown for counts in counted.values())
            yield Check("signal log", True, f"{path} opens; {shown} suggestion(s) with an outcome")
    aside = sorted(path.parent.glob(f"{path.name}.damaged-*[0-9]"))
    if aside:
        yield Check(
            "damaged signal logs",
            False,
            f"{len(aside)} file(s) were set aside, the newest is {aside[-1]}",
            "rescue what you can with `sqlite3 FILE .recover`, then delete them",
            optional=True,
        )


def _adapters(config: Config) -> Iterator[Check]:
    root = config.adapter_root
    stores = [AdapterStore(root, p.name) for p in sorted(root.glob("*")) if p.is_dir()]
    live, broken = 0, 0
    for store in stores:
        for owner in store.owners():
            try:
                version = store.live(owner)
                if version:
                    store.verify_files(version)
                    live += 1
            except (AdapterError, OSError) as error:
                broken += 1
                yield Check(
                    f"adapter {owner}",
                    False,
                    str(error),
                    f"penchant adapters rollback {owner}, or: "
                    f"penchant adapters promote {owner} base",
                )
    if not broken:
        yield Check("adapters", True, f"{live} live adapter(s), every file as it was published")
