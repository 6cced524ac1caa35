"""Says whether the device that a run would compute on is idle, or why it must wait.

A GPU is asked how much of it is in use and free; the processor, how much other programs took since
the last look (our own gateway, engine and watch do not count). Nobody waits for ever: after
``max_wait_minutes`` of waiting the device counts as idle. Knows nothing of signals and runs.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import PurePath
from typing import Protocol

import psutil

from penchant_core.errors import TrainError
from penchant_core.settings import Settings
from penchant_trainer.nvml import Gpu, gpus
from penchant_trainer.resources import NEEDED_BYTES, pick, room

LEAST_LOOK_S = 1.0
"""A shorter look at the processor would see chance."""

GPU_LOOKS = 4
"""So many looks at a GPU, over as long: who computes in bursts is seen to be there."""


class Meter(Protocol):
    """What the devices are doing."""

    def cpu(self) -> float:
        """Return the share of all cores (0 to 1) that others used since the last call."""

    def gpus(self) -> dict[int, Gpu]:
        """Return every GPU by its number."""


class Machine:
    """This machine: psutil and NVML."""

    def __init__(self, look: Callable[[], dict[int, Gpu]] = gpus) -> None:
        self._look = look
        psutil.cpu_percent(None)  # begins to count
        self._own = own_seconds()
        self._at = time.monotonic()

    def cpu(self) -> float:
        """Return the share of all cores that others used since the last call, a second at least."""
        time.sleep(max(0.0, self._at + LEAST_LOOK_S - time.monotonic()))
        used, own, now = psutil.cpu_percent(None) / 100, own_seconds(), time.monotonic()
        ours = max(0.0, own - self._own) / ((now - self._at) * (psutil.cpu_count() or 1))
        self._own, self._at = own, now
        return min(1.0, max(0.0, used - ours))

    def gpus(self) -> dict[int, Gpu]:
        """Return every GPU as NVML tells it, as busy as it was at its busiest of several looks."""
        found = self._look()
        for _ in range(GPU_LOOKS - 1 if found else 0):
            time.sleep(LEAST_LOOK_S / GPU_LOOKS)
            found = {i: _busier(gpu, found.get(i)) for i, gpu in self._look().items()}
        return found


class Idleness:
    """Asked before a run; ``waiting_s`` is how long it has said no."""

    def __init__(
        self,
        settings: Settings,
        meter: Meter | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._wanted, self._schedule = settings.training.device, settings.schedule
        self._room = room(settings)
        self._meter, self._clock = meter, clock
        self._since: float | None = None

    @property
    def waiting_s(self) -> float:
        """Seconds since the device was first found busy, 0 while nobody waits."""
        return 0.0 if self._since is None else self._clock() - self._since

    def hindrance(self) -> str | None:
        """Return why a run should wait, in words, or None when it may begin."""
        if self._schedule.busy >= 1 or self.waiting_s > self._schedule.max_wait_minutes * 60:
            return None
        reason = self._reason()
        if reason is None:
            self._since = None
        elif self._since is None:
            self._since = self._clock()
        return reason

    def begin(self) -> None:
        """Note that a run begins: the next one has a wait of its own."""
        self._since = None

    def _reason(self) -> str | None:
        meter = self._meter = self._meter or Machine()
        found = {} if self._wanted == "cpu" else meter.gpus()
        try:
            device = pick(self._wanted, found, self._room)
        except TrainError:
            return None  # the run itself says what is wrong
        if device.kind == "cuda":
            return self._taken(device.index, found[device.index])
        used = meter.cpu()
        if used <= self._schedule.busy:
            return None
        return f"other programs use {used:.0%} of the processor"

    def _taken(self, index: int, gpu: Gpu) -> str | None:
        if gpu.free_bytes < NEEDED_BYTES:
            free, needed = gpu.free_bytes / 1e9, NEEDED_BYTES / 1e9
            return f"GPU {index} has {free:.1f} GB of memory free, a run wants {needed:.0f}"
        if gpu.busy is not None and gpu.busy > self._schedule.busy:
            return f"GPU {index} is {gpu.busy:.0%} in use"
        return None


def _busier(gpu: Gpu, before: Gpu | None) -> Gpu:
    known = [one.busy for one in (gpu, before) if one is not None and one.busy is not None]
    return replace(gpu, busy=max(known, default=None))


def own_seconds() -> float:
    """Return the processor seconds that Penchant's own processes here have taken."""
    return sum(map(_seconds, _family()))


def _family() -> Iterable[psutil.Process]:
    """Return this process, those of ours that started it (``penchant up``) and all they started."""
    root = psutil.Process()
    try:
        for parent in root.parents():
            if not any(map(_names_us, parent.cmdline())):
                break
            root = parent
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return [psutil.Process()]


def _names_us(argument: str) -> bool:
    """Whether it is our script or one of our modules; a mere directory of that name is neither."""
    name = PurePath(argument).name
    return name == "penchant" or name.startswith("penchant_")


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)
