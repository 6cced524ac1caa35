"""What was erased is in no working file of training either, also of a run that was killed."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from fault.test_trainer_kill import kill_in
from unit.trainer import developers

from penchant_core.paths import Paths

CANARY = b"canary_e07f13"


@pytest.mark.timeout(300)
def test_a_killed_run_keeps_no_text_once_it_is_erased(
    paths: Paths, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "TMPDIR"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name))
    text = f"# {CANARY.decode()}\n"
    signals = [
        replace(each, completion=replace(each.completion, prefix=text + each.completion.prefix))
        for each in developers.signals(60, 2)
    ]
    developers.write_log(paths.signal_log("ada"), signals)
    kill_in("train_sft", home)
    assert _with_canary(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "penchant_core.cli", "signals", "erase", "--all", "--yes"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert _with_canary(tmp_path) == []


def _with_canary(root: Path) -> list[str]:
    return [
        str(path.relative_to(root))
        for path in root.rglob("*")
        if path.is_file() and CANARY in path.read_bytes()
    ]
