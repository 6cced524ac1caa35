"""Several processes open, write and read one log at once."""

import multiprocessing
from pathlib import Path

from samples import signal

from penchant_core.store import SignalStore

WRITERS, EACH = 4, 40


def _write(path: Path, writer: int) -> None:
    with SignalStore(path, busy_ms=20_000) as store:
        for number in range(EACH):
            store.add(signal(f"{writer}-{number}"))


def test_writers_that_start_together_on_a_new_file(tmp_path: Path) -> None:
    path = tmp_path / "ada.db"
    fork = multiprocessing.get_context("fork")
    for round_ in range(3):
        writers = [
            fork.Process(target=_write, args=(path, round_ * WRITERS + n)) for n in range(WRITERS)
        ]
        for writer in writers:
            writer.start()
        seen = 0
        while any(writer.is_alive() for writer in writers):
            with SignalStore(path, busy_ms=20_000) as store:
                found = [s.seq for s in store.signals()]
                assert found == sorted(set(found))
                assert len(found) >= seen
                seen = len(found)
        for writer in writers:
            writer.join()
            assert writer.exitcode == 0
    with SignalStore(path) as store:
        assert store.set_aside is None
        assert len(store) == 3 * WRITERS * EACH
        assert store.last_seq() == 3 * WRITERS * EACH
