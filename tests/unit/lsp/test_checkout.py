import os
import subprocess
import time
from pathlib import Path

import pytest

from penchant_lsp.checkout import WITHIN_S, recent


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
