"""A request that is under way, and whether it still answers what was typed since.

Who types on along the lines of an answer that is just coming need not ask again: the stream is kept
until it contradicts what was typed. Each developer's fast burst then costs one request instead of
one per key. Knows nothing of the protocol, of HTTP or of filters.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from penchant_core.signals import Candidate

TYPED_CHARS = 128
TAIL_CHARS = 600
UNCLAIMED_S = 0.25
"""So long a cancelled request whose text is being typed is kept for the editor's next question."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request was made: the document, the cursor's offset in it, the text around."""

    uri: str
    offset: int
    prefix: str
    suffix: str

    def typed_until(self, later: "Origin") -> str | None:
        """Return what was typed between this place and a later one; None if not just that."""
        count = later.offset - self.offset
        if later.uri != self.uri or not 0 <= count <= TYPED_CHARS or later.suffix != self.suffix:
            return None
        split = len(later.prefix) - count
        if split < 0:
            return None
        tail = min(TAIL_CHARS, split, len(self.prefix))
        same = later.prefix[split - tail : split] == self.prefix[len(self.prefix) - tail :]
        return later.prefix[split:] if same and (tail or not self.prefix) else None


class Flight:
    """One request on its way, from ``origin``; ``so_far`` is the text that has come.

    ``make`` gets a function to call with that text whenever there is more of it. ``ahead``: nobody
    has asked yet.
    """

    def __init__(
        self,
        origin: Origin,
        make: Callable[[Callable[[str], None]], Coroutine[Any, Any, list[Candidate]]],
        *,
        ahead: bool = False,
    ) -> None:
        self.origin = origin
        self.ahead = ahead
        self.so_far = ""
        self._typed = ""
        self._task = asyncio.ensure_future(make(self._heard))
        self._task.add_done_callback(_retrieved)

    def claim(self, later: Origin) -> bool:
        """Whether this answers a later place too, as far as can be told; then go on for that."""
        typed = self.origin.typed_until(later)
        if typed is None or self._task.cancelled() or not _agree(self.so_far, typed):
            return False
        self._typed = typed
        return True

    def typed_along(self, text: str) -> bool:
        """Whether a document's text goes on from here with something, and as the stream says."""
        tail = self.origin.suffix[:TAIL_CHARS]
        head = text[self.origin.offset :][: TYPED_CHARS + len(tail)]
        end = head.find(tail) if tail else len(head)
        return 0 < end <= TYPED_CHARS and _agree(self.so_far, head[:end])

    async def landed(self) -> list[Candidate]:
        """Return the candidates; raise GatewayError, or CancelledError if it was given up.

        Whoever waits may be cancelled without ending the request: ``give_up`` does that.
        """
        return await asyncio.shield(self._task)

    def give_up(self) -> None:
        """End the request, up to the engine."""
        self._task.cancel()

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self._task.done()

    @property
    def given_up(self) -> bool:
        """Whether the request ended before its answer."""
        return self._task.cancelled()

    def _heard(self, text: str) -> None:
        self.so_far = text
        if not _agree(text, self._typed):
            self.give_up()


def _agree(text: str, typed: str) -> bool:
    """Whether one begins the other: nothing typed contradicts what has come."""
    return text.startswith(typed) or typed.startswith(text)


def _retrieved(task: "asyncio.Task[list[Candidate]]") -> None:
    """Look at an error that nobody waits for any more, so that asyncio does not complain."""
    if not task.cancelled():
        task.exception()
