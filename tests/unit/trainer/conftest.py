"""One trained run, shared by every test that looks at what a run leaves behind."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from unit.trainer import developers


@dataclass(frozen=True)
class Trained:
    """A home in which ``penchant train --once`` ran to its end, and its report."""

    home: Path
    report: dict[str, Any]
    stderr: str


def environment(home: Path, **settings: str) -> dict[str, str]:
    """The environment of a real trainer process: no gateway, and one thread of its own."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PENCHANT_")}
    return {
        **clean,
        "PENCHANT_HOME": str(home),
        "PENCHANT_DEVELOPER__NAME": "ada",
        "PENCHANT_GATEWAY__PORT": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONWARNINGS": "error::ResourceWarning",
        **settings,
    }


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "penchant_trainer", *arguments]


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    home = tmp_path_factory.mktemp("trained")
    developers.write_log(home / "data" / "signals" / "ada.db", developers.signals())
    done = subprocess.run(
        command("--once", "--json", "--effort", "small"),
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=850,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Trained(home, json.loads(done.stdout), done.stderr)
