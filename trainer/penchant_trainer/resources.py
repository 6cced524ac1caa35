"""Chooses where a run computes: a GPU that is free enough, else the CPU with one core left free.

A GPU is asked about through NVML before torch is imported, because the choice is made with
``CUDA_VISIBLE_DEVICES``. No GPU is the normal case. Knows nothing of models.
"""

import os
from dataclasses import dataclass
from typing import Any

from penchant_core.errors import TrainError

NEEDED_BYTES = 6_000_000_000
"""Free memory below which a GPU counts as taken (by the engine, or by somebody's game)."""


@dataclass(frozen=True, slots=True)
class Device:
    """``kind`` is ``cpu`` or ``cuda``; ``index`` the GPU; ``threads`` those of the CPU."""

    kind: str
    index: int = 0
    threads: int = 1

    @property
    def name(self) -> str:
        """How the device is called in reports."""
        return f"cuda:{self.index}" if self.kind == "cuda" else f"cpu ({self.threads} threads)"


def choose(wanted: str) -> Device:
    """Return the device for ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.

    Raises TrainError when a GPU was asked for by name and there is none.
    """
    threads = cpu_threads()
    if wanted == "cpu":
        return Device("cpu", threads=threads)
    free = free_gpus()
    if wanted == "auto":
        usable = [index for index, memory in free.items() if memory >= NEEDED_BYTES]
        return Device("cuda", usable[0], threads) if usable else Device("cpu", threads=threads)
    kind, _, number = wanted.partition(":")
    if kind != "cuda" or (number and not number.isdigit()):
        raise TrainError(f"training.device {wanted!r} is none of auto, cpu, cuda and cuda:N")
    index = int(number) if number else max(free, key=lambda i: free[i], default=0)
    if index not in free:
        raise TrainError(f"there is no GPU for training.device {wanted!r}; use auto or cpu")
    return Device("cuda", index, threads)


def claim(device: Device) -> None:
    """Make the device the only one that torch will see; call it before torch is imported."""
    os.environ["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"  # NVML counts so, CUDA by speed
    os.environ["CUDA_VISIBLE_DEVICES"] = str(device.index) if device.kind == "cuda" else ""
    os.environ["OMP_NUM_THREADS"] = str(device.threads)
    # Threads that wait for each other by spinning take the cores from whoever else is at work.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("KMP_BLOCKTIME", "0")


def cpu_threads() -> int:
    """Return the usable cores, or fewer if ``OMP_NUM_THREADS`` says so."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    asked = os.environ.get("OMP_NUM_THREADS", "")
    most = max(1, cores or 1)
    return min(most, int(asked)) if asked.isdigit() and int(asked) else most


def free_gpus() -> dict[int, int]:
    """Return the free memory (bytes) of each GPU; empty without NVML, driver or GPU."""
    try:
        import pynvml
    except ImportError:
        return {}
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return {}
    try:
        return {index: _free(pynvml, index) for index in range(pynvml.nvmlDeviceGetCount())}
    except pynvml.NVMLError:
        return {}
    finally:
        pynvml.nvmlShutdown()


def _free(nvml: Any, index: int) -> int:
    handle = nvml.nvmlDeviceGetHandleByIndex(index)
    return int(nvml.nvmlDeviceGetMemoryInfo(handle).free)
