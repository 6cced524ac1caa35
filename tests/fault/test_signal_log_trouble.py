"""The signal log cannot be written: completions go on, losses are counted, it heals by itself."""

import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from broken.editor import Editor
from broken.gateway import Gateway

from penchant_core.paths import Paths, default_paths
from penchant_core.store import SignalStore


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def _accept(editor: Editor, uri: str, name: str) -> None:
    editor.insert(uri, 0, 0, f"{name} = \n")
    [item] = editor.complete(uri, 0, len(name) + 3)
    editor.accept(uri, item)


def _kinds(paths: Paths) -> list[str]:
    with SignalStore(paths.signal_log("ada")) as store:
        return [str(signal.outcome.kind) for signal in store.signals()]


def test_a_locked_log(home: Path, work: Path) -> None:
    paths, uri = default_paths(), (work / "a.py").as_uri()
    SignalStore(paths.signal_log("ada")).close()
    lock = sqlite3.connect(paths.signal_log("ada"), isolation_level=None)
    with Gateway("value") as gateway, Editor(home, gateway.address, workspace=work) as editor:
        editor.consent("local")
        editor.open(uri, "")
        lock.execute("BEGIN EXCLUSIVE")
        _accept(editor, uri, "one")
        _accept(editor, uri, "two")
        status = editor.wait_status(lambda status: status["lastError"] is not None)
        assert status["recorded"] == 0
        assert "penchant doctor" in status["lastError"]
        lock.execute("ROLLBACK")
        status = editor.wait_status(lambda status: status["recorded"] == 2)
        assert (status["lastError"], status["dropped"]) == (None, 0)
    lock.close()
    assert _kinds(paths) == ["accepted", "accepted"]


def test_a_place_that_cannot_be_made(home: Path, work: Path) -> None:
    paths, uri = default_paths(), (work / "a.py").as_uri()
    directory = paths.signal_log("ada").parent
    directory.parent.mkdir(parents=True)
    directory.write_text("in the way")
    with Gateway("value") as gateway, Editor(home, gateway.address, workspace=work) as editor:
        editor.consent("local")
        editor.open(uri, "")
        _accept(editor, uri, "one")
        editor.wait_status(lambda status: status["lastError"] is not None)
        directory.unlink()
        editor.wait_status(lambda status: status["recorded"] == 1)
    assert _kinds(paths) == ["accepted"]


def test_a_log_in_the_place_of_which_stands_a_directory(home: Path, work: Path) -> None:
    paths, uri = default_paths(), (work / "a.py").as_uri()
    paths.signal_log("ada").mkdir(parents=True)
    with Gateway("value") as gateway, Editor(home, gateway.address, workspace=work) as editor:
        editor.consent("local")
        editor.open(uri, "")
        for name in ("one", "two", "three"):
            _accept(editor, uri, name)
        editor.wait_status(lambda status: status["lastError"] is not None)
        assert editor.status()["recorded"] == 0
        assert editor.shutdown() == 0


def test_a_full_disk(home: Path, work: Path) -> None:
    """A limit on file sizes stands in for it: SQLite sees the same failing writes."""
    resource = pytest.importorskip("resource")
    if not hasattr(resource, "prlimit"):
        pytest.skip("only Linux can limit another process")
    paths, uri = default_paths(), (work / "a.py").as_uri()
    with Gateway("value") as gateway, Editor(home, gateway.address, workspace=work) as editor:
        editor.consent("local")
        editor.open(uri, "")
        _accept(editor, uri, "one")
        editor.wait_status(lambda status: status["recorded"] == 1)
        none = resource.prlimit(editor.process.pid, resource.RLIMIT_FSIZE, (0, -1))
        for name in ("two", "three"):
            _accept(editor, uri, name)
        editor.wait_status(lambda status: status["lastError"] is not None)
        assert editor.status()["recorded"] == 1
        resource.prlimit(editor.process.pid, resource.RLIMIT_FSIZE, none)
        editor.wait_status(lambda status: status["recorded"] == 3)
    assert _kinds(paths) == ["accepted"] * 3


@contextmanager
def _lockable(directory: Path) -> Iterator[Callable[[bool], None]]:
    """Yield a switch that makes a directory read-only: rights for a user, a mount for root."""
    directory.mkdir(parents=True, exist_ok=True)
    if os.geteuid():

        def switch(locked: bool) -> None:
            for path in directory.iterdir():
                path.chmod(0o400 if locked else 0o600)
            directory.chmod(0o500 if locked else 0o700)

        yield switch
        return

    def mount(*options: str) -> None:
        subprocess.run(["mount", *options, str(directory)], check=True, capture_output=True)

    try:
        mount("-t", "tmpfs", "-o", "mode=700", "none")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("root may write everywhere here, and may not mount")
    try:
        yield lambda locked: mount("-o", f"remount,{'ro' if locked else 'rw'}")
    finally:
        subprocess.run(["umount", "--lazy", str(directory)], check=True)


def test_a_read_only_log(home: Path, work: Path) -> None:
    log, uri = default_paths().signal_log("ada"), (work / "a.py").as_uri()
    with _lockable(log.parent) as switch:
        SignalStore(log).close()
        switch(True)
        with Gateway("value") as gateway, Editor(home, gateway.address, workspace=work) as editor:
            editor.consent("local")
            editor.open(uri, "")
            _accept(editor, uri, "one")
            editor.wait_status(lambda status: status["lastError"] is not None)
            assert editor.status()["recorded"] == 0
            _accept(editor, uri, "two")  # completions go on
            switch(False)
            editor.wait_status(lambda status: status["recorded"] == 2)
            assert editor.shutdown() == 0


def test_more_signals_than_may_wait_are_counted(home: Path, work: Path) -> None:
    paths, uri = default_paths(), (work / "a.py").as_uri()
    directory = paths.signal_log("ada").parent
    directory.parent.mkdir(parents=True)
    directory.write_text("in the way")
    small = {"PENCHANT_SIGNALS__QUEUE": "2"}
    with (
        Gateway("value") as gateway,
        Editor(home, gateway.address, workspace=work, environment=small) as editor,
    ):
        editor.consent("local")
        editor.open(uri, "")
        for number in range(8):
            _accept(editor, uri, f"name{number}")
        status = editor.wait_status(lambda status: status["dropped"] >= 1, 20)
        assert status["recorded"] == 0
