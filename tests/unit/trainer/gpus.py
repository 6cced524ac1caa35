"""A driver with GPUs of our choice, at the seam where the real one is asked."""

from types import SimpleNamespace


class Driver:
    """``found`` has free bytes, total bytes and use (percent; None: it does not tell) of each."""

    class NVMLError(Exception):
        pass

    def __init__(self, found: list[tuple[int, int, int | None]], fails_at: str = "") -> None:
        self.found, self.fails_at, self.open = found, fails_at, 0

    def _asked(self, name: str) -> None:
        if name == self.fails_at:
            raise self.NVMLError(name)

    def nvmlInit(self) -> None:
        self._asked("nvmlInit")
        self.open += 1

    def nvmlShutdown(self) -> None:
        self.open -= 1

    def nvmlDeviceGetCount(self) -> int:
        self._asked("nvmlDeviceGetCount")
        return len(self.found)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:
        return index

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> SimpleNamespace:
        self._asked("nvmlDeviceGetMemoryInfo")
        free, total, _ = self.found[handle]
        return SimpleNamespace(free=free, total=total)

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> SimpleNamespace:
        use = self.found[handle][2]
        if use is None:
            raise self.NVMLError("not supported")
        return SimpleNamespace(gpu=use)
