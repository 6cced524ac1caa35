"""``penchant train`` where no training happens: waiting, refusing flags, watching, checking."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from unit.trainer import developers
from unit.trainer.conftest import command, environment

from penchant_core.config import load
from penchant_core.paths import Paths
from penchant_trainer.checks import checks
from penchant_trainer.cli import train
from penchant_trainer.ledger import Ledger
from penchant_trainer.watch import Watch


def run(home: Path, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(*arguments),
        env=environment(home, **settings),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_an_empty_log_is_waiting_and_stays_unmade(home: Path) -> None:
    done = run(home, "--once", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["status"] == "waiting"
    assert "0 of 30 clean examples" in report["reasons"][0]
    assert not (home / "data" / "signals").exists()


def test_few_signals_are_waiting_even_when_forced(paths: Paths, home: Path) -> None:
    developers.write_log(paths.signal_log("ada"), developers.signals(60, 2)[:12])
    done = run(home, "--force")
    assert done.returncode == 0, done.stderr
    assert "Not enough to train on yet." in done.stdout
    assert "of 30 clean examples" in done.stdout


def test_waiting_imports_no_torch(home: Path) -> None:
    code = (
        "import sys; from penchant_trainer.cli import train; "
        "train(['--once'], standalone_mode=False); "
        "print(sorted({'torch', 'transformers', 'trl', 'peft'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(home),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_once_and_watch_exclude_each_other() -> None:
    assert CliRunner().invoke(train, ["--once", "--watch"]).exit_code == 2


def test_a_setting_that_is_wrong_fails_with_its_name(home: Path) -> None:
    done = run(home, "--json", PENCHANT_TRAINING__POLL_S="-1")
    assert done.returncode == 1
    assert "training.poll_s" in json.loads(done.stdout)["reasons"][0]
    assert "Traceback" not in done.stderr


def test_an_unknown_device_is_named(paths: Paths, home: Path) -> None:
    developers.write_log(paths.signal_log("ada"), developers.signals(60, 2))
    settings = {"PENCHANT_TRAINING__MIN_EXAMPLES": "20"}
    done = run(home, "--json", "--force", "--device", "cuda:99", **settings)
    assert done.returncode == 1
    assert "cuda:99" in json.loads(done.stdout)["reasons"][0]


def test_the_watch_stops_on_term(home: Path) -> None:
    with subprocess.Popen(
        command("--watch"), env=environment(home), stderr=subprocess.PIPE, text=True
    ) as watching:
        assert watching.stderr is not None
        assert "Watching" in watching.stderr.readline()
        log = home / "state" / "logs" / "train.log"
        deadline = time.monotonic() + 60
        while not (log.exists() and "watch_started" in log.read_text()):
            assert time.monotonic() < deadline
            os.sched_yield()
        watching.send_signal(signal.SIGTERM)
        assert watching.wait(30) == 0


def test_the_watch_starts_a_run_only_when_one_is_due(
    paths: Paths, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    developers.write_log(paths.signal_log("ada"), developers.signals(60, 2))
    monkeypatch.setenv("PENCHANT_TRAINING__DEVICE", "cuda:99")  # the run itself fails at once
    monkeypatch.setenv("PENCHANT_TRAINING__MIN_EXAMPLES", "61")
    assert Watch(load()).look() is None, "too few"
    monkeypatch.setenv("PENCHANT_TRAINING__MIN_EXAMPLES", "20")
    monkeypatch.setenv("PENCHANT_TRAINING__EVERY_SIGNALS", "20")
    monkeypatch.setenv("PENCHANT_SCHEDULE__BUSY", "1")  # whatever else this machine does
    watch = Watch(load())
    assert watch.look() == 1
    assert watch.look() is None, "the same signals are not tried in a loop"


def test_a_watch_waits_for_a_busy_machine_but_not_for_ever(paths: Paths, home: Path) -> None:
    developers.write_log(paths.signal_log("ada"), developers.signals(60, 2))
    settings = {
        "PENCHANT_TRAINING__MIN_EXAMPLES": "20",
        "PENCHANT_TRAINING__EVERY_SIGNALS": "20",
        "PENCHANT_TRAINING__POLL_S": "0.1",
        "PENCHANT_TRAINING__DEVICE": "cpu",
        "PENCHANT_SCHEDULE__BUSY": "0.001",
        "PENCHANT_SCHEDULE__MAX_WAIT_MINUTES": "0.01",
    }
    with (
        subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy,
        subprocess.Popen(
            command("--watch"), env=environment(home, **settings), stderr=subprocess.PIPE, text=True
        ) as watching,
    ):
        try:
            assert watching.stderr is not None
            said = [watching.stderr.readline() for _ in range(2)]
            assert "A run is due and waits: other programs use" in said[1], said
            while "A run begins" not in (line := watching.stderr.readline()):
                assert "waits" in line
        finally:
            busy.kill()
            watching.terminate()
            watching.communicate(timeout=60)
    assert watching.returncode == 0
    assert not (paths.runs / "ada" / "progress.json").exists()


def test_checks_look_at_libraries_device_and_last_run(paths: Paths) -> None:
    found = {check.name: check for check in checks(load())}
    assert all(check.ok for check in found.values())
    assert "trl" in found["training libraries"].detail
    assert found["last training run"].detail == "none yet"
    ledger = Ledger(paths.runs / "ada")
    row = ledger.begin("dev/ada", last_seq=1, made_of="x")
    ledger.finish(row.id, "failed", ("the disk was full",))
    ledger.close()
    last = {check.name: check for check in checks(load())}["last training run"]
    assert not last.ok
    assert "the disk was full" in last.detail
    assert last.remedy
