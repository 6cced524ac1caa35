"""One HTTP client for every engine: vLLM's dialect, with strict timeouts and no trust in answers.

What arrives is a request with allow-listed fields only; what leaves is a checked answer or an
EngineError that holds no text of the developer. Knows nothing of adapters' owners, FIM or clients.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydantic import ValidationError

from penchant_core.errors import EngineError
from penchant_core.wire import CompletionResponse
from penchant_server.sse import DONE, event_data

TIMEOUT = httpx.Timeout(connect=2.0, read=30.0, write=5.0, pool=2.0)
LOAD_TIMEOUT_S = 120.0
HEALTH_TIMEOUT_S = 5.0
MAX_ANSWER_BYTES = 4_000_000
DRAIN_S = 0.02
KEPT_S = 3.0
"""How long an idle connection is kept: engines close one after five seconds, and a request that
meets that moment would be lost."""
_DONE = DONE.encode()


class EngineUnavailable(EngineError):
    """Nobody answers at the engine's address, or it is busy beyond its queue."""


class EngineSlow(EngineError):
    """The engine did not answer in time."""


class EngineRefused(EngineError):
    """The engine answered with an error; ``status`` is its HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status

    def __reduce__(self) -> tuple[type["EngineRefused"], tuple[str, int]]:
        return (type(self), (str(self), self.status))


@dataclass(frozen=True, slots=True)
class EngineModel:
    """One entry of an engine's model list; ``parent`` is None for a base model.

    ``max_model_len`` counts tokens of prompt and completion, where the engine tells it.
    """

    name: str
    parent: str | None
    max_model_len: int | None = None


def open_client(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """Return the connection pool that all engine clients of a gateway share."""
    limits = httpx.Limits(
        max_connections=128, max_keepalive_connections=32, keepalive_expiry=KEPT_S
    )
    return httpx.AsyncClient(
        timeout=TIMEOUT, trust_env=False, limits=limits, transport=transport, follow_redirects=False
    )


class EngineClient:
    """Talks to the engine at ``url``; ``key`` is sent as its API key."""

    def __init__(self, http: httpx.AsyncClient, url: str, key: str = "") -> None:
        self._http = http
        self.url = url.rstrip("/")
        self._headers = {"authorization": f"Bearer {key}"} if key else {}

    async def healthy(self) -> bool:
        """Tell whether the engine says that it can serve."""
        try:
            answer = await self._http.get(f"{self.url}/health", timeout=HEALTH_TIMEOUT_S)
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.OK

    async def models(self) -> list[EngineModel]:
        """Return what the engine serves; raise EngineError when the answer makes no sense."""
        async with _errors():
            answer = await self._http.get(f"{self.url}/v1/models", headers=self._headers)
        _check(answer.status_code, answer.content)
        try:
            return [
                EngineModel(str(entry["id"]), entry.get("parent"), entry.get("max_model_len"))
                for entry in answer.json()["data"]
            ]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise EngineError("the engine's model list is not readable") from error

    async def load(self, name: str, directory: Path) -> None:
        """Load the adapter in ``directory`` under ``name``; raise EngineError when it fails.

        The path must be absolute: vLLM takes any other for a Hub id.
        """
        if not directory.is_absolute():
            raise EngineError("the adapter's path is not absolute; check adapters.store")
        await self._manage("load_lora_adapter", {"lora_name": name, "lora_path": str(directory)})

    async def unload(self, name: str) -> None:
        """Unload an adapter; one that is not loaded is no error."""
        try:
            await self._manage("unload_lora_adapter", {"lora_name": name})
        except EngineRefused as error:
            if error.status != httpx.codes.NOT_FOUND:
                raise

    async def _manage(self, route: str, body: Mapping[str, str]) -> None:
        async with _errors():
            answer = await self._http.post(
                f"{self.url}/v1/{route}", json=body, headers=self._headers, timeout=LOAD_TIMEOUT_S
            )
        _check(answer.status_code, answer.content, quote=True)

    async def complete(self, body: Mapping[str, Any]) -> CompletionResponse:
        """Return the whole answer to ``body``."""
        async with _errors():
            answer = await self._http.post(
                f"{self.url}/v1/completions", json=body, headers=self._headers
            )
        _check(answer.status_code, answer.content)
        if len(answer.content) > MAX_ANSWER_BYTES:
            raise EngineError("the engine's answer is too large")
        return _completion(answer.content)

    async def stream(self, body: Mapping[str, Any]) -> AsyncGenerator[CompletionResponse, None]:
        """Yield the chunks of the answer; leaving the iteration closes the connection at once."""
        ended = False
        async with (
            _errors(),
            self._http.stream(
                "POST", f"{self.url}/v1/completions", json=body, headers=self._headers
            ) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                _check(answer.status_code, await answer.aread())
            events = event_data(answer.aiter_bytes())
            async for data in events:
                if data == _DONE:
                    ended = True
                    break
                yield _completion(data)
            await _drained(events)
        if not ended:
            raise EngineError("the engine's answer broke off; try again")


async def _drained(events: AsyncIterator[bytes]) -> None:
    """Read a finished answer to its very end: only then can its connection be used again."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            async for _ in events:
                pass


@asynccontextmanager
async def _errors() -> AsyncIterator[None]:
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise EngineUnavailable("the engine does not answer; it may be starting") from error
    except httpx.TimeoutException as error:
        raise EngineSlow("the engine did not answer in time; try again") from error
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise EngineUnavailable("the connection to the engine broke; try again") from error


def _check(status: int, content: bytes, *, quote: bool = False) -> None:
    """Raise what an answer's status means; ``quote`` only where no developer's text was sent."""
    if status == httpx.codes.OK:
        return
    if status == httpx.codes.SERVICE_UNAVAILABLE:
        raise EngineUnavailable("the engine is busy or not ready; try again")
    said = f": {_said(content)}" if quote else ""
    raise EngineRefused(f"the engine refused with status {status}{said}", status)


def _said(content: bytes) -> str:
    try:
        return str(json.loads(content)["error"]["message"])[:300]
    except (ValueError, KeyError, TypeError, RecursionError):
        return "no reason given"


def _completion(content: bytes) -> CompletionResponse:
    try:
        return CompletionResponse.model_validate_json(content)
    except (ValueError, ValidationError, RecursionError) as error:
        if _failed(content):
            raise EngineError("the engine failed while it generated; try again") from None
        raise EngineError("the engine's answer makes no sense; see `penchant doctor`") from error


def _failed(content: bytes) -> bool:
    """Whether an answer is an error object."""
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) and "error" in data


async def wait_until_healthy(client: EngineClient, *, every_s: float = 0.2) -> None:
    """Return as soon as the engine says that it can serve."""
    while not await client.healthy():  # noqa: ASYNC110  # another process: no event to wait for
        await asyncio.sleep(every_s)
