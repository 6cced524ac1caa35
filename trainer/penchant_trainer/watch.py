"""Waits for enough new signals, or for a request to rebuild, and starts a run, again and again.

Each run is a child process: its memory goes back to the developer when it ends, and what kills it
does not kill the watch. Knows no torch.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import closing
from types import FrameType

from penchant_core.config import Config
from penchant_core.errors import PenchantError
from penchant_core.forgetting import bury_unloaded, follow_through
from penchant_core.log import event, failure
from penchant_core.rebuild import pending_rebuild, runs_directory
from penchant_core.store import SignalStore
from penchant_trainer import material
from penchant_trainer.ledger import Ledger
from penchant_trainer.regression import Records
from penchant_trainer.resources import cpu_threads
from penchant_trainer.show_filter import upkeep as show_filter
from penchant_trainer.trial import Referee

STOP_GRACE_S = 10.0

State = tuple[int, float | None]
"""The newest signal, and since when a rebuild is wanted."""


class Watch:
    """Polls one developer's log; ``arguments`` are handed on to each run."""

    def __init__(self, config: Config, arguments: Sequence[str] = ()) -> None:
        self.config, self.arguments = config, tuple(arguments)
        self._stop = threading.Event()
        self._failed: State | None = None
        self._rebuilt: State | None = None
        self._covered = -1
        self._seen = 0
        self._records = Records(config)
        self._referee = Referee(config)
        self._fresh = 0
        self._needed = 0

    def stop(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        """End the watch (a signal handler): a run that is under way is ended, and resumed later."""
        self._stop.set()

    def forever(self) -> None:
        """Watch until stopped by TERM or INT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        event("watch_started", every_s=self.config.settings.training.poll_s)
        while not self._stop.is_set():
            self.look()
            self._stop.wait(self.config.settings.training.poll_s)
        event("watch_stopped")

    def look(self) -> int | None:
        """Start a run if one is due; return its exit code, None when none was started."""
        try:
            self._follow_through()
            state = self._state()
            due = not self._tried(state) and self._due(state)
        except PenchantError as error:
            failure("watch_cannot_look", error)
            return None
        if not due:
            return None
        code = self._run()
        # After a failure the same signals are not tried in a loop; new ones are a new chance.
        self._failed = state if code else None
        self._needed = self._fresh + 1
        return code

    def _follow_through(self) -> None:
        """Finish what an erasure began: in the editor, or in a command that was killed."""
        path = self.config.paths.signal_log(self.config.settings.developer.name)
        if path.exists():
            with SignalStore(path) as log:
                follow_through(self.config, log)
        bury_unloaded(self.config)
        self._look_back()

    def _look_back(self) -> None:
        """Learn from new outcomes at once what needs no training run."""
        if show_filter.keep_up(self.config) is not None:
            event("show_filter_learned")
        self._referee.look()
        if self._records.roll_back_if_worse() is not None:
            event("rolled_back_by_itself")

    def _state(self) -> State:
        rebuild = pending_rebuild(self.config)
        return material.newest(self.config), rebuild.at if rebuild else None

    def _tried(self, state: State) -> bool:
        if self._failed is None:
            return False
        return state[0] <= self._failed[0] and state[1] in (self._failed[1], None)

    def _due(self, state: State) -> bool:
        """Whether a run is due; reads what is new, and the window only when that may suffice."""
        with closing(Ledger(runs_directory(self.config))) as ledger:
            owner = self.config.settings.owner
            unfinished, covered = ledger.unfinished(owner), ledger.covered(owner)
        if unfinished:
            return True
        newest, rebuild = state
        if rebuild is not None and self._can_rebuild(state, covered):
            return True
        if self._referee.going_on():
            return False
        if covered != self._covered:
            self._covered, self._seen, self._fresh = covered, covered, 0
            self._needed = self.config.settings.training.every_signals
        self._fresh += material.usable(self.config, after=self._seen, until=newest)
        self._seen = max(self._seen, newest)
        return self._fresh >= self._needed and self._enough(covered)

    def _can_rebuild(self, state: State, covered: int) -> bool:
        """Whether there is enough for a rebuild; looked at once for each state of the log."""
        if state == self._rebuilt:
            return False
        self._rebuilt = state
        found = material.read(self.config)
        return material.lacking(found, covered, self.config.settings.training, force=True) is None

    def _enough(self, covered: int) -> bool:
        training = self.config.settings.training
        found = material.read(self.config)
        if material.lacking(found, covered, training, force=False) is None:
            return True
        self._needed = self._fresh + material.shortfall(found, covered, training)
        return False

    def _run(self) -> int:
        command = [sys.executable, "-m", "penchant_trainer", "--once", "--json", *self.arguments]
        # A run in the background leaves a core to the person who writes.
        spare = {"OMP_NUM_THREADS": str(max(1, cpu_threads() - 1))}
        # Its report and any library's chatter belong to nobody here; its log is in the log file.
        with subprocess.Popen(
            command,
            env={**os.environ, **spare},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as child:
            while child.poll() is None and not self._stop.is_set():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(0.5)
            if child.poll() is None:
                _end(child)
        return child.returncode or 0


def _end(child: "subprocess.Popen[bytes]") -> None:
    child.terminate()
    try:
        child.wait(STOP_GRACE_S)
    except subprocess.TimeoutExpired:
        child.kill()
