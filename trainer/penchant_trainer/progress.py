"""Tells how far a run is: to whoever watches the file, and to the terminal.

``progress.json`` lies in the developer's run directory while a run goes on, is replaced atomically
and removed when the run is over; the gateway shows it. Holds names and figures only.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from penchant_core.paths import write_private

Report = Callable[[float], None]
"""Takes the share of the present phase that is done (0 to 1)."""

FILE = "progress.json"
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
    taken = {name: size for m in methods for name, size in _FURTHER.get(m, {}).items()}
    sizes = {name: SHARES.get(name, 0.0) for name in ("collect", "split", "train_sft")}
    sizes["judge_pairs"] = JUDGING if judged else 0.0
    trainings = ("train_dpo", "train_kto", "train_reward", "train_grpo", "train_ppo")
    sizes |= {name: taken.get(name, 0.0) for name in trainings}
    sizes |= {name: SHARES[name] for name in ("evaluate", "gate", "publish")}
    whole = sum(sizes.values())
    return {name: size / whole for name, size in sizes.items()}


class Progress:
    """Writes ``progress.json`` for one run and calls ``listener(phase, share of the run)``."""

    def __init__(
        self,
        directory: Path,
        run: str,
        listener: Callable[[str, float], None] | None = None,
        sizes: Mapping[str, float] = SHARES,
    ) -> None:
        self.path, self.run, self.sizes = directory / FILE, run, sizes
        self._listener = listener
        self._written = 0.0

    def phase(self, name: str) -> Report:
        """Begin a phase; the returned function reports the share of it that is done.

        A phase that takes no share of this run is passed over in silence.
        """
        size = self.sizes.get(name, 0.0)
        if not size:
            return lambda _done: None
        before = 0.0
        for phase, share in self.sizes.items():
            if phase == name:
                break
            before += share
        self._tell(name, before, at_once=True)
        return lambda done: self._tell(name, before + size * min(1.0, max(0.0, done)))

    def remove(self) -> None:
        """Remove the file: no run goes on any more."""
        self.path.unlink(missing_ok=True)

    def _tell(self, phase: str, progress: float, *, at_once: bool = False) -> None:
        if self._listener:
            self._listener(phase, progress)
        now = time.monotonic()
        if not at_once and now - self._written < 0.5:
            return
        self._written = now
        state = {
            "phase": phase,
            "progress": round(progress, 4),
            "at": time.time(),
            "run": self.run,
        }
        write_private(self.path, json.dumps(state))
