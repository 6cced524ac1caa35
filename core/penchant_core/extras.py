"""Which extra a room of Penchant needs, and what of it is not installed here.

The answer is read from the installed package's own metadata, so that ``pyproject.toml`` is the only
list. A room's extra bears its name: ``penchant_server`` needs ``penchant[server]``; a room without
an extra belongs to the base install. Looks distributions up and imports nothing.
"""

import re
from functools import cache
from importlib import metadata

DISTRIBUTION = "penchant"

_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)[^;]*;\s*(?P<marker>.*)")
_EXTRA = re.compile(r"""extra\s*==\s*['"](?P<extra>[^'"]+)['"]""")


def extra_of(module: str) -> str | None:
    """Return the extra that a module's room needs, None for the base install."""
    room = module.partition(".")[0].removeprefix("penchant_")
    return room if room in _extras() else None


@cache
def missing(extra: str) -> tuple[str, ...]:
    """Return the distributions of an extra that are not installed here."""
    return tuple(name for name in _extras().get(extra, ()) if not _installed(name))


def install_hint(extra: str) -> str:
    """Return the command that installs an extra."""
    return f"pip install '{DISTRIBUTION}[{extra}]'"


@cache
def _extras() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for requirement in metadata.requires(DISTRIBUTION) or []:
        parts = _REQUIREMENT.match(requirement)
        extra = _EXTRA.search(parts["marker"]) if parts else None
        if parts and extra:
            found.setdefault(extra["extra"], []).append(parts["name"])
    return {extra: tuple(names) for extra, names in found.items()}


def _installed(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True
