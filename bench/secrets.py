"""What looking for secrets costs: windows of ordinary code, against the writing that follows.

Both happen on the recorder's own thread, never on the keystroke's path.
"""

import random
import sysconfig
import time
from pathlib import Path

from bench.recording import generated
from bench.samples import Row
from penchant_core.redaction import secret_in
from penchant_core.store import SignalStore

WINDOWS, LINES = 1000, 40


async def measure(home: Path) -> list[Row]:
    """Return the row: 40 lines searched, against one signal written durably beside it."""
    searched, written = [], []
    windows = _windows()
    secret_in(windows[:10])
    with SignalStore(home / "secrets.db") as store:
        for number, window in enumerate(windows):
            begun = time.perf_counter()
            secret_in([window])
            searched.append((time.perf_counter() - begun) * 1000)
            if number % 4 == 0:
                signal = generated(number)
                begun = time.perf_counter()
                store.add(signal)
                written.append((time.perf_counter() - begun) * 1000)
    return [Row("40 lines searched for secrets", searched, "one signal, durable", written)]


def _windows() -> list[str]:
    paths = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    lines = [path.read_text("utf-8", "replace").splitlines(keepends=True) for path in paths]
    long = [each for each in lines if len(each) > LINES]
    dice = random.Random(6)
    chosen = dice.choices(long, [len(each) for each in long], k=WINDOWS)
    starts = [dice.randrange(len(each) - LINES) for each in chosen]
    return ["".join(each[s : s + LINES]) for each, s in zip(chosen, starts, strict=True)]
