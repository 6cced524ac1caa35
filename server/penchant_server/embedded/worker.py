"""The one thread that computes: takes jobs in order, skips the cancelled, hands pieces back.

The event loop stays free to answer health checks and to notice that a client went away. Loading and
unloading adapters are jobs too, so they never meet a generation half-way. Knows nothing of HTTP.
"""

import asyncio
import queue
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from typing import Any

from penchant_core import log
from penchant_core.errors import EngineError
from penchant_server.embedded.generation import Generator, Order, Piece

MAX_WAITING = 64
_END = object()


class Worker:
    """Runs ``generator`` in a thread of its own."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self._jobs: queue.Queue[Callable[[], None] | None] = queue.Queue(MAX_WAITING)
        self._thread = threading.Thread(target=self._work, name="generation", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end after the job in hand."""
        with suppress(queue.Full):
            self._jobs.put_nowait(None)

    async def call(self, action: Callable[[Generator], Any]) -> Any:
        """Run ``action`` in the thread and return its result."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Any] = loop.create_future()

        def job() -> None:
            try:
                result, error = action(self._generator), None
            except Exception as caught:  # noqa: BLE001  # carried to the caller's await
                result, error = None, caught
            loop.call_soon_threadsafe(_settle, done, result, error)

        self._submit(job)
        return await done

    async def generate(self, order: Order) -> AsyncGenerator[Piece, None]:
        """Yield the pieces of an order; leaving the iteration cancels it between two tokens.

        Raises EngineError when too many orders wait, KeyError for an unknown adapter.
        """
        loop = asyncio.get_running_loop()
        pieces: asyncio.Queue[Any] = asyncio.Queue()
        cancelled = threading.Event()

        def job() -> None:
            last: Any = _END
            try:
                if not cancelled.is_set():
                    for piece in self._generator.run(order, cancelled.is_set):
                        loop.call_soon_threadsafe(pieces.put_nowait, piece)
            except Exception as error:  # noqa: BLE001  # carried to the caller's await
                last = error
            loop.call_soon_threadsafe(pieces.put_nowait, last)

        self._submit(job)
        try:
            while (piece := await pieces.get()) is not _END:
                if isinstance(piece, Exception):
                    raise piece
                yield piece
        finally:
            cancelled.set()

    def _submit(self, job: Callable[[], None]) -> None:
        try:
            self._jobs.put_nowait(job)
        except queue.Full as error:
            raise EngineError("too many requests wait for the engine; try again") from error

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except RuntimeError as error:  # the event loop is gone: the process is ending
                log.failure("worker_stopped", error)
                return


def _settle(done: "asyncio.Future[Any]", result: Any, error: Exception | None) -> None:
    if done.cancelled():
        return
    if error is not None:
        done.set_exception(error)
    else:
        done.set_result(result)
