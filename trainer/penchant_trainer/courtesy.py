"""Lets a run wait while its developer writes: who types must not feel that something trains.

The run asks this between steps, so it yields within one step and can be killed while it waits. The
gateway says how long ago a completion was asked for; where none answers, nobody is kept waiting.
After ``STRETCH_S`` of waiting a run works for ``TURN_S``, or a day of writing would end without an
adapter. Knows nothing of training.
"""

import time
from collections.abc import Callable

import httpx

LOOK_S = 1.0
STRETCH_S = 120.0
TURN_S = 20.0
_PAUSE_S = 0.25


class Courtesy:
    """Waits for pauses of ``quiet_s`` seconds in the writing; 0 never waits."""

    def __init__(
        self,
        address: str,
        quiet_s: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url, self._quiet_s = f"{address}/v1/status", quiet_s
        self._client = httpx.Client(timeout=0.5, trust_env=False)
        self._clock, self._sleep = clock, sleep
        self._looked = clock() - LOOK_S
        self._turn_ends = clock()
        self.waited_s = 0.0

    def wait(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Return at once if nobody writes, else when they pause.

        ``meanwhile`` is called while waiting, and may raise to end the run.
        """
        now = self._clock()
        if self._quiet_s <= 0 or now - self._looked < LOOK_S or now < self._turn_ends:
            return
        begun = now
        while self._writing():
            if self._clock() - begun >= STRETCH_S:
                self._turn_ends = self._clock() + TURN_S
                break
            meanwhile()
            self._sleep(_PAUSE_S)
        self._looked = self._clock()
        self.waited_s += self._looked - begun

    def close(self) -> None:
        """Close the connection to the gateway."""
        self._client.close()

    def _writing(self) -> bool:
        try:
            found = self._client.get(self._url).json()["idle_s"]
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            return False
        return isinstance(found, int | float) and found < self._quiet_s
