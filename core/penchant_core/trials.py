"""A careful start: which new version is tried beside what is live, and how far that has come.

One small file per owner, ``trial.json`` beside the live pointer, replaced atomically; what became
of the last trial stays in it. A file that cannot be read is no trial: what is live serves. Knows
nothing of who serves and who compares.
"""

import contextlib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from penchant_core.paths import write_private

TRIAL = "trial.json"

End = Literal["live", "worse", "stopped"]


class Trial(BaseModel):
    """``version`` is tried for ``wanted`` suggestions that say something; ``seen`` is how many did.

    ``since`` and ``ended_at`` are epoch seconds. ``end`` is empty while the trial goes on; then
    ``live`` (it was promoted), ``worse`` (what was live was surely kept more) or ``stopped``.
    """

    model_config = ConfigDict(frozen=True)

    version: str = Field(pattern=r"^v[0-9]{4,9}$")
    wanted: int = Field(ge=1)
    seen: int = Field(default=0, ge=0)
    since: float = 0.0
    end: Literal["", "live", "worse", "stopped"] = ""
    ended_at: float = 0.0
    reason: str = ""

    @property
    def active(self) -> bool:
        """Whether the trial goes on."""
        return not self.end

    def words(self) -> str:
        """Say how far it is, or how it ended."""
        if self.active:
            return f"on trial: {min(self.seen, self.wanted)} of {self.wanted}"
        return {"live": "", "worse": "worse on trial", "stopped": "trial stopped"}[self.end]


def read_trial(folder: Path) -> Trial | None:
    """Return an owner's trial, going on or ended; None when there never was one."""
    with contextlib.suppress(OSError, UnicodeDecodeError, ValidationError):
        return Trial.model_validate_json((folder / TRIAL).read_text("utf-8"))
    return None


def active_trial(folder: Path) -> Trial | None:
    """Return an owner's trial while it goes on."""
    found = read_trial(folder)
    return found if found is not None and found.active else None


def write_trial(folder: Path, trial: Trial) -> Trial:
    """Replace an owner's trial; raise OSError or ConfigError when that cannot be written."""
    write_private(folder / TRIAL, trial.model_dump_json(indent=1))
    return trial


def end_trial(folder: Path, end: End, at: float, reason: str = "") -> Trial | None:
    """End the trial that goes on, and return it; None without one. Hold the owner's lock."""
    found = active_trial(folder)
    if found is None:
        return None
    told = {"end": end, "ended_at": at, "reason": reason or found.reason}
    return write_trial(folder, found.model_copy(update=told))
