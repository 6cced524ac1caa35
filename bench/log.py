"""What a long signal log costs: statistics and one more signal, at a million rows.

The statistics of the whole log, from its running totals, are timed against a plain count of its
rows; a durable write into the long log against one into an empty log, taking turns. ``python -m
bench.log`` runs this module alone; ``PENCHANT_BENCH_SIGNALS`` sets another length.
"""

import asyncio
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from bench.samples import Row
from penchant_core import tallies
from penchant_core.signals import Candidate, Completion, Outcome, OutcomeKind, Signal
from penchant_core.store import SignalStore
from penchant_trainer import material

SIGNALS = int(os.environ.get("PENCHANT_BENCH_SIGNALS", "1000000"))
BATCH = 20_000
DAYS = 90
WRITES = 300
LOOKS = 20
_LANGUAGES = {"python": "py", "go": "go", "rust": "rs", "typescript": "ts", "markdown": "md"}
_KINDS = list(OutcomeKind)


async def measure(home: Path) -> list[Row]:
    """Return the rows: statistics against a count, a write against one into an empty log."""
    with SignalStore(home / "long.db") as long, SignalStore(home / "empty.db") as empty:
        fill(long, SIGNALS)
        looks = [_spent(long.overview) for _ in range(LOOKS)]
        counts = [_spent(long.recount) for _ in range(3)]
        if long.tallies() != long.recount():
            raise RuntimeError("the running totals differ from the rows")
        writes = _alternate(long, empty)
        windows = [_spent(lambda: _window(long)) for _ in range(3)]
        news = [_spent(lambda: list(long.signals(long.last_seq() - 50))) for _ in range(LOOKS)]
    rows = f"{SIGNALS:,} signals"
    return [
        Row(f"statistics of {rows}", looks, "counting its rows", counts),
        Row(f"one signal into {rows}", writes[0], "into an empty log", writes[1]),
        Row(f"watch: 50 new of {rows}", news, "reading the whole window", windows),
    ]


def fill(log: SignalStore, count: int) -> None:
    """Write ``count`` generated signals, spread over 90 days; the totals are built at the end."""
    signals = _signals(count)
    connection = log._connection  # as a migration does
    with connection:
        tallies.drop(connection)
    while batch := list(islice(signals, BATCH)):
        log.add_all(batch)
    with connection:
        tallies.build(connection)


def _alternate(long: SignalStore, empty: SignalStore) -> tuple[list[float], list[float]]:
    times: tuple[list[float], list[float]] = ([], [])
    for signal in _signals(WRITES, "more"):
        for log, spent in zip((long, empty), times, strict=True):
            spent.append(_spent(lambda log=log, signal=signal: log.add(signal)))  # type: ignore[misc]
    return times


def _window(log: SignalStore) -> None:
    for _ in log.signals(newest=material.WINDOW):
        pass


def _spent(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def _signals(count: int, name: str = "bench") -> Iterator[Signal]:
    dice = random.Random(7)
    begun = time.time() - DAYS * 86_400
    for number in range(count):
        at = begun + number * DAYS * 86_400 / count
        language, suffix = dice.choice(list(_LANGUAGES.items()))
        folder = dice.choice(("src/app", "src/lib", "tests"))
        completion = Completion(
            id=f"{name}-{number}",
            at=at,
            developer="bench",
            workspace=f"workspace-{number % 3}",
            path=f"{folder}/module_{number % 500}.{suffix}",
            language=language,
            prefix=f"value_{number} = compute(value_{number - 1})\n" * 12,
            suffix="\n\nreturn value\n",
            candidates=(Candidate(f"total += value_{number}", -1.0, "stop"),),
            shown=0,
            adapter="dev/bench" if number * 4 > count else None,
            version=f"v{1 + 12 * number // count:04}" if number * 4 > count else None,
        )
        outcome = Outcome(
            completion.id, dice.choice(_KINDS), at + 1, at + 12, 20, dice.randrange(40),
            kept=dice.choice((None, 0.5, 1.0)),
        )  # fmt: skip
        yield Signal(completion, outcome)


def main() -> None:
    """Run this benchmark alone and print its rows."""
    from bench.__main__ import _print

    with tempfile.TemporaryDirectory(prefix="penchant-bench-") as home:
        _print(asyncio.run(measure(Path(home))))


if __name__ == "__main__":
    main()
