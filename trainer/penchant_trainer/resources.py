"""Chooses where a run computes: a GPU that is free enough, else the CPU with one core left free.

A GPU is asked about through NVML before torch is imported, because the choice is made with
``CUDA_VISIBLE_DEVICES``. No GPU is the normal case. Knows nothing of models.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from penchant_core.errors import TrainError
from penchant_core.settings import Settings
from penchant_trainer.nvml import Gpu, gpus

NEEDED_BYTES = 6_000_000_000
"""Free memory below which a GPU counts as taken (by the engine, or by somebody's game)."""

SPARED_BYTES = 512 * 2**20
"""Free memory of a GPU that is left to the screen, and to an engine's moments of need."""

VLLM_SHARE = 0.9
"""What vLLM takes of its GPU when it is not told otherwise."""

ENGINE_GPU = 0
"""The GPU that a vLLM started by us computes on."""


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


@dataclass(frozen=True, slots=True)
class Room:
    """How much of a GPU's memory a run may take.

    ``most_bytes`` bounds it (0: no bound); ``reserved`` is the share of the first GPU that an
    engine of ours needs whenever it starts, also while it does not run.
    """

    most_bytes: int = 0
    reserved: float = 0.0

    def of(self, index: int, gpu: Gpu) -> int:
        """Return the bytes that a run may take of a GPU now."""
        left = gpu.free_bytes
        if index == ENGINE_GPU:
            left = min(left, round((1 - self.reserved) * gpu.total_bytes))
        left = max(0, left - SPARED_BYTES)
        return min(left, self.most_bytes) if self.most_bytes else left


def room(settings: Settings) -> Room:
    """Return the room that the settings leave to a run."""
    engine = settings.engine
    supervised = engine.kind == "vllm" and not engine.url
    reserved = (engine.gpu_memory_share or VLLM_SHARE) if supervised else 0.0
    return Room(settings.schedule.max_memory_mb * 2**20, reserved)


def choose(wanted: str, left: Room | None = None) -> Device:
    """Return the device for ``auto``, ``cpu``, ``cuda`` or ``cuda:N``.

    Raises TrainError when a GPU was asked for by name and there is none.
    """
    return pick(wanted, {} if wanted == "cpu" else gpus(), left)


def pick(wanted: str, found: Mapping[int, Gpu], left: Room | None = None) -> Device:
    """Do what ``choose`` does, among the GPUs that were ``found``; the roomiest is preferred."""
    threads = cpu_threads()
    rooms = {index: (left or Room()).of(index, gpu) for index, gpu in found.items()}
    best = max(rooms, key=lambda i: rooms[i], default=0)
    if wanted in ("auto", "cpu"):
        if wanted == "cpu" or rooms.get(best, 0) < NEEDED_BYTES - SPARED_BYTES:
            return Device("cpu", threads=threads)
        return Device("cuda", best, threads, rooms[best] / found[best].total_bytes)
    kind, _, number = wanted.partition(":")
    if kind != "cuda" or (number and not number.isdigit()):
        raise TrainError(f"training.device {wanted!r} is none of auto, cpu, cuda and cuda:N")
    index = int(number) if number else best
    if index not in found:
        raise TrainError(f"there is no GPU for training.device {wanted!r}; use auto or cpu")
    share = max(rooms[index], SPARED_BYTES) / max(1, found[index].total_bytes)
    return Device("cuda", index, threads, min(1.0, share))


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
