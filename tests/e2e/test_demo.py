"""The demo from the README, shortened: real processes from keystroke to trained adapter."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> dict:
    home = tmp_path_factory.mktemp("demo")
    finished = subprocess.run(
        [sys.executable, "-m", "penchant_core.cli", "demo", "--json", "--home", str(home)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-2000:]
    return {**json.loads(finished.stdout), "home": home}


def test_a_version_was_trained_and_served(story: dict) -> None:
    assert story["training"]["status"] == "published"
    assert (story["adapter"], story["version"]) == ("dev/demo", "v0001")
    assert story["served_by_trained_version"]


def test_more_of_what_is_shown_stays(story: dict) -> None:
    before, after = story["before"], story["after"]
    assert before["shown"] >= 30
    assert after["shown"] >= 30
    assert after["retained_per_shown"] > before["retained_per_shown"]


def test_nothing_of_the_measured_code_was_learned(story: dict) -> None:
    home: Path = story["home"]
    cards = list(home.glob("data/adapters/*/dev/demo/v0001/card.json"))
    assert len(cards) == 1
    learned = set(json.loads(cards[0].read_text())["signal_ids"])
    from penchant_core.store import SignalStore

    with SignalStore(home / "data" / "signals" / "demo-before.db") as store:
        measured = {signal.completion.id for signal in store.signals()}
    assert learned
    assert not learned & measured


def test_no_log_holds_code(story: dict) -> None:
    logs = "".join(p.read_text() for p in story["home"].glob("state/logs/*"))
    assert "ValueError(f" not in logs
    assert "return counts" not in logs
