"""Tiny real HTTP servers that speak vLLM's dialect, well or badly, as a test tells them.

Knows nothing of pytest.
"""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

ANSWER = {
    "id": "cmpl-1",
    "object": "text_completion",
    "created": 1,
    "model": "base",
    "choices": [
        {
            "index": 0,
            "text": "1\n",
            "finish_reason": "stop",
            "logprobs": {"tokens": ["1"], "token_logprobs": [-0.5]},
        }
    ],
    "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
}


@dataclass
class BrokenEngine:
    """What it does; a test changes the fields while it runs."""

    url: str = ""
    healthy: bool = True
    mode: str = "sound"
    fails_only: str = ""
    loaded: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    abandoned: int = 0

    async def health(self, _request: Request) -> Response:
        return Response(status_code=200 if self.healthy else 503)

    async def models(self, _request: Request) -> Response:
        names = [("base", None), *((name, "base") for name in self.loaded)]
        return JSONResponse({"data": [{"id": name, "parent": parent} for name, parent in names]})

    async def load(self, request: Request) -> Response:
        self.loaded.append((await request.json())["lora_name"])
        return Response("ok")

    async def unload(self, request: Request) -> Response:
        name = (await request.json())["lora_name"]
        if name not in self.loaded:
            return JSONResponse({"error": {"message": "unknown"}}, 404)
        self.loaded.remove(name)
        return Response("ok")

    async def complete(self, request: Request) -> Response:
        body = await request.json()
        self.bodies.append(body)
        if body["model"] not in ("base", *self.loaded):
            return JSONResponse({"error": {"message": "unknown model"}}, 404)
        spared = self.fails_only not in ("", body["model"])
        if self.mode == "sound" or spared or body.get("logprobs"):  # so the gateway's trials pass
            return self._sound(body)
        if self.mode == "slow":
            try:
                await self.let_go.wait()
            except asyncio.CancelledError:
                self.abandoned += 1
                raise
            return JSONResponse(ANSWER)
        if self.mode == "error":
            return JSONResponse({"error": {"message": json.dumps(body)}}, 500)
        if self.mode == "breaks off":
            return StreamingResponse(_pieces(json.dumps(ANSWER)), media_type="text/event-stream")
        return Response(GARBAGE[self.mode], media_type="application/json")

    def _sound(self, body: dict[str, Any]) -> Response:
        if body.get("stream"):
            events = _pieces(json.dumps(ANSWER), "[DONE]")
            return StreamingResponse(events, media_type="text/event-stream")
        return JSONResponse(ANSWER)


async def _pieces(*texts: str) -> AsyncIterator[bytes]:
    for text in texts:
        yield f"data: {text}\n\n".encode()


GARBAGE = {
    "html": b"<html>502</html>",
    "empty": b"",
    "list": b"[]",
    "number": b"7",
    "no choices": b'{"id": "x"}',
    "choices are text": b'{"id": "x", "choices": "abc"}',
    "text is a number": b'{"id": "x", "choices": [{"index": 0, "text": 7}]}',
    "nested": b"[" * 100_000,
    "not unicode": b'{"id": "\xff\xfe"}',
}


def listen(port: int = 0) -> socket.socket:
    """Return a listening TCP socket; one that does not name TCP would delay answers by 40 ms."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    return listener


@asynccontextmanager
async def broken_engine(port: int = 0) -> AsyncIterator[BrokenEngine]:
    engine = BrokenEngine()
    routes = [
        Route("/health", engine.health),
        Route("/v1/models", engine.models),
        Route("/v1/load_lora_adapter", engine.load, methods=["POST"]),
        Route("/v1/unload_lora_adapter", engine.unload, methods=["POST"]),
        Route("/v1/completions", engine.complete, methods=["POST"]),
    ]
    listener = listen(port)
    engine.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(Starlette(routes=routes), log_config=None, access_log=False)
    server = uvicorn.Server(config)
    serve = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        yield engine
    finally:
        engine.let_go.set()
        server.should_exit = True
        await serve


async def _serve_for_ever(port: int) -> None:
    async with broken_engine(port):
        await asyncio.Event().wait()


if __name__ == "__main__":  # as a process: any command line with a --port
    asyncio.run(_serve_for_ever(int(sys.argv[sys.argv.index("--port") + 1])))
