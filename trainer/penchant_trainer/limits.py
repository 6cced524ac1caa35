"""The time and the memory that a run may take, and what happens when it wants more.

Time is work: waiting for the developer does not count, and a run that was interrupted begins its
clock anew. After ``TRAINING_SHARE`` of it the training under way ends with what it has learned and
those to come are left out, so that there is time to judge the result; at the end of it the run
stops. Memory is watched between steps, and below that stands a limit of the kernel (without a GPU)
or of torch (on one), at which an allocation fails instead of taking the machine down. A run that
reached a limit is given up: it would only reach it again. What is live stays live.
"""

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psutil

from penchant_core.errors import TrainError
from penchant_core.schedule_settings import ScheduleSettings
from penchant_trainer.resources import Device

TRAINING_SHARE = 0.7
MEMORY_SHARE = 0.75
"""How much of the machine's memory a run may take when the settings do not say."""

HEADROOM_BYTES = 2 * 2**30
"""Address space that libraries reserve and never use: 1.1 GiB were measured with torch and TRL."""

ENDED_EARLY = "most of schedule.max_minutes was over"

_WORDS = ("can't allocate memory", "not enough memory", "out of memory", "cannot allocate memory")


class LimitReached(TrainError):
    """A run wanted more time or memory than it may take."""


class Limits:
    """The limits of one process that trains."""

    def __init__(
        self,
        schedule: ScheduleSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
        memory: Callable[[], int] | None = None,
    ) -> None:
        self._minutes, self._most = schedule.max_minutes, schedule.max_memory_mb * 2**20
        self.most_bytes = self._most or int(MEMORY_SHARE * psutil.virtual_memory().total)
        self._clock, self._memory = clock, memory or private_bytes
        self._begun = clock()

    def pause(self, seconds: float) -> None:
        """Leave so many seconds out: nothing was worked in them."""
        self._begun += seconds

    @property
    def training_over(self) -> bool:
        """Whether it is time to judge what was learned so far."""
        return 0 < self._minutes * 60 * TRAINING_SHARE <= self._clock() - self._begun

    def check(self) -> None:
        """Raise LimitReached when the run has taken more than it may."""
        if 0 < self._minutes * 60 < self._clock() - self._begun:
            raise LimitReached(
                f"the run took more than schedule.max_minutes ({self._minutes:g}); raise it, or "
                "choose a smaller training.effort"
            )
        if self._memory() > self.most_bytes:
            raise LimitReached(self._too_large())

    @contextmanager
    def enforced(self, device: Device) -> Iterator[None]:
        """Let allocations beyond the limit fail, and say so in words: raises LimitReached."""
        before = resource.getrlimit(resource.RLIMIT_DATA)
        if device.kind != "cuda":  # its driver maps far more than it uses
            _limit_data(self.most_bytes + HEADROOM_BYTES, before)
        try:
            yield
        except (MemoryError, RuntimeError) as error:
            if not _is_memory(error):
                raise
            words = _gpu_too_small(device) if device.kind == "cuda" else self._too_large()
            raise LimitReached(words) from error
        finally:
            resource.setrlimit(resource.RLIMIT_DATA, before)

    def _too_large(self) -> str:
        said = "schedule.max_memory_mb" if self._most else "three quarters of the memory here"
        return (
            f"the run wanted more memory than {self.most_bytes >> 20} MiB ({said}); raise "
            "schedule.max_memory_mb, or choose a smaller training.effort or engine.model"
        )


def private_bytes() -> int:
    """Return the memory that this process alone holds; libraries' own files do not count."""
    found = psutil.Process().memory_info()
    return int(found.rss - getattr(found, "shared", 0))


def share_gpu(device: Device) -> None:
    """Bound what torch may take of a GPU; call it in the process that trains, before it does."""
    if device.kind == "cuda":
        import torch

        torch.cuda.set_per_process_memory_fraction(device.share)


def _limit_data(most_bytes: int, before: tuple[int, int]) -> None:
    hard = before[1]
    bound = most_bytes if hard == resource.RLIM_INFINITY else min(most_bytes, hard)
    with suppress(OSError, ValueError):  # where there is none, watching must do
        resource.setrlimit(resource.RLIMIT_DATA, (bound, hard))


def _is_memory(error: BaseException) -> bool:
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(words in text for words in _WORDS)


def _gpu_too_small(device: Device) -> str:
    return (
        f"the run wanted more than the {device.share:.0%} of GPU {device.index}'s memory that was "
        "free for it; lower engine.gpu_memory_share, or choose a smaller training.effort"
    )
