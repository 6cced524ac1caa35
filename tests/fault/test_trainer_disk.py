"""A damaged ledger, a full or read-only disk: a clear message, and nothing lost that matters."""

import errno
import json
import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from unit.trainer import developers
from unit.trainer.conftest import command, environment

from penchant_core.paths import Paths
from penchant_trainer import loop
from penchant_trainer.cli import train
from penchant_trainer.ledger import Ledger


def test_a_damaged_ledger_is_set_aside_and_said(paths: Paths, home: Path) -> None:
    directory = paths.runs / "ada"
    directory.mkdir(parents=True)
    (directory / "ledger.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 4000)
    done = subprocess.run(
        command("--once"),
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "the ledger was damaged and is set aside" in done.stderr
    assert len(list(directory.glob("ledger.db.damaged-*"))) == 1
    ledger = Ledger(directory)
    assert ledger.last("dev/ada") is None
    ledger.close()


def test_a_ledger_of_another_shape_is_set_aside(tmp_path: Path) -> None:
    import sqlite3

    other = sqlite3.connect(tmp_path / "ledger.db")
    other.execute("CREATE TABLE runs (id TEXT)")
    other.commit()
    other.close()
    ledger = Ledger(tmp_path)
    assert ledger.set_aside is not None
    ledger.close()


def test_a_full_disk_is_a_message_and_the_run_goes_on_later(
    paths: Paths, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    developers.write_log(paths.signal_log("ada"), developers.signals(60, 2))
    monkeypatch.setenv("PENCHANT_TRAINING__MIN_EXAMPLES", "20")
    monkeypatch.setenv("PENCHANT_TRAINING__DEVICE", "cpu")
    monkeypatch.setattr(os, "environ", os.environ.copy())

    def full(path: Path, _text: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(loop, "write_private", full)
    monkeypatch.setattr("penchant_trainer.quiet.lower_priority", lambda: None)
    result = CliRunner().invoke(train, ["--once", "--force", "--json"])
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert report["status"] == "failed"
    assert "No space left on device" in report["reasons"][0]
    ledger = Ledger(paths.runs / "ada")
    row = ledger.unfinished("dev/ada")
    ledger.close()
    assert row is not None
    assert row.phase == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_ledger_that_cannot_be_written_is_a_message(paths: Paths, home: Path) -> None:
    directory = paths.runs / "ada"
    directory.mkdir(parents=True)
    directory.chmod(0o500)
    done = subprocess.run(
        command("--once"),
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    directory.chmod(0o700)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
