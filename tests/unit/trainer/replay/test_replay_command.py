"""``penchant replay`` as it is called: dry, whole at toy size, and again from what is stored."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from unit.trainer.history.repositories import ADA, BOB, Repo

from penchant_core.adapter_files import WEIGHTS
from penchant_trainer.demo.code import LEARNING_NOUNS, modules
from penchant_trainer.replay.cli import replay
from penchant_trainer.replay.rungs import LADDER

SETTINGS = {
    "PENCHANT_TRAINING__MIN_EXAMPLES": "5",
    "PENCHANT_TRAINING__MIN_PAIRS_DPO": "2",
    "PENCHANT_TRAINING__DEVICE": "cpu",
    "PENCHANT_TRAINING__RECIPE": (
        "{ sft_tokens = 600, dpo_tokens = 300, neutral_held_out = 2, batch = 2, accumulate = 1,"
        " kto_tokens = 300, reward_tokens = 300, ppo_tokens = 300, rollouts = 2,"
        " rollout_tokens = 4 }"
    ),
    "PENCHANT_COMPLETION__MAX_TOKENS": "8",
}


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    made = Repo(tmp_path_factory.mktemp("replay") / "work")
    for number, module in enumerate(modules(LEARNING_NOUNS[:8], seed=1)):
        text = module.header + module.text + module.footer
        made.commit({f"shop/{module.name}": text}, author=BOB if number == 1 else ADA)
    return made


BESIDE = ("sft+dpo", "sft+kto", "sft+ppo")


def process(*options: object) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [sys.executable, "-m", "penchant_trainer.replay", *map(str, options)],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


def called(*arguments: object) -> Result:
    return CliRunner().invoke(replay, [str(argument) for argument in arguments])


def test_a_dry_run_says_what_it_would_replay_and_loads_no_model(home: Path, repo: Repo) -> None:
    result = called(repo.path, "--author", ADA, "--dry-run", "--json", "--most", "40")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    way = report["journey"]
    assert way["past"] + way["future"] + way["purged"] == way["places"] == 40
    assert report["control"] == BOB
    assert way["control_places"] > 0
    assert "rungs" not in report
    assert not home.exists()
    said = called(repo.path, "--author", ADA, "--dry-run").output
    assert "place(s) to learn from" in said
    for rung in LADDER:
        assert rung.name in said


def test_what_cannot_be_replayed_is_said_in_words(home: Path, repo: Repo) -> None:
    assert ADA in str(called(repo.path, "--author", "nobody@example.org").exception)
    assert "too few" in str(called(repo.path, "--author", BOB).exception)
    wrong = called(repo.path, "--author", ADA, "--rungs", "sft,nonsense")
    assert "there is no rung 'nonsense'" in str(wrong.exception)


@pytest.mark.timeout(600)
def test_a_toy_replay_goes_up_the_ladder_and_can_be_told_again(
    home: Path, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, html = tmp_path / "climb", tmp_path / "report.html"
    options = [repo.path, "--author", ADA, "--most", "40", "--rungs", "history," + ",".join(BESIDE)]
    options += ["--work", work, "--seed", "3", "--json", "--html", html]
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    process(*options, "--rungs", "sft")
    # As if it had been killed while SFT was being measured: the training is not repeated.
    (work / "rungs" / "sft.json").unlink()
    trained = (work / "adapters" / "sft" / "sft" / WEIGHTS).stat().st_mtime_ns
    done = process(*options)
    assert (work / "adapters" / "sft" / "sft" / WEIGHTS).stat().st_mtime_ns == trained
    report = json.loads(done.stdout)
    assert [rung["name"] for rung in report["rungs"]] == ["base", "history", "sft", *BESIDE]
    assert not [rung for rung in report["rungs"] if "skipped" in rung]
    assert report["judge"]["rows"] > 0
    for rung in report["rungs"]:
        assert sum(rung["outcomes"].values()) == report["journey"]["future"]
        assert rung["perplexity"] > 1
    assert sum(report["past_outcomes"].values()) == report["journey"]["past"]
    assert {c["rung"] for c in report["comparisons"]} == {"history", "sft", *BESIDE}
    # Nothing of the author's code is in what is handed round, and nothing outside the directory.
    text = done.stdout + html.read_text() + done.stderr
    text += "".join(path.read_text() for path in (work / "rungs").iterdir())
    assert not [line for line in _long_lines(repo) if line in text]
    assert not home.exists()
    assert {path.stat().st_mode & 0o077 for path in work.rglob("*.db")} == {0}
    # The same call again trains nothing: every rung is stored.
    again = json.loads(called(*options).stdout)
    assert again["rungs"] == report["rungs"]
    assert again["comparisons"] == report["comparisons"]
    other = called(*options, "--most", "44")
    assert "holds another replay" in str(other.exception)


def _long_lines(repo: Repo) -> set[str]:
    lines = {
        line.strip() for path in repo.path.rglob("*.py") for line in path.read_text().splitlines()
    }
    return {line for line in lines if len(line) > 16}
