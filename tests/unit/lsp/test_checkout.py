import os
import subprocess
import time
from pathlib import Path

import pytest

from penchant_lsp.checkout import WITHIN_S, Commits, recent


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "first"]):
        _git(root, *command)
    for path in (root / ".git").iterdir():
        os.utime(path, (0, 0))
    return root


def _git(root: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=ada", "-c", "user.email=ada@example.invalid"]
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


def test_a_checkout_is_seen_for_a_moment(repository: Path) -> None:
    assert not recent(repository, time.time())
    _git(repository, "checkout", "-q", "-b", "other")
    assert recent(repository, time.time())
    assert recent(repository / "inner", time.time())
    assert not recent(repository, time.time() + WITHIN_S)


def test_a_work_tree_is_followed(repository: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    _git(repository, "worktree", "add", "-q", str(tree))
    assert recent(tree, time.time())
    assert not recent(tree, time.time() + WITHIN_S)


def test_no_repository(tmp_path: Path) -> None:
    assert not recent(tmp_path / "nowhere", time.time())


def test_a_commit_is_noticed_once_and_nothing_else_is(repository: Path) -> None:
    commits = Commits()
    assert not commits.new(repository), "the first look only notes where the diary ends"
    _git(repository, "commit", "-q", "--allow-empty", "-m", "second")
    assert commits.new(repository / "inner")
    assert not commits.new(repository)
    _git(repository, "checkout", "-q", "-b", "other")
    _git(repository, "reset", "-q", "--hard", "HEAD~1")
    assert not commits.new(repository)
    _git(repository, "commit", "-q", "--amend", "--allow-empty", "-m", "first, again")
    assert commits.new(repository)


def test_commits_of_a_work_tree(repository: Path, tmp_path: Path) -> None:
    tree, commits = tmp_path / "tree", Commits()
    _git(repository, "worktree", "add", "-q", str(tree))
    assert not commits.new(tree)
    _git(tree, "commit", "-q", "--allow-empty", "-m", "there")
    assert commits.new(tree)


def test_commits_where_there_is_no_repository(tmp_path: Path) -> None:
    assert not Commits().new(tmp_path / "nowhere")
