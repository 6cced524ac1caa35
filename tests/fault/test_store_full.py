"""No room, no rights, no file handles: StoreError, nothing half written, and recovery."""

import os
import resource
import signal as signals
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from samples import signal

from penchant_core.errors import StoreError
from penchant_core.store import SignalStore


def _in_child(work: Callable[[], None]) -> None:
    """Run ``work`` in a forked process, whose limits and rights it may spoil."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            traceback.print_exc(file=sys.stderr)
            os._exit(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


def test_disk_full_loses_only_what_was_not_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "ada.db"

    def work() -> None:
        signals.signal(signals.SIGXFSZ, signals.SIG_IGN)
        written, refused = [], 0
        with SignalStore(path) as store:
            store.add(signal("first"))
            _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
            for number in range(60):
                try:
                    store.add(signal(f"c{number}", prefix="x" * 20_000))
                    written.append(f"c{number}")
                except StoreError:
                    refused += 1
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
            store.add(signal("recovered"))
            found = [s.completion.id for s in store.signals()]
        assert refused and written
        assert found == ["first", *written, "recovered"], (len(found), len(written), refused)

    _in_child(work)
    with SignalStore(path) as store:
        assert store.set_aside is None


def test_no_room_at_any_size_never_raises_another_error(tmp_path: Path) -> None:
    def work() -> None:
        signals.signal(signals.SIGXFSZ, signals.SIG_IGN)
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        for size in range(0, 140_000, 3_000):
            path = tmp_path / f"{size}" / "ada.db"
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
            try:
                with SignalStore(path) as store:
                    store.add(signal("c"))
            except StoreError:
                pass
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
            with SignalStore(path) as store:
                store.add(signal("d"))
                assert "d" in [s.completion.id for s in store.signals()]

    _in_child(work)


def test_no_file_handles_left(tmp_path: Path) -> None:
    path = tmp_path / "ada.db"

    def work() -> None:
        with SignalStore(path) as store:
            store.add(signal("first"))
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        outcomes = []
        for handles in range(3, 40):
            resource.setrlimit(resource.RLIMIT_NOFILE, (handles, hard))
            try:
                with SignalStore(path) as store:
                    store.add(signal(f"c{handles}"))
                outcomes.append(True)
            except StoreError:
                outcomes.append(False)
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        assert not outcomes[0] and outcomes[-1]
        with SignalStore(path) as store:
            assert store.set_aside is None
            assert len(list(store.signals())) == 1 + sum(outcomes)

    _in_child(work)


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents:
        if parent.owner() == tmp_path.owner() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o111)
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(0o555)

    def work() -> None:
        if os.getuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        with pytest.raises(StoreError, match="penchant doctor"):
            SignalStore(locked / "ada.db")
        with pytest.raises(StoreError, match="penchant doctor"):
            SignalStore(locked / "below" / "ada.db")

    _in_child(work)


def test_a_file_that_becomes_read_only_is_not_called_damaged(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents:
        if parent.owner() == tmp_path.owner() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o111)
    path = tmp_path / "ada.db"
    with SignalStore(path) as store:
        store.add(signal("kept"))
    path.chmod(0o444)
    tmp_path.chmod(0o555)

    def work() -> None:
        if os.getuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        with pytest.raises(StoreError):
            SignalStore(path)

    _in_child(work)
    tmp_path.chmod(0o700)
    path.chmod(0o600)
    with SignalStore(path) as store:
        assert [s.completion.id for s in store.signals()] == ["kept"]
