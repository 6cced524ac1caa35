"""A trial is decided by what became of both sides' suggestions, and by nothing else."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from samples import signal
from serving import base_model, write_lora
from unit.trainer import developers

from penchant_core.adapters import AdapterStore
from penchant_core.config import load
from penchant_core.paths import Paths
from penchant_core.signals import OutcomeKind
from penchant_core.store import SignalStore
from penchant_trainer import loop, material, phases, publish, trial
from penchant_trainer.ledger import Ledger
from penchant_trainer.recipe import recipe
from penchant_trainer.resources import Device
from penchant_trainer.run import Run
from penchant_trainer.trial import LONGEST_S, Referee
from penchant_trainer.watch import Watch

OWNER = "dev/ada"


@pytest.fixture
def tried(
    adapters: AdapterStore, publish: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> AdapterStore:
    """v0001 is live, v0002 is tried for 20 suggestions; no gateway answers."""
    monkeypatch.setenv("PENCHANT_GATEWAY__PORT", "1")
    adapters.promote(OWNER, publish())
    adapters.begin_trial(OWNER, publish(), wanted=20)
    return adapters


def write(
    log: SignalStore, store: AdapterStore, version: str, kept: int, lost: int, *, ago: float = -60
) -> None:
    """Log outcomes of suggestions asked for ``ago`` seconds before the trial began."""
    begun = store.trial(OWNER)
    assert begun is not None
    for n in range(kept + lost):
        row = signal(f"{version}{ago}{n}", at=begun.since - ago + n)
        asked = replace(
            row.completion, adapter=OWNER, version=version, base_fingerprint=store.fingerprint
        )
        kind = OutcomeKind.ACCEPTED if n < kept else OutcomeKind.REJECTED
        assert row.outcome
        became = replace(row.outcome, kind=kind, retained_chars=10 if n < kept else 0)
        log.add(replace(row, completion=asked, outcome=became))


def state(store: AdapterStore) -> tuple[str, int, str | None]:
    found = store.trial(OWNER)
    assert found is not None
    return found.end, found.seen, store.pointer(OWNER).version


def test_one_that_is_no_worse_goes_live_after_as_many_as_were_wanted(
    store: SignalStore, tried: AdapterStore
) -> None:
    referee = Referee(load())
    write(store, tried, "v0001", 9, 9)
    write(store, tried, "v0002", 8, 10)
    assert referee.look() == ""
    assert state(tried) == ("", 18, "v0001")
    assert referee.going_on().startswith("dev/ada v0002 is on trial: 18 of 20")
    write(store, tried, "v0002", 1, 1, ago=-600)
    said = referee.look()
    assert "9 of 20 suggestions of v0002 were kept, 9 of 18 of what" in said
    assert state(tried) == ("live", 20, "v0002")
    assert tried.pointer(OWNER).reason == said
    assert referee.going_on() == ""


def test_one_that_is_surely_worse_is_served_no_more(
    store: SignalStore, tried: AdapterStore
) -> None:
    write(store, tried, "v0001", 16, 3)
    write(store, tried, "v0002", 0, 19)
    said = Referee(load()).look()
    assert "0 of 19 suggestions of v0002" in said
    assert state(tried) == ("worse", 19, "v0001")
    found = tried.trial(OWNER)
    assert found and found.reason == said


def test_fewer_but_longer_is_not_worse(store: SignalStore, tried: AdapterStore) -> None:
    write(store, tried, "v0001", 16, 3)
    write(store, tried, "v0002", 0, 18)
    long = signal("long", at=2e9)
    asked = replace(
        long.completion, adapter=OWNER, version="v0002", base_fingerprint=tried.fingerprint
    )
    assert long.outcome
    store.add(replace(long, completion=asked, outcome=replace(long.outcome, retained_chars=900)))
    assert Referee(load()).look() == ""


def test_what_was_before_the_trial_or_of_another_base_model_is_no_evidence(
    store: SignalStore, tried: AdapterStore
) -> None:
    write(store, tried, "v0001", 40, 0, ago=90_000)
    write(store, AdapterStore(tried.root, tried.fingerprint), "v0002", 0, 19)
    assert Referee(load()).look() == "", "nothing was served beside it yet"
    assert state(tried) == ("", 19, "v0001")
    write(store, tried, "v0002", 0, 5, ago=-600)
    assert Referee(load()).look() == "", "nor can it go live uncompared"


def test_a_trial_that_nobody_feeds_ends_all_the_same(
    store: SignalStore, tried: AdapterStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store, tried, "v0001", 2, 2)
    referee = Referee(load())
    assert referee.look() == ""
    begun = tried.trial(OWNER)
    assert begun
    monkeypatch.setattr(trial.time, "time", lambda: begun.since + LONGEST_S)
    assert referee.look()
    assert state(tried)[2] == "v0002"


def test_a_version_that_was_spoilt_is_no_longer_tried(
    store: SignalStore, tried: AdapterStore
) -> None:
    write(store, tried, "v0001", 2, 2)
    weights = tried.get(OWNER, "v0002").path / "adapter_model.safetensors"
    weights.chmod(0o600)
    weights.write_bytes(b"")
    assert "changed after publishing" in Referee(load()).look()
    assert state(tried) == ("stopped", 0, "v0001")


def test_the_watch_decides_and_starts_no_run_meanwhile(
    paths: Paths, store: SignalStore, tried: AdapterStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENCHANT_TRAINING__MIN_EXAMPLES", "2")
    monkeypatch.setenv("PENCHANT_TRAINING__EVERY_SIGNALS", "2")
    monkeypatch.setenv("PENCHANT_SCHEDULE__BUSY", "1")  # whatever else this machine does
    store.add_all(developers.signals(60, 2))
    write(store, tried, "v0001", 10, 9)
    ran: list[int] = []
    monkeypatch.setattr(Watch, "_run", lambda _self: ran.append(1) or 0)
    watch = Watch(load())
    assert watch.look() is None
    waiting = loop.run_once(load())
    assert (waiting.status, ran) == ("waiting", [])
    assert "v0002 is on trial: 0 of 20" in waiting.reasons[0]
    write(store, tried, "v0002", 10, 10)
    assert watch.look() == 0
    assert state(tried)[2] == "v0002"


def test_publishing_begins_a_trial_only_when_asked_and_where_there_is_room(
    adapters: AdapterStore, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    build = request.getfixturevalue("publish")
    monkeypatch.setenv("PENCHANT_GATEWAY__PORT", "1")
    first, second = (adapters.get(OWNER, build()) for _ in range(2))
    assert publish.bring_in(load(), adapters, first, "won").live
    asked = {"adapters.trial_suggestions": 50}
    crowded = load({**asked, "engine.max_adapters": 2, "developer.team": "core"})
    outcome = publish.bring_in(load(asked), adapters, second, "won")
    assert (outcome.live, outcome.through) == (False, publish.TRIAL)
    begun = adapters.trial(OWNER)
    assert begun and (begun.wanted, begun.reason) == (50, "won")
    assert adapters.pointer(OWNER).version == first.version
    assert publish.bring_in(crowded, adapters, second, "won").live


def test_a_run_that_passed_the_gate_begins_a_trial(
    paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENCHANT_GATEWAY__PORT", "1")
    monkeypatch.setenv("PENCHANT_ADAPTERS__TRIAL_SUGGESTIONS", "50")
    base = base_model()
    store = AdapterStore(paths.adapters, base.fingerprint)
    ledger = Ledger(paths.runs / "ada")
    row = ledger.begin(OWNER, last_seq=0, made_of="x")
    results = {
        "split": {"signal_ids": []},
        "train_sft": {"steps": 1},
        "evaluate": {
            "figures": {"base": {}, "sft": {}}, "summary": {"sft": {}}, "incumbent": None,
        },
        "gate": {"passed": True, "best": "sft", "reasons": ["better"]},
    }  # fmt: skip
    chosen = recipe("small", parameters=7_600_000, max_rank=8)
    run = Run(
        row.id, load(), base, store, tmp_path, Device("cpu"), chosen,
        material.Material((), 0, ""), results,
    )  # fmt: skip
    write_lora(tmp_path / "sft", seed=1)
    results["publish"] = phases.bring_out(run, lambda _done: None)
    report = loop._finish(run, ledger, {}, (), 1.0)
    status = ledger.last(OWNER)
    ledger.close()
    assert (report.status, report.version, report.live) == ("trial", "v0001", False)
    assert report.reasons == ("better",)
    assert status is not None and status.status == "published"
    begun = store.trial(OWNER)
    assert begun is not None and begun.active and begun.wanted == 50
    assert store.pointer(OWNER).version is None
