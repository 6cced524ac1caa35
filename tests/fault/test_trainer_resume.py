"""What a resumed run may rely on, phase by phase, without training: ledger and directory only."""

import json
import os
from pathlib import Path

import pytest
from unit.trainer import developers

from penchant_core import models
from penchant_core.config import load
from penchant_core.paths import Paths
from penchant_core.store import SignalStore
from penchant_trainer import candidates, loop, material, phases
from penchant_trainer.ledger import PHASES, Ledger, RunRow
from penchant_trainer.phases import Run
from penchant_trainer.progress import Report


@pytest.fixture
def home_with_log(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setenv("PENCHANT_TRAINING__MIN_EXAMPLES", "20")
    monkeypatch.setenv("PENCHANT_TRAINING__DEVICE", "cpu")
    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.setattr("penchant_trainer.loop.quiet.silence", lambda: None)
    developers.write_log(paths.signal_log("ada"), developers.signals(60, 2))
    return paths


class Cut(Exception):
    """The process ended here."""


def ending_in(ended: str, done: list[str]) -> dict[str, object]:
    """Phases that note that they ran; the one named ``ended`` never returns."""

    def phase(name: str) -> object:
        def go(run: Run, report: Report) -> dict[str, object]:
            if name == ended:
                raise Cut
            done.append(name)
            if name in candidates.LEFT_BY:
                (run.directory / candidates.LEFT_BY[name]).mkdir(exist_ok=True)
            if name == "collect":
                return phases.collect(run, report)
            figures: dict[str, object] = {"sft": {}}
            return {
                "passed": False, "reasons": ["not better"], "best": "sft", "version": "",
                "live": False, "summary": figures, "signal_ids": [],
            }  # fmt: skip

        return go

    return {name: phase(name) for name in phases.ALL}


@pytest.mark.parametrize("ended", PHASES[:-1])
def test_every_phase_is_gone_on_with(
    ended: str, home_with_log: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(phases, "ALL", ending_in(ended, done))
    with pytest.raises(Cut):
        loop.run_once(load(), force=True)
    assert not (home_with_log.runs / "ada" / "progress.json").exists()
    monkeypatch.setattr(phases, "ALL", ending_in("", done))
    report = loop.run_once(load(), force=True)
    assert report.status == "refused"
    assert done == list(PHASES[:-1]), "each phase was finished once, in order"


def broken(directory: Path, what: str) -> None:
    if what == "result":
        (directory / "split.json").write_text("{")
    elif what == "adapter":
        (directory / "sft").rmdir()
    elif what == "labels":
        (directory / "labels").rmdir()
    elif what == "directory":
        for path in directory.iterdir():
            path.rmdir() if path.is_dir() else path.unlink()


@pytest.mark.parametrize(
    ("what", "again"),
    [
        ("result", "split"),
        ("adapter", "train_sft"),
        ("labels", "judge_pairs"),
        ("directory", "collect"),
    ],
)
def test_what_is_missing_is_done_again(
    what: str, again: str, home_with_log: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = interrupted(home_with_log, monkeypatch, "evaluate")
    broken(home_with_log.runs / "ada" / row.id, what)
    done: list[str] = []
    monkeypatch.setattr(phases, "ALL", ending_in("", done))
    report = loop.run_once(load(), force=True)
    assert report.run == row.id
    assert done[0] == again


def test_erased_signals_are_not_learned_from_by_an_interrupted_run(
    home_with_log: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = interrupted(home_with_log, monkeypatch, "evaluate")
    with SignalStore(home_with_log.signal_log("ada")) as log:
        log.erase(before=developers.START + 5000)
    done: list[str] = []
    monkeypatch.setattr(phases, "ALL", ending_in("", done))
    report = loop.run_once(load(), force=True)
    assert report.run != row.id
    assert done[0] == "collect"
    assert not (home_with_log.runs / "ada" / row.id).exists()


def test_a_run_that_ends_early_again_and_again_is_given_up(
    home_with_log: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = interrupted(home_with_log, monkeypatch, "evaluate")
    for _ in range(2):
        interrupted(home_with_log, monkeypatch, "evaluate")
    later = interrupted(home_with_log, monkeypatch, "evaluate")
    assert later.id != first.id
    ledger = Ledger(home_with_log.runs / "ada")
    (status,) = [r.status for r in ledger._rows("dev/ada") if r.id == first.id]
    ledger.close()
    assert status == "failed"


def interrupted(paths: Paths, monkeypatch: pytest.MonkeyPatch, ended: str) -> RunRow:
    monkeypatch.setattr(phases, "ALL", ending_in(ended, []))
    with pytest.raises(Cut):
        loop.run_once(load(), force=True)
    ledger = Ledger(paths.runs / "ada")
    row = ledger.unfinished("dev/ada")
    ledger.close()
    assert row is not None
    return row


def test_a_version_that_the_same_run_has_published_is_not_published_twice(
    home_with_log: Paths,
) -> None:
    from samples import make_card, write_adapter

    from penchant_core.adapters import AdapterStore
    from penchant_core.models import BaseModel
    from penchant_trainer import publish

    bundled = models.resolve("bundled")

    class Little(BaseModel):
        def shapes(self) -> dict[str, tuple[int, ...]]:
            from samples import SHAPES

            return dict(SHAPES)

    base = Little(bundled.directory, "b", bundled.fingerprint, bundled.renderer)
    store = AdapterStore(home_with_log.adapters, bundled.fingerprint)
    adapter = home_with_log.data / "adapter"
    adapter.mkdir(parents=True, exist_ok=True)
    write_adapter(adapter)
    card = make_card("dev/ada", run="r1")
    first = publish.publish(store, base, adapter, card)
    assert publish.publish(store, base, adapter, card).version == first.version
    assert len(store.versions("dev/ada")) == 1


def test_the_material_is_read_up_to_where_the_run_began(home_with_log: Paths) -> None:
    whole = material.read(load())
    part = material.read(load(), until=whole.last_seq)
    assert part == whole
    assert json.dumps(part.digest) == json.dumps(whole.digest)
