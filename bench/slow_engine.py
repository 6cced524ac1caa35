"""An engine that streams one token every 20 ms and notes when its client goes away.

Speaks vLLM's HTTP dialect on loopback. It exists to see *when* a cancellation arrives, which a real
engine does not tell.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class SlowEngine:
    """Serves completions slowly; ``gone_at`` is when the last client left (perf_counter)."""

    def __init__(self) -> None:
        self.url = ""
        self.streaming = asyncio.Event()
        self.gone = asyncio.Event()
        self.gone_at = 0.0

    def reset(self) -> None:
        """Forget the last request."""
        self.streaming.clear()
        self.gone.clear()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["SlowEngine"]:
        """Listen on a free loopback port until the block ends."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                body = await reader.readexactly(_length(head))
                if b"POST /v1/completions" in head and json.loads(body).get("stream"):
                    await self._stream(reader, writer)
                    return
                _answer(writer, head)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
        )
        leaving = asyncio.create_task(reader.read(1))
        for token in range(500):
            choice = {"index": 0, "text": " x", "finish_reason": None}
            chunk = {"id": "slow", "object": "text_completion", "choices": [choice]}
            writer.write(f"data: {json.dumps(chunk)}\n\n".encode())
            if token == 0:
                self.streaming.set()
            done, _ = await asyncio.wait({leaving}, timeout=0.02)
            if done:
                self.gone_at = time.perf_counter()
                self.gone.set()
                return


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


def _answer(writer: asyncio.StreamWriter, head: bytes) -> None:
    body: dict[str, object] = {}
    if b"/v1/models" in head:
        body = {"object": "list", "data": [{"id": "base", "object": "model"}]}
    elif b"POST /v1/completions" in head:
        choice = {"index": 0, "text": "x", "finish_reason": "length"}
        body = {"id": "slow", "object": "text_completion", "choices": [choice]}
    data = json.dumps(body).encode()
    writer.write(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
        + str(len(data)).encode()
        + b"\r\n\r\n"
        + data
    )
