"""A circuit breaker: after a few failures in a row nothing is asked for a short while.

Pure, with the clock injected. Keeps a gateway that is down from costing every keystroke a deadline.
Knows nothing of what is asked.
"""

from collections.abc import Callable

FAILURES = 3
PAUSE_S = 2.0


class Breaker:
    """Closed: ask. Open: do not. Half open (after ``pause_s``): one may ask, to find out."""

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        failures: int = FAILURES,
        pause_s: float = PAUSE_S,
    ) -> None:
        self._clock = clock
        self._allowed = failures
        self._pause_s = pause_s
        self._failures = 0
        self._closed_again = 0.0

    @property
    def open(self) -> bool:
        """Whether asking is pointless right now."""
        return self._failures >= self._allowed and self._clock() < self._closed_again

    def enter(self) -> bool:
        """Whether one may ask; when half open, only the first who calls may."""
        if self._failures < self._allowed:
            return True
        if self._clock() < self._closed_again:
            return False
        self._closed_again = self._clock() + self._pause_s
        return True

    def succeeded(self) -> None:
        """The last one who asked was answered."""
        self._failures = 0

    def failed(self) -> None:
        """The last one who asked was not answered."""
        self._failures += 1
        if self._failures >= self._allowed:
            self._closed_again = self._clock() + self._pause_s
