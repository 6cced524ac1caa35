"""Waits for enough new signals, or for a request to rebuild, and for an idle device, and starts a
run, again and again.

Each run is a child process: its memory goes back to the developer when it ends, and what kills it
does not kill the watch. A run that failed is not tried again before as long has passed as it took.
Knows no torch.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from types import FrameType

from penchant_core.config import Config
from penchant_core.errors import PenchantError
from penchant_core.forgetting import bury_unloaded, follow_through
from penchant_core.log import event, failure
from penchant_core.rebuild import pending_rebuild, runs_directory
from penchant_core.store import SignalStore
from penchant_trainer import material, progress
from penchant_trainer.idleness import Idleness
from penchant_trainer.ledger import Ledger
from penchant_trainer.lock import Busy, exclusive
from penchant_trainer.regression import Records
from penchant_trainer.resources import cpu_threads
from penchant_trainer.show_filter import upkeep as show_filter
from penchant_trainer.trial import Referee

STOP_GRACE_S = 10.0
_ENDED = "The run has ended; `penchant train --status` says how."

State = tuple[int, float | None]
"""The newest signal, and since when a rebuild is wanted."""


class Watch:
    """Polls one developer's log; ``arguments`` are handed on to each run.

    ``say`` gets a sentence for the terminal when a run begins to wait, begins, and ends.
    """

    def __init__(
        self,
        config: Config,
        arguments: Sequence[str] = (),
        *,
        say: Callable[[str], None] = lambda _: None,
        idleness: Idleness | None = None,
    ) -> None:
        self.config, self.arguments, self._say = config, tuple(arguments), say
        self._directory = runs_directory(config)
        self._idleness = idleness or Idleness(config.settings)
        self._owed = False
        self._told = ""
        self._rest_until = 0.0
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
        progress.clear(self._directory, os.getpid())
        event("watch_stopped")

    def look(self) -> int | None:
        """Start a run if one is due; return its exit code, None when none was started."""
        try:
            self._follow_through()
            state = self._state()
            due = self._owed or (not self._tried(state) and self._due(state))
        except PenchantError as error:
            failure("watch_cannot_look", error)
            return None
        if not due or self._held_up():
            return None
        begun = time.monotonic()
        code = self._run()
        # After a failure the same signals are not tried in a loop; new ones are a new chance.
        self._failed = state if code else None
        self._rest_until = 2 * time.monotonic() - begun if code else 0.0
        self._needed = self._fresh + 1
        if not self._stop.is_set():
            self._say(_ENDED if not code else f"The run failed (status {code}); the log says why.")
        return code

    def _held_up(self) -> bool:
        """Whether a run that is due must wait, for another run or for its device; tell why."""
        self._owed = True
        if self._another():
            return True
        reason = self._idleness.hindrance()
        if reason is not None:
            self._tell(reason)
            return True
        self._owed = False
        waited_s = self._idleness.waiting_s
        self._idleness.begin()
        progress.clear(self._directory, os.getpid())
        event("run_due", waited_s=round(waited_s))
        self._say("A run begins.")
        self._told = ""
        return False

    def _another(self) -> bool:
        """Whether a run goes on that somebody else began, or a watch that was killed."""
        try:
            with exclusive(self._directory):
                return False
        except Busy:
            return True

    def _tell(self, reason: str) -> None:
        """Say once why a run waits, and keep the file current that the status is read from."""
        # A run that was begun by hand speaks for itself.
        with contextlib.suppress(Busy, PenchantError, OSError), exclusive(self._directory):
            progress.Progress(self._directory, "").wait(reason)
        if reason != self._told:
            event("run_waits", reason=reason)
            self._say(f"A run is due and waits: {reason}.")
        self._told = reason

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
        if time.monotonic() < self._rest_until:
            return True
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
        progress.clear(self._directory, child.pid)  # where it was killed, it could not
        return child.returncode or 0


def _end(child: "subprocess.Popen[bytes]") -> None:
    child.terminate()
    try:
        child.wait(STOP_GRACE_S)
    except subprocess.TimeoutExpired:
        child.kill()
