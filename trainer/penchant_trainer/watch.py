"""Waits for enough new signals and starts a run, again and again, until it is told to stop.

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
from penchant_core.log import event, failure
from penchant_trainer import material
from penchant_trainer.ledger import Ledger, directory_of
from penchant_trainer.resources import cpu_threads

STOP_GRACE_S = 10.0


class Watch:
    """Polls one developer's log; ``arguments`` are handed on to each run."""

    def __init__(self, config: Config, arguments: Sequence[str] = ()) -> None:
        self.config, self.arguments = config, tuple(arguments)
        self._stop = threading.Event()
        self._failed_at = -1
        self._seen = -1

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
            due, newest = self._due()
        except PenchantError as error:
            failure("watch_cannot_look", error)
            return None
        if not due:
            return None
        code = self._run()
        # After a failure the same signals are not tried in a loop; new ones are a new chance.
        self._failed_at = newest if code else -1
        return code

    def _due(self) -> tuple[bool, int]:
        """Whether a run is due, and the newest signal; the log is read only when it has grown."""
        newest = material.newest(self.config)
        if newest <= self._failed_at:
            return False, newest
        with closing(Ledger(directory_of(self.config))) as ledger:
            owner = self.config.settings.owner
            unfinished, covered = ledger.unfinished(owner), ledger.covered(owner)
        if unfinished or newest == self._seen:
            return bool(unfinished), newest
        self._seen = newest
        found = material.read(self.config)
        missing = material.lacking(found, covered, self.config.settings.training, force=False)
        return missing is None, newest

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
