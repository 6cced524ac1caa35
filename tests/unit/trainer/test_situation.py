"""``penchant train --status`` says what a run is doing, how the last one ended, what comes next."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from unit.trainer import developers

from penchant_core.config import load
from penchant_core.paths import Paths
from penchant_trainer.cli import train
from penchant_trainer.ledger import Ledger
from penchant_trainer.progress import Progress
from penchant_trainer.situation import situation


def status(*more: str) -> str:
    done = CliRunner().invoke(train, ["--status", *more])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_nothing_has_happened_yet(paths: Paths) -> None:
    assert status() == (
        "No run goes on.\n"
        "next run  0 of 30 clean examples so far; go on writing with suggestions switched on\n"
    )
    assert not paths.runs.exists(), "looking makes nothing"


def test_a_run_goes_on_and_waits(paths: Paths) -> None:
    told = Progress(paths.runs / "ada", "r1")
    part = told.phase("train_dpo")
    assert "The run r1 goes on: learning what you prefer, 55%." in status()
    told._written = 0.0  # as if that were long ago
    part.wait("you are writing")
    found = json.loads(status("--json"))
    assert (found["state"], found["waiting"]) == ("waiting", "you are writing")
    assert "55%, waiting: you are writing." in status()


def test_a_run_that_has_not_begun(paths: Paths) -> None:
    Progress(paths.runs / "ada", "").wait("GPU 0 is 93% in use")
    assert status().splitlines()[0] == "A run is due and waits: GPU 0 is 93% in use."


def test_how_the_last_one_ended_and_what_the_next_one_lacks(paths: Paths) -> None:
    developers.write_log(paths.signal_log("ada"), developers.signals(60, 2))
    ledger = Ledger(paths.runs / "ada")
    row = ledger.begin("dev/ada", last_seq=10**6, made_of="x")
    ledger.finish(row.id, "refused", ("it wrote no better",))
    ledger.close()
    said = status()
    assert f"last run  {row.id}, refused" in said
    assert "  - it wrote no better" in said
    assert "next run  0 of 50 new usable signals" in said or "clean examples" in said


def test_an_interrupted_run_is_named(paths: Paths) -> None:
    ledger = Ledger(paths.runs / "ada")
    row = ledger.begin("dev/ada", last_seq=1, made_of="x")
    ledger.close()
    found = situation(load())
    assert (found.state, found.run, found.lacking) == ("interrupted", row.id, "")
    assert found.lines()[-1] == "next run  is due"


@pytest.mark.parametrize("other", ["--once", "--watch"])
def test_status_stands_alone(home: Path, other: str) -> None:
    assert CliRunner().invoke(train, ["--status", other]).exit_code == 2
