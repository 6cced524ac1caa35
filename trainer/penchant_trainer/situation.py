"""What the trainer is doing now, how its last run ended, and what the next one waits for.

Reads the progress file, the ledger and the signal log; changes nothing. Imports no torch.
"""

import time
from dataclasses import asdict, dataclass
from typing import Any

from penchant_core.config import Config
from penchant_core.rebuild import pending_rebuild, runs_directory
from penchant_trainer import material, progress
from penchant_trainer.bar import WORDS
from penchant_trainer.ledger import FILE, Ledger, RunRow


@dataclass(frozen=True, slots=True)
class Situation:
    """``state`` is training, waiting (with the reason), interrupted or idle.

    ``progress`` is the share of the run that is done; ``last`` the last run as the ledger knows it;
    ``lacking`` what is missing for the next one, '' when it is due.
    """

    state: str
    phase: str = ""
    progress: float = 0.0
    waiting: str = ""
    run: str = ""
    last: dict[str, Any] | None = None
    lacking: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)

    def lines(self) -> list[str]:
        """Return it in words."""
        found = [self._now()]
        if self.last and self.state != "interrupted":
            ended = time.strftime("%Y-%m-%d %H:%M", time.localtime(self.last["updated"]))
            found.append(f"last run  {self.last['id']}, {self.last['status']}, {ended}")
            if self.last["version"]:
                found.append(f"version   {self.last['version']}")
            found += [f"  - {reason}" for reason in self.last["reasons"]]
        if self.state in ("idle", "interrupted"):
            found.append(f"next run  {self.lacking or 'is due'}")
        return found

    def _now(self) -> str:
        if self.state == "idle":
            return "No run goes on."
        if self.state == "interrupted":
            return f"The run {self.run} was interrupted; the next one goes on with it."
        if not self.run:
            return f"A run is due and waits: {self.waiting}."
        words = WORDS.get(self.phase, self.phase)
        wait = f", waiting: {self.waiting}" if self.waiting else ""
        return f"The run {self.run} goes on: {words}, {self.progress:.0%}{wait}."


def situation(config: Config) -> Situation:
    """Return what the trainer is doing; raises PenchantError when log or ledger cannot be read."""
    directory = runs_directory(config)
    now = progress.read(directory)
    last, covered, unfinished = _ledger(config)
    ended = _plain(last) if last and last.status != "running" else None
    if now is not None:
        state = "waiting" if now.waiting else "training"
        done = now.progress
        return Situation(state, now.phase, done, now.waiting, now.run, ended)
    force = unfinished is not None or pending_rebuild(config) is not None
    lacking = ""
    if unfinished is None:
        found = material.read(config)
        training = config.settings.training
        lacking = material.lacking(found, covered, training, force=force) or ""
    if unfinished is not None:
        return Situation("interrupted", run=unfinished.id, last=ended, lacking=lacking)
    return Situation("idle", last=ended, lacking=lacking)


def _ledger(config: Config) -> tuple[RunRow | None, int, RunRow | None]:
    """Return the last run, the newest signal that runs covered, and a run that never ended."""
    directory, owner = runs_directory(config), config.settings.owner
    if not (directory / FILE).exists():
        return None, 0, None
    ledger = Ledger(directory)
    try:
        return ledger.last(owner), ledger.covered(owner), ledger.unfinished(owner)
    finally:
        ledger.close()


def _plain(row: RunRow) -> dict[str, Any]:
    known = asdict(row)
    return {key: known[key] for key in ("id", "status", "started", "updated", "version", "reasons")}
