"""Doors to one engine, one per peer: each counts what its peer asks of the engine.

Penchant's gateway goes through an open door that passes its requests on as they are; the other
peers through doors that speak their dialect (``bench/dialects.py``). Every door streams from the
engine, counts requests and generated tokens, and closes the engine's stream as soon as its peer
leaves. Listens on loopback only; whatever else a peer sends (telemetry) is counted and thrown away.
"""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bench.dialects import Asked, from_refact, from_tabby
from penchant_core.models import BaseModel
from penchant_server.sse import DONE, SseResponse, until_disconnect

SILENCE_S = 0.05


@dataclass(slots=True)
class Meter:
    """What one peer asked of the engine, and what it got."""

    requests: int = 0
    tokens: int = 0
    left: int = 0
    telemetry: int = 0
    open: int = 0

    def copy(self) -> "Meter":
        """Return the counts as they are now."""
        return Meter(self.requests, self.tokens, self.left, self.telemetry)


class Door:
    """One peer's entrance to the engine at ``engine_url``."""

    def __init__(self, engine_url: str, http: httpx.AsyncClient, model: str) -> None:
        self.meter = Meter()
        self.url = ""
        self._engine = engine_url
        self._http = http
        self._model = model

    def routes(self) -> list[Route]:
        """Return the routes of the engine's own dialect."""
        return [
            Route("/v1/completions", self._pass_on, methods=["POST"]),
            Route("/{path:path}", self._relay, methods=["GET", "POST"]),
        ]

    async def chunks(self, body: Mapping[str, Any]) -> AsyncGenerator[str, None]:
        """Yield the data of the engine's events; leaving the iteration closes its stream."""
        meter = self.meter
        meter.requests += 1
        meter.open += 1
        ended = False
        try:
            url = f"{self._engine}/v1/completions"
            async with self._http.stream("POST", url, json=body) as answer:
                answer.raise_for_status()
                async for line in answer.aiter_lines():
                    if line.startswith("data: "):
                        data = line.removeprefix("data: ")
                        ended = ended or data == DONE
                        meter.tokens += generated(data)
                        yield data
        finally:
            meter.open -= 1
            meter.left += not ended

    async def text(self, asked: Asked, base: BaseModel) -> tuple[str, str]:
        """Return the whole answer and why it ended."""
        pieces, reason = [], "length"
        order = asked.order(base.renderer, self._model)
        async with aclosing(self.chunks(order)) as chunks:
            async for data in chunks:
                for choice in _choices(data):
                    pieces.append(choice["text"])
                    reason = choice["finish_reason"] or reason
        return "".join(pieces), reason

    async def _pass_on(self, request: Request) -> Response:
        body = await request.json()
        if body.get("stream"):
            return SseResponse(self.chunks(body))
        return await self._relay(request)

    async def _relay(self, request: Request) -> Response:
        answer = await self._http.request(
            request.method, f"{self._engine}{request.url.path}", content=await request.body()
        )
        kind = answer.headers.get("content-type")
        return Response(answer.content, answer.status_code, media_type=kind)


class TabbyDoor(Door):
    """Speaks to Tabby's agent as a Tabby server does."""

    def __init__(self, url: str, http: httpx.AsyncClient, model: str, base: BaseModel) -> None:
        super().__init__(url, http, model)
        self._base = base
        self._tokens = (base.directory / "tokenizer.json").read_bytes()

    def routes(self) -> list[Route]:
        return [
            Route("/v1/health", self._health, methods=["GET", "POST"]),
            Route("/v1/completions", self._complete, methods=["POST"]),
            Route("/{path:path}", self._sink, methods=["GET", "POST"]),
        ]

    async def _health(self, _: Request) -> Response:
        about = {"git_describe": "v0.11.0", "git_sha": "", "build_date": "", "build_timestamp": ""}
        return JSONResponse({"model": self._model, "device": "cpu", "version": about})

    async def _complete(self, request: Request) -> Response:
        asked = from_tabby(await request.json())
        text, _ = await until_disconnect(request, self.text(asked, self._base))
        number = self.meter.requests
        return JSONResponse({"id": f"cmpl-{number}", "choices": [{"index": 0, "text": text}]})

    async def _sink(self, request: Request) -> Response:
        self.meter.telemetry += request.method == "POST"
        return Response(status_code=200 if request.method == "POST" else 404)


class RefactDoor(TabbyDoor):
    """Speaks to refact-lsp as an OpenAI endpoint does, and hands it the model's tokenizer."""

    root = ""
    """The workspace, which its paths are made relative to."""

    def routes(self) -> list[Route]:
        return [
            Route("/v1/completions", self._complete, methods=["POST"]),
            Route("/tokenizer/{path:path}", self._tokenizer),
            Route("/{path:path}", self._sink, methods=["GET", "POST"]),
        ]

    async def _complete(self, request: Request) -> Response:
        body = await request.json()
        asked = from_refact(body, self._base.renderer, self.root)
        text, reason = await until_disconnect(request, self.text(asked, self._base))
        choice = {"index": 0, "text": text, "finish_reason": reason}
        number = self.meter.requests
        return JSONResponse({"id": f"cmpl-{number}", "model": body["model"], "choices": [choice]})

    async def _tokenizer(self, _: Request) -> Response:
        return Response(self._tokens, media_type="application/json")


def generated(data: str) -> int:
    """Return how many tokens one event of the engine carries."""
    count = 0
    for choice in _choices(data):
        named = choice.get("logprobs")
        count += len(named["tokens"]) if named else bool(choice["text"])
    return count


def _choices(data: str) -> list[dict[str, Any]]:
    return [] if data == DONE else list(json.loads(data).get("choices") or [])


@asynccontextmanager
async def doors(engine_url: str, base: BaseModel) -> AsyncIterator[dict[str, Door]]:
    """Serve a door for each of ``penchant``, ``tabby`` and ``refact`` until the block ends."""
    limits = httpx.Timeout(60)
    async with (
        httpx.AsyncClient(trust_env=False, timeout=limits) as http,
        AsyncExitStack() as stack,
    ):
        listed = (await http.get(f"{engine_url}/v1/models")).json()
        model = listed["data"][0]["id"]
        found: dict[str, Door] = {
            "penchant": Door(engine_url, http, model),
            "tabby": TabbyDoor(engine_url, http, model, base),
            "refact": RefactDoor(engine_url, http, model, base),
        }
        for door in found.values():
            await stack.enter_async_context(_served(door))
        yield found


async def _gone(_: Request, __: Exception) -> Response:
    return Response(status_code=499)


class _Server(uvicorn.Server):
    """A server among others in one process: the process keeps its own signal handlers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    def capture_signals(self) -> Any:
        return nullcontext()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@asynccontextmanager
async def _served(door: Door) -> AsyncIterator[None]:
    listener = socket.create_server(("127.0.0.1", 0))
    door.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = Starlette(routes=door.routes(), exception_handlers={ClientDisconnect: _gone})
    config = uvicorn.Config(
        app, log_config=None, lifespan="off", access_log=False, timeout_graceful_shutdown=2
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await server.up.wait()
        yield
    finally:
        server.should_exit = True
        await serving


async def quiet(found: Mapping[str, Door]) -> None:
    """Wait until nobody has asked the engine anything for a moment."""
    while True:
        before = sum(door.meter.requests for door in found.values())
        while any(door.meter.open for door in found.values()):  # noqa: ASYNC110 - of all doors
            await asyncio.sleep(0.005)
        await asyncio.sleep(SILENCE_S)
        if before == sum(door.meter.requests for door in found.values()):
            return
