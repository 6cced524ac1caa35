"""How many completions are served at once; the next one is told to come back.

Knows nothing of what they are.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from penchant_core.errors import PenchantError
from penchant_server.metrics import Metrics


class TooBusy(PenchantError):
    """As many completions as allowed are being served."""


class Admission:
    """Counts completions in flight up to ``limit``."""

    def __init__(self, limit: int, metrics: Metrics) -> None:
        self._limit = limit
        self._metrics = metrics
        self._taken = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place; raise TooBusy when there is none."""
        if self._taken >= self._limit:
            raise TooBusy(
                f"{self._limit} completions are being served; try again, "
                "or raise gateway.max_concurrency"
            )
        self._taken += 1
        self._metrics.in_flight.set(self._taken)
        try:
            yield
        finally:
            self._taken -= 1
            self._metrics.in_flight.set(self._taken)
