"""Writers killed with SIGKILL at random moments; what they had acknowledged must all be there.

Each writer is a fork that opens the log, writes and says so through a pipe; every so many kills the
log is read whole and a new one begun, so that creating it is also interrupted. The files lie in
memory: a killed process loses nothing of the page cache, so a disk would only make this slower. A
cut of power is another fault, against which the log relies on SQLite (WAL, synchronous=FULL).
"""

import os
import random
import shutil
import signal as signals
import time
from pathlib import Path

from samples import signal

from penchant_core.store import SignalStore
from soak.tally import Tally

PER_LOG = 100
LONGEST_PAUSE_S = 0.002


def play(tally: Tally, directory: Path, *, seed: int = 7) -> None:
    """Kill ``tally.wanted`` writers below ``directory``."""
    dice = random.Random(seed)
    while tally.played < tally.wanted:
        path = directory / f"log-{tally.played}" / "ada.db"
        acknowledged: list[str] = []
        for life in range(min(PER_LOG, tally.wanted - tally.played)):
            acknowledged += _one_life(path, dice, life)
            tally.step()
        _check(tally, path, acknowledged)
        shutil.rmtree(path.parent)


def _one_life(path: Path, dice: random.Random, life: int) -> list[str]:
    """Start a writer, kill it somewhere after some acknowledgements; return them all."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            _write_for_ever(path, writer, life)
        finally:
            os._exit(1)
    os.close(writer)
    wanted, heard = dice.randrange(8), b""
    while heard.count(b"\n") < wanted and (piece := os.read(reader, 4096)):
        heard += piece
    time.sleep(dice.uniform(0, LONGEST_PAUSE_S))  # the moment is what is tried out
    os.kill(child, signals.SIGKILL)
    os.waitpid(child, 0)
    while piece := os.read(reader, 4096):
        heard += piece
    os.close(reader)
    return heard.decode().split("\n")[:-1]


def _write_for_ever(path: Path, acknowledged: int, life: int) -> None:
    store = SignalStore(path)
    number = 0
    while True:
        name = f"{life}-{number}"
        store.add(signal(name, prefix=f"{name} " * 60))
        os.write(acknowledged, f"{name}\n".encode())
        number += 1


def _check(tally: Tally, path: Path, acknowledged: list[str]) -> None:
    with SignalStore(path) as store:
        tally.expect(store.set_aside is None, "log set aside")
        found = list(store.signals())
        tally.expect(store.unreadable == 0, "unreadable rows")
        healthy = store._connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        tally.expect(healthy, "corrupt log")
    names = {each.completion.id for each in found}
    for name in set(acknowledged) - names:
        tally.expect(False, f"acknowledged signal lost: {name}")
    tally.expect(len(names) == len(found), "signal twice")
    whole = all(s.completion.prefix == f"{s.completion.id} " * 60 and s.outcome for s in found)
    tally.expect(whole, "torn signal")
    tally.seen["acknowledged"] += len(acknowledged)
    tally.seen["written, not yet acknowledged"] += len(names - set(acknowledged))
