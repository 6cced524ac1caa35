"""Chooses where a run computes: a GPU that is free enough, else the CPU with one core left free.

A GPU is asked about through NVML before torch is imported, because the choice is made with
``CUDA_VISIBLE_DEVICES``. No GPU is the normal case. Knows nothing of models.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from penchant_core.errors import TrainError
from penchant_trainer.nvml import Gpu, gpus

NEEDED_BYTES = 6_000_000_000
"""Free memory below which a GPU counts as taken (by the engine, or by somebody's game)."""

SPARED_BYTES = 512 * 2**20
"""Free memory of a GPU that is left to the screen, and to an engine's moments of need."""


@dataclass(frozen=True, slots=True)
class Device:
    """``kind`` is ``cpu`` or ``cuda``; ``index`` the GPU; ``threads`` those of the CPU.

    ``share`` is how much of the GPU's memory the process may take (0 to 1).
    """

    kind: str
    index: int = 0
    threads: int = 1
    share: float = 1.0

    @property
    def name(self) -> str:
        """How the device is called in reports."""
        return f"cuda:{self.index}" if self.kind == "cuda" else f"cpu ({self.threads} threads)"


def choose(wanted: str, *, most_bytes: int = 0) -> Device:
    """Return the device for ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.

    ``most_bytes`` bounds the memory taken of a GPU; 0: what is free now. Raises TrainError when a
    GPU was asked for by name and there is none.
    """
    return pick(wanted, {} if wanted == "cpu" else gpus(), most_bytes=most_bytes)


def pick(wanted: str, found: Mapping[int, Gpu], *, most_bytes: int = 0) -> Device:
    """Do what ``choose`` does, among the GPUs that were ``found``."""
    threads = cpu_threads()
    if wanted in ("auto", "cpu"):
        usable = [i for i, gpu in found.items() if gpu.free_bytes >= NEEDED_BYTES]
        if wanted == "cpu" or not usable:
            return Device("cpu", threads=threads)
        return _on(usable[0], found[usable[0]], threads, most_bytes)
    kind, _, number = wanted.partition(":")
    if kind != "cuda" or (number and not number.isdigit()):
        raise TrainError(f"training.device {wanted!r} is none of auto, cpu, cuda and cuda:N")
    index = int(number) if number else max(found, key=lambda i: found[i].free_bytes, default=0)
    if index not in found:
        raise TrainError(f"there is no GPU for training.device {wanted!r}; use auto or cpu")
    return _on(index, found[index], threads, most_bytes)


def _on(index: int, gpu: Gpu, threads: int, most_bytes: int) -> Device:
    """Return the GPU with the share of its memory that nobody else holds now."""
    room = max(SPARED_BYTES, gpu.free_bytes - SPARED_BYTES)
    room = min(room, most_bytes) if most_bytes else room
    return Device("cuda", index, threads, min(1.0, room / max(1, gpu.total_bytes)))


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
    return {index: gpu.free_bytes for index, gpu in gpus().items()}
