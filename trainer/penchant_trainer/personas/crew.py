"""Makes the cells of a measurement in several processes, each with its share of the cores.

A network as small as the bundled one is as fast on one thread as on two, so two trainings side by
side take half the time. Every finished cell lies on the bench, where whoever asks next finds it.
Knows nothing of what the cells hold.
"""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_EXCEPTION, BrokenExecutor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import click

from penchant_core.errors import TrainError
from penchant_core.models import BaseModel
from penchant_trainer.resources import cpu_threads

if TYPE_CHECKING:
    from penchant_trainer.personas.rehearsal import Plan, Rehearsal
    from penchant_trainer.personas.showing import Task

THREADS = "OMP_NUM_THREADS"
_mine: "Rehearsal | None" = None
"""The rehearsal of a process of the crew: it loads its base model once."""


@dataclass(frozen=True, slots=True)
class Crew:
    """So many processes on one bench; ``work`` is its directory."""

    plan: "Plan"
    base: BaseModel
    work: Path
    jobs: int

    def make(self, stages: Iterable[Sequence["Task"]]) -> None:
        """Make the cells of every task, one stage after the other.

        Raises what a task raised, once the tasks that had begun are done, and TrainError when a
        process ended early.
        """
        threads = max(1, cpu_threads() // self.jobs)
        arguments = (self.plan, self.base, self.work, threads)
        try:
            with ProcessPoolExecutor(self.jobs, get_context("spawn"), _begin, arguments) as pool:
                for stage in stages:
                    self._stage(pool, stage)
        except BrokenExecutor as error:
            raise TrainError(
                "a process of the measurement ended early, perhaps for want of memory; call again "
                "to go on, with fewer --jobs"
            ) from error

    @staticmethod
    def _stage(pool: ProcessPoolExecutor, tasks: Sequence["Task"]) -> None:
        running: list[Future[None]] = [pool.submit(_make, task) for task in tasks]
        done, waiting = wait(running, return_when=FIRST_EXCEPTION)
        for future in waiting:
            future.cancel()
        for future in done:
            future.result()


def _begin(plan: "Plan", base: BaseModel, work: Path, threads: int) -> None:
    """Prepare a process of the crew; torch reads the number of threads when it is imported."""
    global _mine  # noqa: PLW0603 (a pool gives its tasks no other place)
    os.environ[THREADS] = str(threads)
    from penchant_trainer.personas.rehearsal import Rehearsal

    _mine = Rehearsal(plan, base, work, lambda line: click.echo(line, err=True))


def _make(task: "Task") -> None:
    if _mine is not None:
        task.make(_mine)
