"""A process killed with SIGKILL in the middle of erasing: all or nothing, and the totals agree."""

import os
import signal as signals
import time
from pathlib import Path

from samples import signal

from penchant_core.store import SignalStore

KILLS = 40
ROWS = 60


def _erase(path: Path, ready: int) -> None:
    with SignalStore(path) as store:
        os.write(ready, b"x")
        store.erase(language="go")


def test_an_erasure_is_whole_or_did_not_happen(memory_path: Path) -> None:
    path = memory_path / "log" / "ada.db"
    seen = set()
    for life in range(KILLS):
        languages = ("go", "python")
        with SignalStore(path) as store:
            store.erase()
            store.followed_through([e.completion_id for e in store.erasures()])
            store.add_all(
                signal(f"{life}-{n}", language=languages[n % 2], prefix="x" * 3000)
                for n in range(ROWS)
            )
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                _erase(path, writer)
            finally:
                os._exit(0)
        os.close(writer)
        os.read(reader, 1)
        os.close(reader)
        begun = time.perf_counter()
        while time.perf_counter() - begun < life * 0.0004:  # a later moment each time
            pass
        os.kill(child, signals.SIGKILL)
        os.waitpid(child, 0)
        with SignalStore(path) as store:
            left = len(store)
            seen.add(left)
            assert left in (ROWS, ROWS // 2)
            assert len(store.erasures()) == ROWS - left, "what is gone is remembered, no more"
            assert store.tallies() == store.recount()
    assert ROWS in seen
