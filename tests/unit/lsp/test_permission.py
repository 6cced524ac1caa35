from pathlib import Path

import pytest

from penchant_core.consent import ConsentRecord, Level
from penchant_core.paths import Paths
from penchant_lsp.permission import Permission, file_path, relative, root_of


@pytest.fixture
def permission(paths: Paths) -> Permission:
    return Permission(ConsentRecord(paths.consent_file))


@pytest.mark.parametrize(
    ("granted", "limit", "level"),
    [
        (None, None, "off"),
        ("local", None, "local"),
        ("team", None, "team"),
        ("team", "local", "local"),
        ("local", "team", "local"),
        ("personal", "off", "off"),
    ],
)
def test_the_least_counts(
    permission: Permission, tmp_path: Path, granted: str | None, limit: str | None, level: str
) -> None:
    workspace = permission.workspace(tmp_path)
    if granted:
        permission.record.decide(workspace, Level(granted), via="test")
    if limit:
        (tmp_path / ".penchant.toml").write_text(f'[consent]\nat_most = "{limit}"\n')
    assert permission.level(workspace) == level
    assert permission.records(workspace) is (level != "off")


def test_an_untrusted_workspace_is_off(permission: Permission, tmp_path: Path) -> None:
    workspace = permission.workspace(tmp_path)
    permission.record.decide(workspace, Level.TEAM, via="test")
    permission.trusted = False
    assert permission.level(workspace) is Level.OFF


def test_a_limit_that_appears_later_counts(permission: Permission, tmp_path: Path) -> None:
    workspace = permission.workspace(tmp_path)
    permission.record.decide(workspace, Level.LOCAL, via="test")
    assert permission.records(workspace)
    (tmp_path / ".penchant.toml").write_text('[consent]\nat_most = "off"\n')
    assert not permission.records(workspace)


def test_a_workspace_that_nobody_named_is_off(permission: Permission) -> None:
    permission.record.decide("abc", Level.LOCAL, via="test")
    assert not permission.records("abc")


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///w/a%20b.py", "/w/a b.py"),
        ("vscode-notebook-cell:/w/n.ipynb#W0", "/w/n.ipynb"),
        ("untitled:Untitled-1", None),
        ("git:/w/a.py", None),
        ("", None),
    ],
)
def test_file_path(uri: str, path: str | None) -> None:
    assert file_path(uri) == (Path(path) if path else None)


def test_the_innermost_folder_is_the_root() -> None:
    folders = [Path("/w"), Path("/w/inner")]
    assert root_of(Path("/w/inner/a.py"), folders) == Path("/w/inner")
    assert root_of(Path("/w/a.py"), folders) == Path("/w")
    assert root_of(Path("/elsewhere/a.py"), folders) == Path("/elsewhere")
    assert root_of(None, folders) == Path("/w")
    assert root_of(None, []) is None


def test_relative() -> None:
    assert relative(Path("/w/b/a.py"), Path("/w")) == "b/a.py"
    assert relative(Path("/x/a.py"), Path("/w")) == "a.py"
    assert relative(None, Path("/w")) == ""
