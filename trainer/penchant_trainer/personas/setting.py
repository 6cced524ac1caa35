"""What a measurement was made with: what somebody needs to make it again.

Knows nothing of figures.
"""

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

from penchant_core.models import BaseModel


def setting(base: BaseModel, *, seed: int, contexts: int, jobs: int) -> dict[str, object]:
    """Return machine, commit, base model, seed and sizes."""
    return {
        "machine": f"{_processor()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "commit": _commit(),
        "base model": f"{base.name} ({base.fingerprint[:12]})",
        "seed": seed,
        "held-out places": contexts,
        "jobs": jobs,
    }


def _commit() -> str:
    """Return the commit that this runs from, the version where it was installed from a wheel."""
    here = Path(__file__).parent
    asked = ["git", "-C", str(here), "describe", "--always", "--dirty"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
    except OSError:
        return metadata.version("penchant")
    return done.stdout.strip() or metadata.version("penchant")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
