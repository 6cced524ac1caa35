"""Training learns, goes on after a kill as if nothing had happened, and ends decayed."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from penchant_trainer.pretrain import checkpoint, recipe, rows
from penchant_trainer.pretrain.training import Training

pytestmark = pytest.mark.timeout(400)  # a busy machine trains slowly

SMALL = recipe.load("smoke")
MODEL = SMALL.model.model_copy(update={"hidden": 32, "layers": 1, "intermediate": 48})
RECIPE = SMALL.model_copy(
    update={
        "model": MODEL,
        "samples": SMALL.samples.model_copy(update={"vocabulary": 300, "context": 32}),
        "train": SMALL.train.model_copy(
            update={"batch_rows": 4, "piece_rows": 2, "least_steps": 0}
        ),
    }
)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Rows of a simple rule: each token is the one before it plus one."""
    chance = np.random.default_rng(1)
    for role in ("train", "held_out"):
        starts = chance.integers(7, 200, 64)
        made = (start + np.arange(33) | rows.TEXT << 14 for start in starts)
        rows.write((row.astype(np.uint16) for row in made), tmp_path / "rows" / role, 33)
    return tmp_path


def steps(training: Training, count: int) -> None:
    for _ in range(count):
        training._step()


def log(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]


def test_the_loss_falls(run: Path) -> None:
    training = Training(run, RECIPE, 1000, print)
    before = training.validate()["loss"]
    steps(training, 60)
    assert training.validate()["loss"] < before - 2
    lines = log(run)
    assert [line["step"] for line in lines] == [1, 10, 20, 30, 40, 50, 60]
    assert lines[-1]["tokens"] == 60 * 4 * 33


def test_a_killed_run_goes_on_as_if_it_had_not_been_killed(run: Path) -> None:
    whole = Training(run, RECIPE, 1000, print)
    steps(whole, 12)
    first = Training(run, RECIPE, 1000, print)
    steps(first, 6)
    first._keep()
    second = Training(run, RECIPE, 1000, print)
    assert second.progress.step == 6
    steps(second, 6)
    for left, right in zip(whole.network.parameters(), second.network.parameters(), strict=True):
        assert torch.allclose(left, right, atol=1e-4)


def test_a_leg_stops_early_and_the_time_adds_up(run: Path) -> None:
    progress = Training(run, RECIPE, 0.05, print).go(leg_minutes=0.01)
    assert 0.6 <= progress.seconds < 3
    again = Training(run, RECIPE, 0.05, print)
    assert again.progress.seconds == pytest.approx(progress.seconds)
    assert again.go().seconds >= 3
    assert log(run)[-1]["kind"] == "held_out"


def test_more_time_goes_on_from_before_the_decay(run: Path) -> None:
    done = Training(run, RECIPE, 0.08, print).go()
    stable = checkpoint.load(checkpoint.newest(run / "stable") or run)[1]
    more = Training(run, RECIPE, 0.2, print)
    assert more.progress.step == stable["step"] < done.step
    same = Training(run, RECIPE, 0.08, print)
    assert same.progress.step == done.step


def test_a_budget_cut_short_still_keeps_what_was_before_the_decay(run: Path) -> None:
    begun = Training(run, RECIPE, 0.2, print)
    reached = begun.go(leg_minutes=0.04).step
    assert not (run / "stable").exists()
    Training(run, RECIPE, 0.05, print).go()
    assert checkpoint.load(checkpoint.newest(run / "stable") or run)[1]["step"] == reached


def test_a_busy_machine_still_does_the_least_steps(run: Path) -> None:
    train = RECIPE.train.model_copy(update={"least_steps": 15})
    patient = RECIPE.model_copy(update={"train": train})
    assert Training(run, patient, 0.00001, print).go().step == 15
    assert checkpoint.newest(run / "stable") == run / "stable" / "step-00000010"  # then it decayed


def test_embeddings_and_norms_are_not_muons(run: Path) -> None:
    training = Training(run, RECIPE, 1, print)
    muon, adam = training._optimisers
    shapes = {tuple(p.shape) for group in muon.param_groups for p in group["params"]}
    assert (300, 32) not in shapes
    assert (300, 32) in {tuple(p.shape) for group in adam.param_groups for p in group["params"]}


def test_lanes_share_no_cache_of_cast_weights(run: Path) -> None:
    training = Training(run, RECIPE, 1000, print)
    seen: list[tuple[bool, bool]] = []
    losses = training._losses

    def noting(network: Any, ids: torch.Tensor) -> torch.Tensor:
        seen.append((torch.is_autocast_enabled("cpu"), torch.is_autocast_cache_enabled()))
        return losses(network, ids)

    training._losses = noting
    steps(training, 1)
    assert set(seen) == {
        (True, False)
    }  # the cache is one for all threads: a lane could wait for ever
