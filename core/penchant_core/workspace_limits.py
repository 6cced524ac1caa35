"""What a workspace's own file may say: it only tightens (off, ignore more, consent to less).

A cloned repository is somebody else's file, so whatever else stands in it is an error that changes
nothing. Knows nothing of the user's own settings.
"""

import os
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

WORKSPACE_FILE = ".penchant.toml"
_WORKSPACE_FILE_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class WorkspaceLimits:
    """What a workspace's own file forbids; the empty value forbids nothing."""

    enabled: bool = True
    ask: bool = True
    languages_off: frozenset[str] = frozenset()
    ignore: tuple[str, ...] = ()
    consent: Literal["off", "local", "personal", "team"] = "team"
    refused: tuple[str, ...] = ()


def workspace_limits(workspace: Path) -> WorkspaceLimits:
    """Read ``.penchant.toml`` of a workspace; whatever would loosen a setting is refused.

    A file that cannot be read forbids recording (fail closed). Never raises.
    """
    try:
        data = tomllib.loads(_workspace_text(workspace / WORKSPACE_FILE))
    except FileNotFoundError:
        return WorkspaceLimits()
    except (OSError, ValueError, RecursionError):
        return WorkspaceLimits(consent="off", refused=(WORKSPACE_FILE,))
    return _tightened(data)


def _workspace_text(path: Path) -> str:
    """Read a stranger's file: no link, no pipe, no device, and no more than it may need."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("not a plain file")
        raw = file.read(_WORKSPACE_FILE_BYTES + 1)
    if len(raw) > _WORKSPACE_FILE_BYTES:
        raise ValueError("too large")
    return raw.decode("utf-8")


def _tightened(data: Mapping[str, Any]) -> WorkspaceLimits:
    refused: list[str] = []
    found: dict[str, Any] = {}
    for section, values in data.items():
        entries = values.items() if isinstance(values, dict) else [("", values)]
        for key, value in entries:
            if not _take(f"{section}.{key}".rstrip("."), value, found):
                refused.append(_printable(f"{section}.{key}".rstrip(".")))
    return WorkspaceLimits(**found, refused=tuple(refused[:20]))


def _printable(name: str) -> str:
    """Shorten a stranger's key to what may be shown."""
    return "".join(c if c.isprintable() and c.isascii() else "?" for c in name[:60])


def _take(name: str, value: Any, found: dict[str, Any]) -> bool:
    """Add one tightening value to ``found``; False when it is not one."""
    if name == "completion.enabled" and value is False:
        found["enabled"] = False
    elif name == "feedback.ask" and value is False:
        found["ask"] = False
    elif name == "completion.languages" and isinstance(value, dict):
        found["languages_off"] = frozenset(str(k) for k, on in value.items() if on is False)
        return all(on is False for on in value.values())
    elif name == "signals.ignore" and isinstance(value, list):
        found["ignore"] = tuple(str(glob) for glob in value)
    elif name == "consent.at_most":
        known = isinstance(value, str) and value in ("off", "local", "personal", "team")
        found["consent"] = value if known else "off"  # somebody meant to limit it
        return known
    else:
        return False
    return True
