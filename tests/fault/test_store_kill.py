"""A writer killed with SIGKILL: what was acknowledged is there, and nothing is torn."""

import os
import random
import signal as signals
from pathlib import Path

from samples import signal

from penchant_core.store import SignalStore

KILLS = 200


def _write_for_ever(path: Path, acknowledged: int, life: int) -> None:
    store = SignalStore(path)
    number = 0
    while True:
        name = f"{life}-{number}"
        store.add(signal(name, prefix=f"{name} " * 60))
        os.write(acknowledged, f"{name}\n".encode())
        number += 1


def test_kill_9_loses_no_acknowledged_signal_and_tears_none(memory_path: Path) -> None:
    path = memory_path / "log" / "ada.db"
    dice = random.Random(7)
    acknowledged: list[str] = []
    for life in range(KILLS):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            try:
                _write_for_ever(path, writer, life)
            finally:
                os._exit(1)
        os.close(writer)
        # Kill after a random count of acknowledgements plus a random part of the next write.
        wanted, heard = dice.randrange(1, 8), b""
        while heard.count(b"\n") < wanted and (piece := os.read(reader, 4096)):
            heard += piece
        for _ in range(dice.randrange(20_000)):
            pass
        os.kill(child, signals.SIGKILL)
        os.waitpid(child, 0)
        while piece := os.read(reader, 4096):
            heard += piece
        os.close(reader)
        acknowledged += heard.decode().splitlines()
    with SignalStore(path) as store:
        assert store.set_aside is None
        found = {s.completion.id: s for s in store.signals()}
        assert store.unreadable == 0
        assert store._connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert len(acknowledged) >= KILLS
    assert set(acknowledged) <= set(found)
    assert all(s.completion.prefix == f"{name} " * 60 and s.outcome for name, s in found.items())
