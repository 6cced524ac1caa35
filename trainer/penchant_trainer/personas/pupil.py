"""Trains one persona's adapter in a process of its own: ``python -m …personas.pupil DIRECTORY``.

Everything is the real thing: the home's signal log, ``run_once`` with its split, its phases and its
gate, and the adapter store. Candidates are copied aside before a run clears them away, so that a
refused one can be measured as well. Knows nothing of personas.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from penchant_core.config import Config, load
from penchant_core.errors import TrainError
from penchant_core.paths import write_private
from penchant_core.rebuild import runs_directory
from penchant_trainer.candidates import LINEAGE
from penchant_trainer.personas.reports import candidate

REPORT, CANDIDATE = "report.json", "candidate"
_OURS = ("PENCHANT_TRAINING__", "PENCHANT_ENGINE__", "PENCHANT_COMPLETION__")


def trained(directory: Path, *, developer: str, model: str, seed: int) -> dict[str, Any]:
    """Train from the log in ``directory``/home and return the run's report.

    ``candidate`` in the report says whether an adapter lies in ``directory``/candidate. Raises
    TrainError when the process fails; calling again goes on with its run.
    """
    done = subprocess.run(
        [sys.executable, "-m", __name__, str(directory)],
        env=_environment(directory, developer, model, seed),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise TrainError(f"training {developer} failed ({last}); call again to go on")
    return dict(json.loads((directory / REPORT).read_text("utf-8")))


def _environment(directory: Path, developer: str, model: str, seed: int) -> dict[str, str]:
    """Return the environment of a home of its own that no gateway serves."""
    mine = os.environ.items()
    kept = {k: v for k, v in mine if not k.startswith("PENCHANT_") or k.startswith(_OURS)}
    return {
        **kept,
        "PENCHANT_HOME": str(directory / "home"),
        "PENCHANT_DEVELOPER__NAME": developer,
        "PENCHANT_ENGINE__MODEL": model,
        "PENCHANT_TRAINING__SEED": str(seed),
        "PENCHANT_GATEWAY__PORT": "1",
    }


def train(directory: Path) -> None:
    """Run once with the settings of this process; leave report and candidate in ``directory``."""
    from penchant_trainer.loop import run_once

    config = load()
    aside = directory / "aside"

    def listen(phase: str, done: float) -> None:
        if phase in ("gate", "publish"):
            _copy_aside(config, aside)

    report = run_once(config, force=True, listener=listen).as_json()
    name = candidate(report)
    report["candidate"] = name is not None and (aside / name).is_dir()
    if name and report["candidate"]:
        shutil.rmtree(directory / CANDIDATE, ignore_errors=True)
        (aside / name).rename(directory / CANDIDATE)
    shutil.rmtree(aside, ignore_errors=True)
    write_private(directory / REPORT, json.dumps(report, indent=1))


def _copy_aside(config: Config, aside: Path) -> None:
    for name in LINEAGE:
        found = [*runs_directory(config).glob(f"*/{name}")]
        if found and not (aside / name).exists():
            staged = aside / f".{name}"
            shutil.rmtree(staged, ignore_errors=True)
            shutil.copytree(found[-1], staged)
            staged.rename(aside / name)


if __name__ == "__main__":
    train(Path(sys.argv[1]))
