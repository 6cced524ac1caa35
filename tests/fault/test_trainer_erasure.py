"""Signals that are erased while a run learns from them: the run begins anew without them."""

import json
import os
from pathlib import Path

import pytest
from unit.trainer import developers

from penchant_core import forgetting
from penchant_core.adapters import AdapterStore
from penchant_core.config import load
from penchant_core.forgetting import follow_through
from penchant_core.paths import Paths
from penchant_core.rebuild import pending_rebuild, request_rebuild
from penchant_core.store import SignalStore
from penchant_trainer import attendance, loop, material, phases, publish
from penchant_trainer.ledger import Ledger
from penchant_trainer.phases import Run
from penchant_trainer.progress import Report
from penchant_trainer.watch import Watch


@pytest.fixture
def prepared(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setenv("PENCHANT_TRAINING__MIN_EXAMPLES", "20")
    monkeypatch.setenv("PENCHANT_TRAINING__EVERY_SIGNALS", "20")
    monkeypatch.setenv("PENCHANT_TRAINING__DEVICE", "cpu")
    monkeypatch.setenv("PENCHANT_GATEWAY__PORT", "1")
    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.setattr("penchant_trainer.loop.quiet.silence", lambda: None)
    developers.write_log(paths.signal_log("ada"), developers.signals(60, 2))
    return paths


def erase(paths: Paths) -> list[str]:
    with SignalStore(paths.signal_log("ada")) as log:
        return log.erase(before=developers.START + 5000)


class Stand:
    """The phases without their hours of work; what happens in ``train_sft`` is up to a test."""

    def __init__(self, during: object = None) -> None:
        self.during, self.learned = during, []

    def phase(self, name: str) -> object:
        def go(run: Run, report: Report) -> dict[str, object]:
            if name == "collect":
                return phases.collect(run, report)
            if name == "split":
                return phases.divide(run, report)
            if name == "train_sft":
                (run.directory / "sft").mkdir()
                self.learned.append({e.signal_id for e in run.material.events})
                if callable(self.during):
                    self.during(report)
            return {"passed": False, "reasons": ["x"], "best": "sft", "version": "", "live": False,
                    "summary": {"sft": {}}}  # fmt: skip

        return go

    def all(self) -> dict[str, object]:
        return {name: self.phase(name) for name in phases.ALL}


def test_the_run_notices_while_it_trains(prepared: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    gone: list[str] = []

    def during(report: Report) -> None:
        if not gone:
            gone.extend(erase(prepared))
            report(0.5)
            raise AssertionError("it went on")

    stand = Stand(during)
    monkeypatch.setattr(phases, "ALL", stand.all())
    monkeypatch.setattr(attendance, "ERASED_POLL_S", 0.0)
    report = loop.run_once(load(), force=True)
    assert gone
    first, second = stand.learned
    assert first.intersection(gone)
    assert not second.intersection(gone)
    runs = {p.name for p in (prepared.runs / "ada").iterdir() if p.is_dir()}
    assert runs == {report.run}, "what the abandoned run made is gone"


def test_the_run_notices_before_its_next_phase(
    prepared: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand = Stand(lambda _report: erase(prepared))
    monkeypatch.setattr(phases, "ALL", stand.all())
    loop.run_once(load(), force=True)
    assert len(stand.learned) == 2


def test_what_was_published_a_moment_too_late_is_withdrawn(
    prepared: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = AdapterStore(prepared.adapters, "0" * 16)

    def late(*_: object) -> object:
        from samples import SHAPES, make_card, write_adapter

        with store.staging("dev/ada") as staged:
            write_adapter(staged)
            version = store.publish(staged, make_card(), shapes=SHAPES)
        erase(prepared)
        return version

    monkeypatch.setattr(publish, "publish", late)
    monkeypatch.setattr(Run, "kept", lambda *_: Path())
    config = load()
    found = material.read(config)
    results = {
        "gate": {"passed": True, "best": "sft", "reasons": ["x"]},
        "evaluate": {
            "incumbent": None,
            "summary": {"sft": {}},
            "figures": {"base": {}, "sft": {}},
        },
        "split": {"signal_ids": [e.signal_id for e in found.events]},
        "train_sft": {},
    }
    base = type("Base", (), {"name": "tiny", "fingerprint": "0" * 16})()
    recipe = type("Recipe", (), {"as_json": dict})()
    run = Run("r", config, base, store, Path(), None, recipe, found, results)  # type: ignore[arg-type]
    with pytest.raises(material.SignalsErased):
        phases.bring_out(run, lambda _: None)
    assert store.get("dev/ada", "v0001").tombstone is not None
    assert store.live("dev/ada") is None


def test_core_knows_where_a_run_says_what_it_learns_from(
    prepared: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Cut(Exception):
        pass

    def cut(_report: Report) -> None:
        raise Cut

    monkeypatch.setattr(phases, "ALL", Stand(cut).all())
    with pytest.raises(Cut):
        loop.run_once(load(), force=True)
    (run,) = (p for p in (prepared.runs / "ada").iterdir() if p.is_dir())
    assert json.loads((run / forgetting.LEARNED_FROM).read_text())["signal_ids"]
    erase(prepared)
    with SignalStore(prepared.signal_log("ada")) as log:
        assert follow_through(load(), log).runs == (run.name,)
    monkeypatch.setattr(phases, "ALL", Stand().all())
    assert loop.run_once(load(), force=True).status == "refused", "it goes on from the start"


def test_a_rebuild_is_honoured_without_new_signals(
    prepared: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phases, "ALL", Stand().all())
    assert loop.run_once(load()).status == "refused"
    assert loop.run_once(load()).status == "waiting"
    request_rebuild(load(), "erased")
    assert loop.run_once(load()).status == "refused"
    assert pending_rebuild(load()) is None
    assert loop.run_once(load()).status == "waiting"


def test_the_watch_finishes_an_erasure_and_rebuilds(
    prepared: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    monkeypatch.setattr(Watch, "_run", lambda _self: started.append(1) or 0)
    ledger = Ledger(prepared.runs / "ada")
    with SignalStore(prepared.signal_log("ada")) as log:
        learned = [s.completion.id for s in log.signals()]
        row = ledger.begin("dev/ada", last_seq=log.last_seq(), made_of="x")
    ledger.finish(row.id, "published", ("x",))
    ledger.close()
    from samples import SHAPES, make_card, write_adapter

    store = AdapterStore(prepared.adapters, "0" * 16)
    with store.staging("dev/ada") as staged:
        write_adapter(staged)
        store.publish(staged, make_card(signal_ids=learned), shapes=SHAPES)
    store.promote("dev/ada", "v0001")
    monkeypatch.setenv("PENCHANT_SCHEDULE__BUSY", "1")  # whatever else this machine does
    watch = Watch(load())
    assert watch.look() is None
    erase(prepared)  # by the editor's retention, or a command that was killed
    assert watch.look() == 0
    assert started == [1]
    assert store.live("dev/ada") is None
    assert not (store.get("dev/ada", "v0001").path / "adapter_model.safetensors").exists()
    assert watch.look() is None, "the same request is not tried in a loop"
