"""Reads how far a training run is, from the file that the trainer replaces atomically.

Knows nothing of training.
"""

import time
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

STALE_S = 120.0
MAX_BYTES = 10_000


class Progress(BaseModel):
    """One moment of a run; ``at`` in epoch seconds, ``progress`` from 0 to 1."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    phase: str = Field(max_length=100)
    progress: float = Field(ge=0.0, le=1.0)
    at: float
    run: str = Field(default="", max_length=200)


def training_progress(runs: Path, developer: str) -> Progress | None:
    """Return the progress of the developer's run, None when there is none or it stands still."""
    path = runs / developer / "progress.json"
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        found = Progress.model_validate_json(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError):
        return None
    return found if abs(time.time() - found.at) <= STALE_S else None
