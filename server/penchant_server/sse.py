"""Server-sent events, written and read; and answers that end the moment the client goes away.

``SseResponse`` streams events and ``until_disconnect`` guards a plain answer: both cancel the work
behind them as soon as the server reports the closed connection, instead of at the next write.
``event_data`` reads a stream of events. Knows nothing of completions.
Source of the format: WHATWG HTML, "Server-sent events".
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

T = TypeVar("T")

DONE = "[DONE]"


class SseResponse(Response):
    """Sends each text of ``events`` as one ``data:`` event; closes ``events`` on disconnect."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[str]) -> None:
        super().__init__(headers={"cache-control": "no-store"})
        del self.headers["content-length"]
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the events or the client end."""
        sending = asyncio.ensure_future(self._stream(send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _cancel(leaving)
            if not sending.done():
                await _cancel(sending)
        if not sending.cancelled():
            sending.result()

    async def _stream(self, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        more = True
        try:
            async for text in self._events:
                body, more = f"data: {text}\n\n".encode(), text != DONE
                await send({"type": "http.response.body", "body": body, "more_body": more})
        finally:
            close = getattr(self._events, "aclose", None)
            if close is not None:
                await close()
        if more:
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def event_data(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the ``data`` of each event in a stream of bytes; other lines are passed over.

    Lines end at line feeds only: text may hold other characters that are taken for line ends.
    """
    rest = b""
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[len(b"data:") :].strip()


async def until_disconnect(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Return the result of ``work``; cancel it and raise ClientDisconnect if the client leaves.

    The request's body must have been read before.
    """
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(request.receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        await _cancel(leaving)
        await _cancel(working)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _cancel(task: "asyncio.Future[Any]") -> None:
    if not task.done():
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
