"""``penchant judge`` as a user runs it, on a real signal log."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from unit.trainer import developers
from unit.trainer.rewards.judging import JudgeServer, judge_server

from penchant_core.errors import PenchantError
from penchant_core.paths import Paths
from penchant_trainer.rewards.cli import judge


def run(*arguments: str) -> Result:
    return CliRunner().invoke(judge, list(arguments))


def report(*arguments: str) -> dict:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A signal log that is written once."""
    return developers.write_log(tmp_path_factory.mktemp("log") / "ada.db", developers.signals())


@pytest.fixture
def recorded(log: Path, paths: Paths) -> None:
    paths.signal_log("ada").parent.mkdir(parents=True, mode=0o700)
    shutil.copy(log, paths.signal_log("ada"))


@pytest.fixture
def server() -> Iterator[JudgeServer]:
    with judge_server() as running:
        yield running


@pytest.mark.usefixtures("recorded")
def test_checks_on_a_developers_own_pairs() -> None:
    found = report()
    assert found["judge"] == "checks"
    assert found["pairs"] > 100
    assert found["principles"]["intent"]["silent"] == found["pairs"]
    parses = found["objectives"]["parses"]
    assert parses["agreed"] >= 5
    assert parses["agreed"] > 10 * parses["against"], "broken code was hardly ever preferred"
    assert found["labels_used"] is not bool(found["refusal"])
    table = run("--most", "30").stdout
    assert "check parses" in table
    assert "20 are the least" in table


@pytest.mark.usefixtures("recorded")
def test_a_model_at_an_address(server: JudgeServer) -> None:
    server.says_yes = "value"
    found = report("--judge", server.url, "--most", "5")
    assert found["judge"] == "tiny at 127.0.0.1"
    assert found["pairs"] <= 5
    assert not found["labels_used"]
    assert "20 are the least" in found["refusal"]
    assert len(server.asked) == 2 * found["pairs"] * len(found["principles"])


@pytest.mark.usefixtures("recorded")
def test_code_goes_to_another_host_only_when_that_is_said(tmp_path: Path) -> None:
    refused = run("--judge", "https://judge.example.com/v1")
    assert isinstance(refused.exception, PenchantError)
    assert "send_code_to" in str(refused.exception)
    told = run("--judge", "http://127.0.0.2:9/v1", "--send-code-to", "127.0.0.2")
    assert "Your code is sent to 127.0.0.2." in told.stderr
    assert "no model answers" in str(told.exception)


@pytest.mark.usefixtures("recorded")
def test_principles_of_ones_own(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text(
        '[[principle]]\nid = "fits"\nquestion = "Does it fit there?"\n'
        'weight = 1.0\nfamily = "correctness"\ncheck = "parses"\n'
    )
    assert set(report("--constitution", str(mine))["principles"]) == {"fits"}


def test_without_signals_nothing_is_believed(home: Path) -> None:
    found = report()
    assert found["pairs"] == 0
    assert not found["labels_used"]


@pytest.mark.usefixtures("recorded")
def test_checks_import_no_torch() -> None:
    script = (
        "import sys; from penchant_trainer.rewards.cli import judge; "
        "judge(['--most', '3', '--json'], standalone_mode=False); "
        "print(sorted({'torch', 'transformers', 'trl', 'peft'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "[]"
