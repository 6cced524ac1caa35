"""A run that wants more time or memory than it may take ends with a sentence, and harms nothing."""

import json
import os
from pathlib import Path

import pytest
from unit.trainer import developers

from penchant_core.config import load
from penchant_core.paths import Paths
from penchant_trainer import loop, phases
from penchant_trainer.attendance import Attendance
from penchant_trainer.candidates import LEFT_BY
from penchant_trainer.ledger import Ledger
from penchant_trainer.limits import ENDED_EARLY, LimitReached, Limits
from penchant_trainer.phases import Run
from penchant_trainer.progress import Report


@pytest.fixture
def prepared(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setenv("PENCHANT_TRAINING__MIN_EXAMPLES", "20")
    monkeypatch.setenv("PENCHANT_TRAINING__DEVICE", "cpu")
    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.setattr("penchant_trainer.loop.quiet.silence", lambda: None)
    developers.write_log(paths.signal_log("ada"), developers.signals(60, 2))
    return paths


def acting(seen: list[str], **acts: object) -> dict[str, object]:
    """Phases that note that they ran, and do what ``acts`` says of them."""

    def phase(name: str) -> object:
        def go(run: Run, report: Report) -> dict[str, object]:
            seen.append(name)
            if name in LEFT_BY:
                (run.directory / LEFT_BY[name]).mkdir()
            act = acts.get(name)
            if callable(act):
                act(report)
            if name == "collect":
                return phases.collect(run, report)
            figures: dict[str, object] = {"sft": {}}
            return {
                "passed": False, "reasons": ["not better"], "best": "sft", "version": "",
                "live": False, "summary": figures, "signal_ids": [],
            }  # fmt: skip

        return go

    return {name: phase(name) for name in phases.ALL}


def the_run(paths: Paths) -> Path:
    (found,) = (path for path in (paths.runs / "ada").iterdir() if path.is_dir())
    return found


def status(paths: Paths) -> tuple[str, str, int, int]:
    ledger = Ledger(paths.runs / "ada")
    row = ledger.last("dev/ada")
    assert row is not None
    found = row.status, " ".join(row.reasons), ledger.covered("dev/ada"), ledger.look("dev/ada")
    ledger.close()
    return found


def hungry(_report: Report) -> None:
    raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 TB")


def endless(report: Report) -> None:
    for step in range(10**9):
        report(step / 10**9)


@pytest.mark.parametrize(
    ("act", "minutes", "named"),
    [(hungry, "480", "schedule.max_memory_mb"), (endless, "0.001", "schedule.max_minutes (0.001)")],
)
def test_a_run_that_reaches_a_limit_is_given_up(
    act: object, minutes: str, named: str, prepared: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENCHANT_SCHEDULE__MAX_MINUTES", minutes)
    monkeypatch.setattr(phases, "ALL", acting([], train_sft=act))
    with pytest.raises(LimitReached, match="raise") as caught:
        loop.run_once(load(), force=True)
    assert named in str(caught.value)
    ended, reason, covered, look = status(prepared)
    assert ended == "stopped"
    assert named in reason
    assert covered > 0, "the same signals are not tried again and again"
    assert look == 1, "it never came to the gate"
    assert not [path for path in the_run(prepared).iterdir() if path.is_dir()]
    assert not (prepared.runs / "ada" / "progress.json").exists()
    monkeypatch.setattr(phases, "ALL", acting([]))
    monkeypatch.delenv("PENCHANT_SCHEDULE__MAX_MINUTES")
    assert loop.run_once(load(), force=True).status == "refused", "the next run is a new one"


def test_when_most_of_the_time_is_over_what_was_learned_is_judged(
    prepared: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    late: list[bool] = []
    monkeypatch.setattr(Limits, "training_over", property(lambda _: bool(late)))
    ended: list[bool] = []

    def learn(report: Report) -> None:
        assert isinstance(report, Attendance)
        ended.append(report.over())
        late.append(True)
        ended.append(report.over())

    seen: list[str] = []
    monkeypatch.setattr(phases, "ALL", acting(seen, train_sft=learn))
    report = loop.run_once(load(), force=True)
    assert report.status == "refused"
    assert ended == [False, True]
    assert "train_dpo" not in seen
    assert {"evaluate", "gate"} <= set(seen)
    run = the_run(prepared)
    assert json.loads((run / "train_sft.json").read_text())["ended_early"] == ENDED_EARLY
    assert json.loads((run / "train_dpo.json").read_text()) == {"skipped": ENDED_EARLY}


def test_told_to_stop_is_no_failure(prepared: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(_report: Report) -> None:
        raise KeyboardInterrupt

    first: set[str] = set()
    for _ in range(5):  # as often as a laptop is shut down
        monkeypatch.setattr(phases, "ALL", acting([], evaluate=told))
        with pytest.raises(KeyboardInterrupt):
            loop.run_once(load(), force=True)
        first.add(the_run(prepared).name)
    monkeypatch.setattr(phases, "ALL", acting([]))
    assert {loop.run_once(load(), force=True).run} == first


def test_no_curves_if_none_are_wanted(prepared: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phases, "ALL", acting([]))
    run = loop.run_once(load({"schedule.tensorboard": False}), force=True).run
    assert not list((prepared.runs / "ada" / run).glob("*tfevents*"))
    run = loop.run_once(load(), force=True).run
    assert list((prepared.runs / "ada" / run).glob("*tfevents*"))
