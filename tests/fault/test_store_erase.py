"""Erased text is gone from every file of the log, whatever was done with it before."""

from pathlib import Path

import pytest
from samples import signal

from penchant_core.errors import StoreError
from penchant_core.signals import Rating, Signal
from penchant_core.store import SignalStore

CANARY = "canary_7f3a_sings"


def _files_with(directory: Path) -> list[str]:
    return [
        p.name for p in directory.rglob("*") if p.is_file() and CANARY.encode() in p.read_bytes()
    ]


def _canary(number: int) -> Signal:
    return signal(f"c{number}", prefix=f"{CANARY} {number}\n" * 200, path=f"{CANARY}.py")


def test_erase_leaves_no_byte_in_any_file(tmp_path: Path) -> None:
    with SignalStore(tmp_path / "ada.db") as store:
        store.add(signal("innocent"))
        for number in range(50):
            store.add(_canary(number))
            store.add(_canary(number))  # replaced outcomes leave free pages
        store.rate(Rating("c1", 1.0, "direct", -1, reason=CANARY))
        assert _files_with(tmp_path)  # or the test could not fail
        assert len(store.erase(path=f"{CANARY}.py")) == 50
        assert _files_with(tmp_path) == []
        assert [s.completion.id for s in store.signals()] == ["innocent"]
        assert store.ratings() == []
    assert _files_with(tmp_path) == []


def test_erase_while_another_program_has_the_log_open(tmp_path: Path) -> None:
    path = tmp_path / "ada.db"
    with SignalStore(path) as editor, SignalStore(path) as command:
        editor.add(_canary(1))
        list(editor.signals())
        command.erase()
        assert _files_with(tmp_path) == []
        editor.add(signal("later"))
        assert [s.completion.id for s in command.signals()] == ["later"]


def test_a_reader_in_the_middle_of_reading_is_named_as_the_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "ada.db"
    with SignalStore(path) as editor, SignalStore(path, busy_ms=50) as command:
        editor.add(_canary(1))
        editor._connection.execute("BEGIN")
        editor._connection.execute("SELECT * FROM completions").fetchone()
        with pytest.raises(StoreError, match="erase again"):
            command.erase()
        editor._connection.rollback()
        command.erase()
        assert _files_with(tmp_path) == []


def test_erasing_everything_takes_the_files_that_were_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "ada.db"
    path.write_bytes(f"not a database {CANARY}".encode())
    with SignalStore(path) as store:
        assert store.set_aside is not None
        store.add(_canary(1))
        store.erase(language="python")
        assert len(_files_with(tmp_path)) == 1
        store.erase()
        assert _files_with(tmp_path) == []
