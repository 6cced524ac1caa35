"""The same training on CUDA, where there is a GPU."""

import json
import subprocess
from pathlib import Path

import pytest
from unit.trainer import developers
from unit.trainer.conftest import command, environment

from penchant_core import models
from penchant_core.adapters import AdapterStore
from penchant_core.paths import Paths
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
