"""The same training on CUDA, where there is a GPU."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from unit.trainer import developers
from unit.trainer.conftest import command, environment

from penchant_core import models
from penchant_core.adapters import AdapterStore
from penchant_core.paths import Paths
from penchant_trainer.nvml import gpus
from penchant_trainer.resources import free_gpus


@pytest.mark.gpu
@pytest.mark.timeout(600)
@pytest.mark.skipif(not free_gpus(), reason="no GPU here")
@pytest.mark.parametrize("effort", ["small", "medium"])
def test_the_style_is_learned_on_a_gpu(effort: str, paths: Paths, home: Path) -> None:
    developers.write_log(paths.signal_log("ada"), developers.signals())
    done = subprocess.run(
        command("--once", "--json", "--effort", effort, "--device", "cuda"),
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["device"].startswith("cuda")
    assert report["status"] == "published", report["reasons"]
    base, best = report["figures"]["base"], report["figures"][report["method"].split("+")[-1]]
    assert best["similarity"] > base["similarity"] + 0.15
    store = AdapterStore(paths.adapters, models.resolve("bundled").fingerprint)
    live = store.live("dev/ada")
    assert live is not None
    store.verify(live, models.resolve("bundled").directory)


BESIDE = """
import torch
from penchant_trainer.resources import Room, choose, claim
from penchant_trainer.limits import LimitReached, Limits, share_gpu
from penchant_core.schedule_settings import ScheduleSettings
device = choose("cuda", Room(most_bytes=512 * 2**20))
claim(device)
share_gpu(device)
torch.zeros(256 * 2**20, dtype=torch.uint8, device="cuda")
try:
    with Limits(ScheduleSettings()).enforced(device):
        torch.zeros(2 * 2**30, dtype=torch.uint8, device="cuda")
except LimitReached as error:
    print(error)
"""


@pytest.mark.gpu
@pytest.mark.timeout(300)
@pytest.mark.skipif(not free_gpus(), reason="no GPU here")
def test_a_training_takes_no_more_of_a_gpu_than_its_share() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BESIDE], capture_output=True, text=True, check=True, timeout=250
    )
    assert "lower engine.gpu_memory_share" in done.stdout


@pytest.mark.gpu
@pytest.mark.skipif(not free_gpus(), reason="no GPU here")
def test_the_driver_tells_memory_and_use() -> None:
    for gpu in gpus().values():
        assert 0 < gpu.free_bytes <= gpu.total_bytes
        assert gpu.busy is None or 0 <= gpu.busy <= 1
