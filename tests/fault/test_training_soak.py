"""The soak of training runs would notice what it looks for; the real kills are a command.

``python -m soak.training`` (docs/reliability.md) plays them; test_trainer_kill.py plays two.
"""

from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from soak.tally import Tally
from soak.training import Round

from penchant_core import models
from penchant_core.adapters import AdapterStore
from penchant_trainer.ledger import Ledger


@pytest.fixture
def played(tmp_path: Path) -> Round:
    """A round whose run has just been begun."""
    with closing(Ledger(tmp_path / "state" / "runs" / "ada")) as ledger:
        ledger.begin("dev/ada", last_seq=1, made_of="x")
    return Round(tmp_path, Tally("training", 1), Counter())


def store(home: Path) -> AdapterStore:
    return AdapterStore(home / "data" / "adapters", models.resolve("bundled").fingerprint)


def test_what_is_sound_is_no_failure(played: Round) -> None:
    assert played.row() is not None
    assert played.sound(whole=True) == []
    assert not played.tally.failures


def test_early_ends_are_forgotten_between_blows(played: Round) -> None:
    with closing(Ledger(played.home / "state" / "runs" / "ada")) as ledger:
        (row,) = ledger._rows("dev/ada")
        ledger.update(row.id, attempts=3)
    found = played.row()
    assert found is not None
    assert found.attempts == 1


def test_half_an_adapter_would_be_noticed(played: Round) -> None:
    place = store(played.home).base / "dev" / "ada" / "v0001"
    place.mkdir(parents=True)
    (place / "adapter_model.safetensors").write_bytes(b"\x08\x00")
    played.sound(whole=False)
    assert any("half an adapter" in name for name in played.tally.failures)


def test_a_damaged_ledger_would_be_noticed(played: Round) -> None:
    (played.home / "state" / "runs" / "ada" / "ledger.db").write_bytes(b"no database" * 99)
    played.row()
    assert played.tally.failures == {"ledger set aside": 1}


def test_weights_that_are_left_behind_would_be_noticed(played: Round) -> None:
    place = played.home / "run"
    place.mkdir()
    for name in ("split.json", ".gate.json.0a1b.tmp"):
        (place / name).write_text("{")
    played.tidy(place)
    assert not played.tally.failures
    (place / "sft").mkdir()
    (place / "sft" / "adapter_model.safetensors").write_bytes(b"x")
    played.tidy(place)
    assert played.tally.failures == {"left behind: ['.json', '.safetensors']": 1}


def test_a_run_without_a_decision_would_be_noticed(played: Round) -> None:
    played.finish(over=True)
    assert any("running in the end" in name for name in played.tally.failures)
