"""Reads how far a training run is, from the file that the trainer replaces atomically.

A file that is no longer renewed counts while its writer lives: one step of a large model may take
minutes. Knows nothing of training.
"""

import os
import time
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

STALE_S = 120.0
LONGEST_STEP_S = 3600.0
MAX_BYTES = 10_000


class Progress(BaseModel):
    """One moment of a run; ``at`` in epoch seconds, ``progress`` from 0 to 1.

    ``waiting`` says why the run waits, '' when it goes on; ``pid`` is the process that wrote this.
    """

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    phase: str = Field(max_length=100)
    progress: float = Field(ge=0.0, le=1.0)
    at: float
    run: str = Field(default="", max_length=200)
    waiting: str = Field(default="", max_length=200)
    pid: int = Field(default=0, ge=0, exclude=True)


def training_progress(runs: Path, developer: str) -> Progress | None:
    """Return the progress of the developer's run, None when there is none or it stands still."""
    path = runs / developer / "progress.json"
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        found = Progress.model_validate_json(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError):
        return None
    age_s = abs(time.time() - found.at)
    return found if age_s <= (LONGEST_STEP_S if _alive(found.pid) else STALE_S) else None


def _alive(pid: int) -> bool:
    if not pid:
        return False
    try:
        os.kill(pid, 0)
    except (OSError, OverflowError):
        return False
    return True
