"""What recording costs a keystroke: the same session with consent and without.

Two language servers on one gateway take turns, keystroke by keystroke, and turns at being first;
one records, one does not. The row beside it is the time that writing one signal takes on the
recorder's own thread.
"""

import time
from pathlib import Path

from bench.samples import Row
from penchant_core.signals import Candidate, Completion, Outcome, OutcomeKind, Signal
from penchant_core.store import SignalStore
from penchant_trainer.demo.code import LEARNING_NOUNS, modules
from penchant_trainer.demo.editor import Editor
from penchant_trainer.demo.stage import gateway

MODULES = 12
WRITES = 300


async def measure(home: Path) -> list[Row]:
    """Return the rows: keystroke with and without recording, and one durable write."""
    settings = {"PENCHANT_TRACKER__QUIET_S": "0.2", "PENCHANT_COMPLETION__DEBOUNCE_MS": "0"}
    with gateway(home, settings) as stage:
        for name in ("with", "without"):
            (home / name).mkdir()
        async with (
            Editor(home / "with", stage.as_developer("with")) as recorded,
            Editor(home / "without", stage.as_developer("without")) as plain,
        ):
            await recorded.consent("local")
            with_times, without_times = await _alternate(recorded, plain)
    row = Row("echo of a keystroke, recording", with_times, "not recording", without_times)
    return [row, _writes(home)]


async def _alternate(recorded: Editor, plain: Editor) -> tuple[list[float], list[float]]:
    times: tuple[list[float], list[float]] = ([], [])
    turn = 0
    for module in modules(LEARNING_NOUNS, seed=5)[:MODULES]:
        for editor in (recorded, plain):
            editor.open(module.name, module.header, module.footer)
        done = 0
        for pause in module.pauses:
            turn += 1
            both = list(zip((recorded, plain), times, strict=True))
            for editor, spent in both if turn % 2 else reversed(both):
                editor.type(module.text[done : pause - 1])
                await editor.suggest()
                begun = time.perf_counter()
                editor.type(module.text[pause - 1])
                await editor.command("penchant.status")  # answered after the keystroke was handled
                spent.append((time.perf_counter() - begun) * 1000)
            done = pause
        for editor in (recorded, plain):
            editor.close()
    return times


def _writes(home: Path) -> Row:
    """One durable write on the recorder's thread, against a fast typist's keystroke interval."""
    spent = []
    with SignalStore(home / "writes.db") as store:
        for number in range(WRITES):
            signal = generated(number)
            begun = time.perf_counter()
            store.add(signal)
            spent.append((time.perf_counter() - begun) * 1000)
    return Row("one signal, durable", spent, "a keystroke at 100 words/min", [120.0])


def generated(number: int) -> Signal:
    """Return a signal of usual size."""
    completion = Completion(
        id=f"bench-{number}",
        at=float(number),
        developer="bench",
        workspace="bench",
        path="bench.py",
        language="python",
        prefix="x = 1\n" * 200,
        suffix="y = 2\n" * 50,
        candidates=(Candidate("return x", -1.0, "stop"),),
        shown=0,
    )
    outcome = Outcome(completion.id, OutcomeKind.ACCEPTED, float(number), float(number) + 1, 8, 8)
    return Signal(completion, outcome)
