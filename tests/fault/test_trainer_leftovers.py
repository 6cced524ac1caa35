"""A run was killed between its end and its clearing up: the next one removes its weights."""

from pathlib import Path

import pytest

from penchant_core.config import load
from penchant_core.rebuild import runs_directory
from penchant_trainer.ledger import Ledger
from penchant_trainer.loop import run_once


def test_weights_of_an_ended_run_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENCHANT_HOME", str(tmp_path))
    config = load({"developer.name": "ada"}, environment={})
    directory = runs_directory(config)
    directory.mkdir(parents=True)
    ledger = Ledger(directory)
    ended = ledger.begin(config.settings.owner, last_seq=1, made_of="x")
    ledger.finish(ended.id, "refused", ("not better",))
    ledger.close()
    for name in ("sft", "dpo", "scratch"):
        (directory / ended.id / name).mkdir(parents=True)
        (directory / ended.id / name / "adapter_model.safetensors").write_bytes(b"weights")
    (directory / ended.id / "evaluate.json").write_text("{}")
    assert run_once(config).status == "waiting"
    assert [path.name for path in (directory / ended.id).iterdir()] == ["evaluate.json"]
