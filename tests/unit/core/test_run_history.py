"""The trainer's own ledger is read as it was written; anything else is an empty history."""

from pathlib import Path

import pytest

from penchant_core.run_history import MOST_CHARS, past_runs
from penchant_trainer.ledger import Ledger


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    ledger = Ledger(tmp_path)
    first = ledger.begin("dev/ada", last_seq=10, made_of="x/small/0")
    ledger.update(first.id, phase="gate", started=100.0)
    ledger.finish(first.id, "refused", ("parses in place 47% → 44%",))
    second = ledger.begin("dev/ada", last_seq=20, made_of="x/small/0")
    ledger.update(second.id, phase="done", started=200.0)
    ledger.finish(second.id, "published", ("nearer to your text",), version="v0001")
    other = ledger.begin("dev/bob", last_seq=1, made_of="x/small/0")
    ledger.finish(other.id, "failed", ("x" * 9_000,))
    ledger.close()
    return tmp_path


def test_the_newest_comes_first_with_its_reasons(directory: Path) -> None:
    newest, oldest = past_runs(directory, "dev/ada", 10)
    assert (newest.status, newest.version, newest.phase) == ("published", "v0001", "done")
    assert (oldest.status, oldest.version) == ("refused", "")
    assert oldest.reasons == ("parses in place 47% → 44%",)
    assert oldest.started == 100.0
    assert [run.id for run in past_runs(directory, "dev/ada", 1)] == [newest.id]


def test_only_the_owners_runs_and_only_so_much_text(directory: Path) -> None:
    (run,) = past_runs(directory, "dev/bob", 10)
    assert len(run.reasons[0]) == MOST_CHARS


@pytest.mark.parametrize("content", [b"", b"no database" * 500])
def test_what_is_no_ledger_is_an_empty_history_and_stays(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "ledger.db").write_bytes(content)
    assert past_runs(tmp_path, "dev/ada", 10) == []
    assert (tmp_path / "ledger.db").read_bytes() == content
    assert past_runs(tmp_path / "nowhere", "dev/ada", 10) == []
