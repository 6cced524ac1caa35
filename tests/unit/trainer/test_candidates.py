"""Which trainings a run goes through, and which it leaves out, and why; without training."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from unit.trainer import developers

from penchant_core import models
from penchant_core.adapters import AdapterStore
from penchant_core.config import load
from penchant_core.errors import ConfigError
from penchant_core.paths import Paths
from penchant_core.store import SignalStore
from penchant_trainer import candidates, loop, material
from penchant_trainer.ledger import PHASES
from penchant_trainer.phases import ALL
from penchant_trainer.progress import SHARES, Progress, shares
from penchant_trainer.recipe import recipe
from penchant_trainer.resources import Device
from penchant_trainer.run import Run

FURTHER = ("train_kto", "train_reward", "train_grpo", "train_ppo")
EXTRA = ("judge_pairs", *FURTHER)


@pytest.fixture
def run(paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    def make(methods: str = "", **results: dict[str, Any]) -> Run:
        if methods:
            monkeypatch.setenv("PENCHANT_TRAINING__METHODS", methods)
        config, base = load(), models.resolve("bundled")
        return Run(
            "r",
            config,
            base,
            AdapterStore(paths.adapters, base.fingerprint),
            tmp_path,
            Device("cpu"),
            recipe("small", parameters=7_600_000, max_rank=8),
            material.read(config),
            dict(results),
        )

    return make


def silent(_done: float) -> None:
    pass


def test_the_ledger_and_the_phases_name_the_same_in_the_same_order() -> None:
    assert (*ALL, "done") == PHASES
    assert set(candidates.TRAININGS) == set(candidates.LEFT_BY)


@pytest.mark.parametrize("name", FURTHER)
def test_what_was_not_chosen_is_left_out(name: str, run: Callable[..., Run]) -> None:
    assert candidates.TRAININGS[name](run(), silent) == candidates.NOT_CHOSEN


def test_sft_alone_leaves_out_dpo(run: Callable[..., Run]) -> None:
    assert candidates.train_dpo(run('["sft"]'), silent) == candidates.NOT_CHOSEN


@pytest.mark.parametrize("name", ["train_dpo", *FURTHER])
def test_too_little_is_left_out_with_the_count(name: str, run: Callable[..., Run]) -> None:
    chosen = run('["dpo", "kto", "grpo", "ppo"]', train_reward={"skipped": "x"})
    found = candidates.TRAININGS[name](chosen, silent)
    assert list(found) == ["skipped"]
    assert any(c.isdigit() for c in found["skipped"])


def test_the_candidates_are_those_that_were_trained() -> None:
    results: dict[str, dict[str, Any]] = {name: {} for name in candidates.TRAININGS}
    results["train_dpo"] = results["train_grpo"] = {"skipped": "x"}
    results["train_ppo"] = {"judged": True}
    assert candidates.trained(results) == ("sft", "kto", "ppo")
    assert set(candidates.made_by("sft", results)) == {"sft"}
    assert set(candidates.made_by("kto", results)) == {"sft", "kto"}
    assert set(candidates.made_by("ppo", results)) == {"sft", "ppo", "reward"}


def test_methods_are_put_in_order_and_sft_is_always_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().settings.training.methods == ["sft", "dpo"]
    assert load({"training.methods": ["ppo", "kto"]}).settings.training.methods == [
        "sft",
        "kto",
        "ppo",
    ]
    monkeypatch.setenv("PENCHANT_TRAINING__METHODS", '["rlhf"]')
    with pytest.raises(ConfigError, match=r"training\.methods"):
        load()


def test_a_run_with_other_methods_does_not_go_on_with_this_one() -> None:
    usual, further = load(), load({"training.methods": ["dpo", "kto"]})
    assert loop._made_of(usual, "f") == "f/small/0"
    assert loop._made_of(further, "f") == "f/small/0/sft+dpo+kto"


def test_phases_that_are_left_out_take_no_share_and_say_nothing(tmp_path: Path) -> None:
    assert shares(["sft", "dpo"]) == pytest.approx(SHARES | dict.fromkeys(EXTRA, 0.0))
    assert list(shares(["sft"])) == list(ALL)
    chosen = shares(["sft", "dpo", "kto", "grpo", "ppo"], judged=True)
    assert sum(chosen.values()) == pytest.approx(1.0)
    assert min(chosen.values()) > 0
    heard: list[str] = []
    progress = Progress(tmp_path, "r", lambda phase, _: heard.append(phase), shares(["sft"]))
    for name in ALL:
        progress.phase(name)(0.5)
    assert not {"train_dpo", *EXTRA} & set(heard)
    assert "train_sft" in heard


def test_practice_is_for_the_developers_text_and_for_what_can_be_verified(
    run: Callable[..., Run], store: SignalStore
) -> None:
    store.add_all(developers.signals(60, 2))
    made = run('["ppo"]', train_reward={"skipped": "too few"})
    events = made.split().train
    objectives, trusted = candidates._objectives(made, None, events)
    assert [(o.name, w) for o, w in objectives] == [("likeness", 1.0), ("reward", 0.5)]
    assert not trusted
    checks = objectives[1][0]
    known = [e for e in events if e.truth][:20]
    true = checks.scores(known, [e.truth for e in known])
    broken = checks.scores(known, ["((((" for _ in known])
    assert sum(true) > 1.5 * sum(broken), "where a window cannot be parsed anyway, nothing gates"
