"""Tells how far a run is: to whoever watches the file, and to the terminal.

``progress.json`` lies in the developer's run directory while a run goes on or waits for an idle
device, is replaced atomically and removed when the run is over; the gateway shows it. The share
that is done never falls within a run. Holds names and figures only.
"""

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from penchant_core.paths import write_private

Report = Callable[[float], None]
"""Takes the share of the present phase that is done (0 to 1)."""

Listener = Callable[[str, float], None]
"""Takes a phase and the share of the run that is done (0 to 1)."""

FILE = "progress.json"
DUE = "due"
"""The phase of a run that has not begun because it waits for its device."""

_TOLD_EVERY_S = 0.5
_WAIT_TOLD_EVERY_S = 5.0
SHARES = {
    "collect": 0.04,
    "split": 0.01,
    "train_sft": 0.50,
    "train_dpo": 0.20,
    "evaluate": 0.20,
    "gate": 0.01,
    "publish": 0.04,
}
"""How much of a run each phase takes with the usual methods; the sum is 1."""

JUDGING = 0.2
"""How much a judge's labels take beside that."""

_FURTHER = {
    "dpo": {"train_dpo": SHARES["train_dpo"]},
    "kto": {"train_kto": 0.2},
    "grpo": {"train_reward": 0.2, "train_grpo": 0.8},
    "ppo": {"train_reward": 0.2, "train_ppo": 0.8},
}


def shares(methods: Iterable[str], *, judged: bool = False) -> dict[str, float]:
    """Return how much of a run with these methods each phase takes; the sum is 1.

    ``judged`` says whether a judge takes part.
    """
    chosen = {"sft", *methods}
    taken = {name: size for m in chosen for name, size in _FURTHER.get(m, {}).items()}
    sizes = {name: SHARES.get(name, 0.0) for name in ("collect", "split", "train_sft")}
    sizes["judge_pairs"] = JUDGING if judged else 0.0
    trainings = ("train_dpo", "train_kto", "train_reward", "train_grpo", "train_ppo")
    sizes |= {name: taken.get(name, 0.0) for name in trainings}
    sizes |= {name: SHARES[name] for name in ("evaluate", "gate", "publish")}
    # Base and live version are evaluated too; usually there are two candidates.
    sizes["evaluate"] *= (2 + len(chosen)) / 4
    whole = sum(sizes.values())
    return {name: size / whole for name, size in sizes.items()}


@dataclass(frozen=True, slots=True)
class Moment:
    """What the file says: ``waiting`` is the reason why nothing goes on, '' when it does.

    ``pid`` is who wrote it, ``at`` when (seconds since the epoch).
    """

    phase: str
    progress: float
    run: str
    at: float
    pid: int
    waiting: str = ""


class Progress:
    """Writes ``progress.json`` for one run and calls ``listener(phase, share of the run)``.

    ``waiting`` is called with the reason whenever the run waits.
    """

    def __init__(
        self,
        directory: Path,
        run: str,
        listener: Listener | None = None,
        sizes: Mapping[str, float] = SHARES,
        waiting: Callable[[str], None] | None = None,
    ) -> None:
        self.path, self.run, self.sizes = directory / FILE, run, sizes
        self._listener, self._waiting = listener, waiting
        self._written = 0.0
        self._told_waiting = ""
        self._most = 0.0

    def phase(self, name: str) -> "PhaseProgress":
        """Begin a phase; the returned function reports the share of it that is done.

        A phase that takes no share of this run is passed over in silence.
        """
        size = self.sizes.get(name, 0.0)
        before = 0.0
        for phase, share in self.sizes.items():
            if phase == name:
                break
            before += share
        if size:
            self._tell(name, before, every_s=0.0)
        return PhaseProgress(self, name, before, size)

    def tell(self, phase: str, progress: float) -> None:
        """Tell how much of the whole run is done."""
        self._tell(phase, progress, every_s=_TOLD_EVERY_S)

    def wait(self, reason: str, phase: str = DUE) -> None:
        """Tell that the run waits, and why; call it again and again while it does."""
        if self._waiting:
            self._waiting(reason)
        self._write(phase, reason, every_s=_WAIT_TOLD_EVERY_S)

    def remove(self) -> None:
        """Remove the file: no run goes on any more."""
        self.path.unlink(missing_ok=True)

    def _tell(self, phase: str, progress: float, *, every_s: float) -> None:
        self._most = max(self._most, min(1.0, progress))
        if self._listener:
            self._listener(phase, self._most)
        self._write(phase, "", every_s=every_s)

    def _write(self, phase: str, waiting: str, *, every_s: float) -> None:
        now = time.monotonic()
        if waiting != self._told_waiting:
            every_s = min(every_s, _TOLD_EVERY_S)
        if every_s and now - self._written < every_s:
            return
        self._written, self._told_waiting = now, waiting
        state = {
            "phase": phase,
            "progress": round(self._most, 4),
            "at": time.time(),
            "run": self.run,
            "pid": os.getpid(),
        }
        write_private(self.path, json.dumps(state | ({"waiting": waiting} if waiting else {})))


class PhaseProgress:
    """Reports one phase: called with the share of it that is done (0 to 1)."""

    def __init__(self, whole: Progress, name: str, before: float, size: float) -> None:
        self._whole, self._name, self._before, self._size = whole, name, before, size

    def __call__(self, done: float) -> None:
        """Tell how far the phase is."""
        if self._size:
            part = self._size * min(1.0, max(0.0, done))
            self._whole.tell(self._name, self._before + part)

    def wait(self, reason: str) -> None:
        """Tell that the phase waits, and why."""
        self._whole.wait(reason, self._name)


def read(directory: Path) -> Moment | None:
    """Return what is told in ``directory``, None when nothing is or its writer is gone."""
    try:
        found = Moment(**json.loads((directory / FILE).read_text("utf-8")))
        os.kill(found.pid, 0)
    except (OSError, ValueError, TypeError):
        return None
    return found


def clear(directory: Path, pid: int) -> None:
    """Remove what the process ``pid``, which is gone, left behind."""
    try:
        writer = json.loads((directory / FILE).read_text("utf-8")).get("pid")
    except (OSError, ValueError, AttributeError):
        return
    if writer == pid:
        (directory / FILE).unlink(missing_ok=True)
