"""A request to train again, because a version had learned from what its owner erased.

One small file in the directory of a developer's runs; core writes it, the trainer honours it even
where few signals are new, and removes it when a run that began later has ended. Knows nothing of
training.
"""

import time
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from penchant_core.config import Config
from penchant_core.errors import ConfigError, StoreError
from penchant_core.paths import write_private

FILE = "rebuild.json"


class Rebuild(BaseModel):
    """Since when (seconds since the epoch) a rebuild is wanted, and why."""

    model_config = ConfigDict(frozen=True)

    at: float = 0.0
    reason: str = ""


def runs_directory(config: Config) -> Path:
    """Return where a developer's runs, ledger, lock and progress lie."""
    return config.paths.runs / config.settings.developer.name


def request_rebuild(config: Config, reason: str) -> Rebuild:
    """Ask for a rebuild; raise StoreError when that cannot be written down."""
    rebuild = Rebuild(at=time.time(), reason=reason)
    path = runs_directory(config) / FILE
    try:
        write_private(path, rebuild.model_dump_json())
    except (OSError, ConfigError) as error:
        raise StoreError(
            f"{path} cannot be written ({error}); make room and run `penchant signals prune`, "
            "which goes on from here"
        ) from error
    return rebuild


def pending_rebuild(config: Config) -> Rebuild | None:
    """Return the request, None when there is none; an unreadable one counts."""
    try:
        return Rebuild.model_validate_json((runs_directory(config) / FILE).read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, ValidationError):
        return Rebuild()


def rebuild_done(config: Config, *, begun: float) -> None:
    """Drop the request if a run that began at ``begun`` (epoch seconds) has honoured it."""
    rebuild = pending_rebuild(config)
    if rebuild is not None and rebuild.at <= begun:
        (runs_directory(config) / FILE).unlink(missing_ok=True)
