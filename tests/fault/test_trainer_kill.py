"""A trainer killed with -9 in every phase: the next one goes on, and never is half an adapter seen.

The phase is watched from outside (the progress file), as the gateway does.
"""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from unit.trainer import developers
from unit.trainer.conftest import command, environment

from penchant_core import models
from penchant_core.adapters import AdapterStore
from penchant_core.paths import Paths
from penchant_trainer.curves import PREFIX
from penchant_trainer.ledger import PHASES, Ledger

SETTINGS = {
    "PENCHANT_TRAINING__MIN_EXAMPLES": "20",
    "PENCHANT_TRAINING__MIN_PAIRS_DPO": "20",
    # What is killed is the run, not the quality of its result.
    "PENCHANT_TRAINING__RECIPE": "{ sft_tokens = 12000, dpo_tokens = 4000 }",
}
KILLED_IN = ("train_sft", "train_dpo")
"""Three early ends make a run count as failed, so this many kills must be survived."""


def start(home: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command("--once", "--json", "--force"),
        env=environment(home, **SETTINGS),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def kill_in(phase: str, home: Path) -> None:
    """Start a trainer and kill it with -9 as soon as it is in ``phase``."""
    progress = home / "state" / "runs" / "ada" / "progress.json"
    progress.unlink(missing_ok=True)
    child = start(home)
    deadline = time.monotonic() + 250
    try:
        while phase_of(progress) != phase:
            assert child.poll() is None, child.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.02)  # polling, not waiting for time
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()


def phase_of(progress: Path) -> str:
    try:
        return str(json.loads(progress.read_text())["phase"])
    except FileNotFoundError:
        return ""


def whole(store: AdapterStore) -> list[str]:
    """The versions in the store, each verified; nothing else may lie there."""
    folder = store.base / "dev" / "ada"
    names = [p.name for p in folder.glob("v*")]
    for name in names:
        store.verify(store.get("dev/ada", name), models.resolve("bundled").directory)
    return names


@pytest.mark.timeout(600)
def test_kill_9_in_the_trainings_then_in_the_evaluation(paths: Paths, home: Path) -> None:
    developers.write_log(paths.signal_log("ada"), developers.signals(60, 2))
    store = AdapterStore(paths.adapters, models.resolve("bundled").fingerprint)
    ids = []
    for phase in KILLED_IN:
        kill_in(phase, home)
        ledger = Ledger(paths.runs / "ada")
        row = ledger.unfinished("dev/ada")
        ledger.close()
        assert row is not None
        assert row.phase == PHASES[PHASES.index(phase) - 1]
        ids.append(row.id)
        assert whole(store) == []
    child = start(home)
    out, err = child.communicate(timeout=280)
    assert child.returncode == 0, err
    report = json.loads(out)
    assert report["status"] in ("published", "refused")
    assert {*ids, report["run"]} == {ids[0]}, "one run, gone on with"
    assert any("resumed the run" in note for note in report["notes"])
    assert "train_sft" not in report["phases"], "what was finished is not done again"
    assert whole(store) == ([report["version"]] if report["version"] else [])
    left = [p for p in (paths.runs / "ada" / report["run"]).rglob("*") if p.is_file()]
    assert {p.suffix for p in left if PREFIX not in p.name} == {".json"}
