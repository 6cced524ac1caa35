"""What the GPUs of this machine are doing: memory and use, as NVIDIA's driver tells it.

No GPU, no driver and no NVML are the normal case and look the same: no GPUs. Knows nothing of
training. Source: the NVML API reference, "Device Queries".
"""

from dataclasses import dataclass
from typing import Any, Protocol


class Nvml(Protocol):
    """The part of ``pynvml`` that is used here."""

    NVMLError: type[Exception]

    def nvmlInit(self) -> Any:
        """Begin."""

    def nvmlShutdown(self) -> Any:
        """End."""

    def nvmlDeviceGetCount(self) -> int:
        """Return how many GPUs there are."""

    def nvmlDeviceGetHandleByIndex(self, index: int) -> Any:
        """Return a handle."""

    def nvmlDeviceGetMemoryInfo(self, handle: Any) -> Any:
        """Return ``free`` and ``total`` in bytes."""

    def nvmlDeviceGetUtilizationRates(self, handle: Any) -> Any:
        """Return ``gpu``, the percentage of the last moment in which anything was computed."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU at one moment; ``busy`` (0 to 1) is None where the driver does not tell."""

    free_bytes: int
    total_bytes: int
    busy: float | None = None


def gpus(nvml: Nvml | None = None) -> dict[int, Gpu]:
    """Return every GPU by its number on the bus; empty without NVML, driver or GPU."""
    nvml = nvml or _installed()
    if nvml is None:
        return {}
    try:
        nvml.nvmlInit()
    except nvml.NVMLError:
        return {}
    try:
        return {index: _look(nvml, index) for index in range(nvml.nvmlDeviceGetCount())}
    except nvml.NVMLError:
        return {}
    finally:
        nvml.nvmlShutdown()


def _installed() -> Any:
    try:
        import pynvml
    except ImportError:
        return None
    return pynvml


def _look(nvml: Nvml, index: int) -> Gpu:
    handle = nvml.nvmlDeviceGetHandleByIndex(index)
    memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    try:
        busy = nvml.nvmlDeviceGetUtilizationRates(handle).gpu / 100
    except nvml.NVMLError:  # slices of a GPU (MIG) have no such figure
        busy = None
    return Gpu(int(memory.free), int(memory.total), busy)
