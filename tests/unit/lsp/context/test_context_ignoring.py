"""Which files may be read: .gitignore at every depth, the owner's globs, other people's code."""

from pathlib import Path

import pytest

from penchant_lsp.context.ignoring import Ignoring


@pytest.fixture
def root(tmp_path: Path) -> Path:
    top = tmp_path / "repo"
    (top / ".git" / "info").mkdir(parents=True)
    (top / ".git" / "info" / "exclude").write_text("local_notes.py\n")
    (top / ".gitignore").write_text("*.gen.py\n!kept.gen.py\nbuild/\n/only_top.py\n")
    (top / "app" / "deep").mkdir(parents=True)
    (top / "app" / ".gitignore").write_text("!special.gen.py\ninner.py\n/here.py\n")
    return top


@pytest.mark.parametrize(
    ("path", "admitted"),
    [
        ("a.py", True),
        ("x.gen.py", False),
        ("kept.gen.py", True),
        ("app/x.gen.py", False),
        ("app/special.gen.py", True),
        ("special.gen.py", False),
        ("build/a.py", False),
        ("app/build/a/b.py", False),
        ("builder/a.py", True),
        ("only_top.py", False),
        ("app/only_top.py", True),
        ("app/inner.py", False),
        ("app/deep/inner.py", False),
        ("inner.py", True),
        ("app/here.py", False),
        ("app/deep/here.py", True),
        ("local_notes.py", False),
        ("node_modules/a/b.js", False),
        (".venv/lib/a.py", False),
        (".hidden.py", True),
        ("private/a.py", False),
        ("x.secret.py", False),
        ("app/secrets.py", False),
        (".env.py", False),
        ("id_rsa.py", False),
        ("", False),
    ],
)
def test_what_is_admitted(root: Path, path: str, admitted: bool) -> None:
    assert Ignoring(root, ["private/", "*.secret.py"]).admits(path) is admitted


def test_rules_above_the_workspace_count(root: Path) -> None:
    below = Ignoring(root / "app" / "deep")
    assert not below.admits("inner.py")
    assert not below.admits("x.gen.py")
    assert below.admits("a.py")


def test_new_rules_are_read_on_refresh(root: Path) -> None:
    rules = Ignoring(root)
    assert rules.admits("a.py")
    (root / ".gitignore").write_text("a.py\n")
    rules.refresh()
    assert not rules.admits("a.py")


def test_a_pattern_file_that_is_none_has_no_patterns(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").mkdir()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / ".gitignore").write_bytes(b"\xff\xfe\0[[[")
    assert Ignoring(tmp_path).admits("sub/a.py")
