"""The ledger of runs, the lock and the progress file."""

import json
from pathlib import Path

import pytest

from penchant_trainer.ledger import Ledger
from penchant_trainer.lock import Busy, exclusive
from penchant_trainer.progress import SHARES, Progress


def test_a_run_is_written_down_and_remembered(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    row = ledger.begin("dev/ada", last_seq=70, made_of="x")
    ledger.update(row.id, phase="train_sft")
    ledger.close()
    again = Ledger(tmp_path)
    found = again.unfinished("dev/ada")
    assert found is not None
    assert (found.id, found.phase, found.status) == (row.id, "train_sft", "running")
    assert again.unfinished("dev/bob") is None
    assert again.covered("dev/ada") == 0, "only finished runs cover signals"
    again.finish(row.id, "refused", ("worse",))
    assert again.covered("dev/ada") == 70
    last = again.last("dev/ada")
    assert last is not None
    assert last.reasons == ("worse",)
    again.close()


def test_looks_at_the_gate_are_counted_since_the_last_promotion(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    seen = [ledger.look("dev/ada")]
    for status in ("refused", "failed", "refused", "published", "refused"):
        row = ledger.begin("dev/ada", last_seq=1, made_of="x")
        ledger.finish(row.id, status, ("why",))
        # Runs that began within the same moment have no order but their names'.
        ledger.update(row.id, started=float(len(seen)))
        seen.append(ledger.look("dev/ada"))
    assert seen == [1, 2, 2, 3, 1, 2]
    assert ledger.look("dev/bob") == 1
    ledger.close()


def test_a_failed_run_covers_nothing(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    row = ledger.begin("dev/ada", last_seq=70, made_of="x")
    ledger.finish(row.id, "failed", ("why",))
    assert ledger.covered("dev/ada") == 0
    ledger.close()


def test_the_ledger_is_private(tmp_path: Path) -> None:
    Ledger(tmp_path).close()
    assert (tmp_path / "ledger.db").stat().st_mode & 0o077 == 0


def test_one_holder_at_a_time(tmp_path: Path) -> None:
    with exclusive(tmp_path), pytest.raises(Busy), exclusive(tmp_path):
        raise AssertionError("two held the lock")
    with exclusive(tmp_path):
        pass


def test_progress_is_told_and_removed(tmp_path: Path) -> None:
    heard: list[tuple[str, float]] = []
    progress = Progress(tmp_path, "r1", lambda phase, done: heard.append((phase, done)))
    report = progress.phase("train_dpo")
    state = json.loads((tmp_path / "progress.json").read_text())
    assert set(state) == {"phase", "progress", "at", "run", "pid"}
    assert (state["phase"], state["run"]) == ("train_dpo", "r1")
    report(0.5)
    report(9.0)
    assert [done for _, done in heard] == pytest.approx([0.55, 0.65, 0.75])
    progress.remove()
    progress.remove()
    assert not (tmp_path / "progress.json").exists()
    assert sum(SHARES.values()) == pytest.approx(1.0)
