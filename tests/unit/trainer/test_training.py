"""A real run on a synthetic developer with a clear style, from signal log to live version."""

import json
import sqlite3
import subprocess

import pytest
from safetensors import safe_open
from unit.trainer import developers
from unit.trainer.conftest import Trained, command, environment
from unit.trainer.curve_reader import curves

from penchant_core import models
from penchant_core.adapters import AdapterStore
from penchant_core.config import load
from penchant_core.paths import Paths
from penchant_core.store import SignalStore
from penchant_trainer.curves import PREFIX


@pytest.fixture
def store(trained: Trained) -> AdapterStore:
    base = models.resolve("bundled")
    return AdapterStore(trained.home / "data" / "adapters", base.fingerprint)


@pytest.mark.timeout(900)
def test_the_developers_style_is_learned_and_goes_live(
    trained: Trained, store: AdapterStore
) -> None:
    report = trained.report
    assert report["status"] == "published", report["reasons"]
    base, best = report["figures"]["base"], report["figures"][report["method"].split("+")[-1]]
    assert best["similarity"] > base["similarity"] + 0.15
    assert best["retained_chars"] > 1.5 * base["retained_chars"]
    assert best["perplexity"] <= 1.02 * base["perplexity"]
    live = store.live("dev/ada")
    assert live is not None
    assert live.version == report["version"]
    store.verify(live, models.resolve("bundled").directory, max_rank=16)


@pytest.mark.timeout(900)
def test_the_card_tells_what_it_is_made_of(trained: Trained, store: AdapterStore) -> None:
    live = store.live("dev/ada")
    assert live is not None
    card = live.card
    assert card.run == trained.report["run"]
    assert card.reasons == trained.report["reasons"]
    assert any("edit similarity" in reason for reason in card.reasons)
    known = {s.completion.id for s in developers.signals()}
    assert len(card.signal_ids) == trained.report["data"]["train"]
    assert set(card.signal_ids) <= known
    assert card.evaluation["candidate"]["n"] == trained.report["data"]["held_out"]
    found = card.evaluation["candidate"]
    assert found["canaries"] == card.data["sft"]["canaries"] > 0
    assert found["told"] == 0
    assert any("keeps a planted random string" in reason for reason in card.reasons)
    assert "similarities" not in card.evaluation["base"]
    assert "habits" not in card.evaluation["base"]
    assert card.style["judged"] > 0
    assert card.style["sentences"]
    text = card.model_dump_json()
    assert "logging" not in text, "a card holds no code"
    assert str(trained.home) not in text


@pytest.mark.timeout(900)
def test_the_adapter_is_plain_bf16_without_local_paths(
    trained: Trained, store: AdapterStore
) -> None:
    live = store.live("dev/ada")
    assert live is not None
    with safe_open(live.path / "adapter_model.safetensors", "pt") as file:
        names = list(file.keys())
        assert {file.get_slice(name).get_dtype() for name in names} == {"BF16"}
    assert not any(".ref." in name for name in names)
    assert sorted(p.name for p in live.path.iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
        "card.json",
    ]
    assert (
        "/"
        not in json.loads((live.path / "adapter_config.json").read_text())[
            "base_model_name_or_path"
        ]
    )


@pytest.mark.timeout(900)
def test_nothing_of_the_developers_stays_behind(trained: Trained) -> None:
    runs = trained.home / "state" / "runs" / "ada"
    assert not (runs / "progress.json").exists()
    left = [p for p in (runs / trained.report["run"]).rglob("*") if p.is_file()]
    assert {p.suffix for p in left if PREFIX not in p.name} == {".json"}
    pieces = {s.outcome.instead.strip()[:18] for s in developers.signals() if s.outcome}
    pieces = {piece for piece in pieces if len(piece) > 12}
    for path in [*left, *(trained.home / "state" / "logs").iterdir()]:
        text = path.read_text("utf-8", "replace")
        assert not any(piece in text for piece in pieces), path.name
        assert path.stat().st_mode & 0o077 == 0
    assert trained.home.joinpath("data", "signals", "ada.db").exists()
    assert not list(trained.home.rglob("*.arrow"))


@pytest.mark.timeout(900)
def test_the_curves_of_the_run_can_be_looked_at(trained: Trained) -> None:
    drawn = curves(trained.home / "state" / "runs" / "ada" / trained.report["run"])
    for loss in ("sft/loss", "dpo/loss", "dpo/rewards/margins"):
        steps = [step for step, _ in drawn[loss]]
        assert len(steps) > 3, loss
        assert steps == sorted(set(steps)), loss
    first, last = drawn["sft/loss"][0][1], drawn["sft/loss"][-1][1]
    assert last < first
    similarity = trained.report["figures"]["base"]["similarity"]
    [(_, shown)] = drawn["evaluate/end/base/similarity"]
    assert shown == pytest.approx(similarity, abs=1e-4)
    assert drawn["gate/end/passed"] == [(0, 1.0)]


@pytest.mark.timeout(900)
def test_the_report_alone_is_on_stdout_and_progress_on_stderr(trained: Trained) -> None:
    assert "learning what you wrote" in trained.stderr
    assert "Warning" not in trained.stderr
    assert len(trained.stderr.splitlines()) < 12, trained.stderr


@pytest.mark.timeout(900)
def test_another_run_waits_for_new_signals(trained: Trained) -> None:
    done = subprocess.run(
        command("--once", "--json"),
        env=environment(trained.home),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    report = json.loads(done.stdout)
    assert report["status"] == "waiting"
    assert "0 of 50 new usable signals" in report["reasons"][0]
    with sqlite3.connect(trained.home / "state/runs/ada/ledger.db") as ledger:
        rows = ledger.execute("SELECT status, phase, last_seq FROM runs").fetchall()
    ledger.close()
    with SignalStore(trained.home / "data/signals/ada.db") as log:
        assert rows == [("published", "done", log.last_seq())]


@pytest.mark.timeout(900)
def test_a_developer_of_whom_nothing_can_be_learned_is_refused(paths: Paths) -> None:
    developers.write_log(paths.signal_log("ada"), developers.signals(60, 2, truth="noise"))
    done = subprocess.run(
        command("--once", "--json", "--force"),
        env=environment(
            paths.data.parent,
            PENCHANT_TRAINING__MIN_EXAMPLES="20",
            PENCHANT_TRAINING__RECIPE="{ sft_tokens = 30000 }",
        ),
        capture_output=True,
        text=True,
        timeout=800,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["status"] == "refused"
    assert report["reasons"]
    base = models.resolve("bundled")
    found = AdapterStore(load().adapter_root, base.fingerprint)
    assert found.versions("dev/ada") == []
    assert found.live("dev/ada") is None
