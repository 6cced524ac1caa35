"""``penchant bootstrap``: what it says, what it keeps, and a real run on nothing but commits."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from unit.trainer.history.repositories import ADA, Repo

from penchant_core.config import load
from penchant_core.rebuild import runs_directory
from penchant_trainer import material
from penchant_trainer.demo.code import LEARNING_NOUNS, modules
from penchant_trainer.history import sources
from penchant_trainer.history.cli import bootstrap

COMMAND = (sys.executable, "-m", "penchant_core.cli")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "work")
    for module in modules(LEARNING_NOUNS[:10], seed=1):
        made.commit({f"shop/{module.name}": module.header + module.text + module.footer})
    return made


def run(*arguments: object) -> Result:
    return CliRunner().invoke(bootstrap, [str(argument) for argument in arguments])


def test_a_dry_run_says_what_it_would_learn_from_and_keeps_nothing(home: Path, repo: Repo) -> None:
    result = run(repo.path, "--author", ADA, "--dry-run")
    assert result.exit_code == 0, result.output
    assert f"by {ADA}" in result.output
    assert "10 commit(s)" in result.output
    assert not home.exists() or not list(home.rglob("*.json"))
    report = json.loads(run(repo.path, "--author", ADA, "--dry-run", "--json").stdout)
    assert report["commits"] == 10
    assert report["events"] > 60


def test_somebody_elses_address_is_answered_with_those_that_are_there(
    home: Path, repo: Repo
) -> None:
    result = run(repo.path, "--author", "nobody@example.org")
    assert result.exit_code
    assert ADA in str(result.exception)


def test_too_little_is_said_before_anything_is_kept(home: Path, tmp_path: Path) -> None:
    small = Repo(tmp_path / "small")
    small.commit({"a.py": "import json\n\n\n" + "".join(f"print({i} + x)\n" for i in range(40))})
    result = run(small.path, "--author", ADA)
    assert "are the least" in str(result.exception)
    assert not sources.known(runs_directory(load()))


def test_every_run_reads_the_history_again_until_it_is_forgotten(home: Path, repo: Repo) -> None:
    config = load()
    source = sources.Source(str(repo.path), repo.git("rev-parse", "HEAD"), (ADA,), 500)
    sources.remember(runs_directory(config), source)
    before = material.read(config)
    assert len(before.events) > 60
    assert before.clean_examples == len(before.events)
    assert before.fresh(0) == 0  # history alone never starts a run by itself
    repo.commit({"shop/later.py": "import later\n" * 30})
    assert material.read(config).digest == before.digest  # up to the commit that was named
    stored = (runs_directory(config) / sources.FILE).read_text()
    assert "def " not in stored
    assert run(repo.path, "--forget").output.startswith("Forgotten")
    assert material.read(config).events == ()


def test_a_repository_that_is_gone_costs_its_lessons_not_a_run(home: Path, tmp_path: Path) -> None:
    config = load()
    gone = sources.Source(str(tmp_path / "gone"), "0" * 40, (ADA,), 500)
    sources.remember(runs_directory(config), gone)
    assert material.read(config).events == ()


@pytest.mark.timeout(600)
def test_a_run_on_commits_alone_goes_through_to_the_gate(repo: Repo, tmp_path: Path) -> None:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PENCHANT_")}
    settings = {
        "PENCHANT_HOME": str(tmp_path / "home"),
        "PENCHANT_DEVELOPER__NAME": "ada",
        "PENCHANT_GATEWAY__PORT": "1",
        "PENCHANT_TRAINING__RECIPE": "{ sft_tokens = 6000, neutral_held_out = 8 }",
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [*COMMAND, "bootstrap", repo.path, "--author", ADA, "--json"],
        env={**clean, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["status"] in ("published", "refused")
    assert report["reasons"]
    assert report["data"]["from_history"] == report["data"]["train"] > 40
    assert report["data"]["pairs"] == 0
    assert report["figures"]["sft"]["n"] == report["data"]["held_out"]
