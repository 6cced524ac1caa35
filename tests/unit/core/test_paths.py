"""Files and directories are their owner's alone, whole, and where they are said to be."""

import os
import stat
import threading
from pathlib import Path

import pytest

from penchant_core.errors import ConfigError
from penchant_core.paths import (
    Paths,
    absolute,
    default_paths,
    private_directory,
    slug,
    write_private,
)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _names(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.iterdir())


@pytest.fixture(autouse=True)
def open_umask() -> object:
    before = os.umask(0)
    yield
    os.umask(before)


def test_every_directory_that_is_made_is_private(tmp_path: Path) -> None:
    deep = private_directory(tmp_path / "a" / "b" / "c")
    assert [_mode(path) for path in (deep, deep.parent, deep.parent.parent)] == [0o700] * 3


def test_an_open_directory_is_closed_and_others_are_left(tmp_path: Path) -> None:
    parent = tmp_path / "parent"
    parent.mkdir(mode=0o755)
    own = parent / "own"
    own.mkdir(mode=0o777)
    private_directory(own)
    assert _mode(own) == 0o700
    assert _mode(parent) == 0o755


def test_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "below", tmp_path / "file" / "far" / "below"):
        with pytest.raises(ConfigError, match="PENCHANT_HOME"):
            private_directory(path)
    with pytest.raises(ConfigError):
        private_directory(tmp_path / "file")


def test_files_are_private_and_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    write_private(path, "one")
    write_private(path, "twö")
    assert path.read_text("utf-8") == "twö"
    assert _mode(path) == 0o600
    assert _mode(path.parent) == 0o700
    assert _names(path.parent) == ["file"]


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_private(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_private(path, "\ud800")
    (tmp_path / "directory").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_private(tmp_path / "directory", "x")
    assert path.read_text() == "old"
    assert _names(tmp_path) == ["directory", "file"]


def test_threads_that_write_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    texts = [str(number) * 5000 for number in range(8)]
    threads = [threading.Thread(target=write_private, args=(path, text)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_text() in texts
    assert _names(tmp_path) == ["file"]


def test_penchant_home_holds_everything(home: Path) -> None:
    paths = default_paths()
    assert paths == Paths(home / "config", home / "data", home / "state", home / "cache")
    places = [paths.config_file, paths.consent_file, paths.adapters, paths.logs, paths.runs]
    assert all(place.is_relative_to(home) for place in [*places, paths.signal_log("Ada")])
    assert paths.signal_log("Ada").name == "ada.db"


def test_without_it_the_platforms_own_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PENCHANT_HOME", raising=False)
    assert default_paths().config.name == "penchant"


def test_no_such_home() -> None:
    with pytest.raises(ConfigError, match="write it in full"):
        absolute("~no-such-user-here/x")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Ada", "ada"),
        ("  Ada Lovelace! ", "ada-lovelace"),
        ("../../etc", "etc"),
        ("a" * 99, "a" * 40),
        ("a" * 39 + "-b", "a" * 39),
    ],
)
def test_slugs_are_dns_labels(name: str, label: str) -> None:
    assert slug(name) == label
    assert slug(label) == label


@pytest.mark.parametrize("name", ["", "---", "日本", "/.."])
def test_names_without_a_letter(name: str) -> None:
    with pytest.raises(ConfigError):
        slug(name)
