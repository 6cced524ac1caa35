"""What goes on around a phase while it works: the report that the loop hands to it.

Each call tells how far the phase is, lets the developer go first, holds the run to its limits and
looks whether the signals that it learns from are still there. Beside that a training may draw its
figures and ask whether its time is up; a plain function in its place does neither. Knows nothing of
what the phase does.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from penchant_trainer.courtesy import Courtesy
from penchant_trainer.curves import Curves
from penchant_trainer.limits import Limits
from penchant_trainer.progress import PhaseProgress, Report

ERASED_POLL_S = 10.0
"""How often a run looks whether the signals that it learns from are still there."""

WRITING = "you are writing"


class Attendance:
    """A report with ``draw`` and ``over``; ``whole`` raises when signals were erased."""

    def __init__(
        self,
        progress: PhaseProgress,
        *,
        courtesy: Courtesy,
        limits: Limits,
        curves: Curves,
        whole: Callable[[], None],
    ) -> None:
        self._progress, self._courtesy = progress, courtesy
        self._limits, self._curves, self._whole = limits, curves, whole
        self._looked = time.monotonic()
        self.ended_early = False

    def __call__(self, done: float) -> None:
        """Tell that the share ``done`` of the phase is done; may wait, and may end the run."""
        self._progress(done)
        before = self._courtesy.waited_s
        self._courtesy.wait(self._meanwhile)
        self._limits.pause(self._courtesy.waited_s - before)
        self._limits.check()
        self._look()

    def draw(self, values: Mapping[str, Any], step: int) -> None:
        """Draw the numbers among ``values``."""
        self._curves.draw(values, step)

    def over(self) -> bool:
        """Whether a training should end with what it has learned."""
        self.ended_early = self.ended_early or self._limits.training_over
        return self.ended_early

    def _meanwhile(self) -> None:
        self._progress.wait(WRITING)
        self._look()

    def _look(self) -> None:
        if time.monotonic() - self._looked >= ERASED_POLL_S:
            self._whole()
            self._looked = time.monotonic()


def draw(report: Report, values: Mapping[str, Any], step: int) -> None:
    """Draw on the curves that a report carries, if it carries any."""
    if isinstance(report, Attendance):
        report.draw(values, step)


def over(report: Report) -> bool:
    """Whether a training that reports so should end with what it has learned."""
    return isinstance(report, Attendance) and report.over()
