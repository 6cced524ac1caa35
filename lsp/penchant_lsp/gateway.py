"""The client of the gateway: asks for completions, with a deadline and a circuit breaker.

Cancelling the task that awaits ``complete`` closes the HTTP stream, which is how the engine learns
to stop. Raises GatewayError subclasses and nothing else; the editor's side turns them into "no
suggestion". httpx is imported on first use. Knows nothing of documents.
"""

import asyncio
import contextlib
import importlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from penchant_core.errors import (
    GatewayError,
    GatewayRefused,
    GatewayTimeout,
    GatewayUnavailable,
)
from penchant_core.show_filter.certainty import certainty
from penchant_core.signals import Candidate
from penchant_lsp.breaker import Breaker
from penchant_lsp.sse import DONE, EventStream

if TYPE_CHECKING:
    import httpx

    from penchant_core.wire import CompletionRequest, CompletionResponse, ServedBy

STATUS_TIMEOUT_S = 1.0
CONNECT_TIMEOUT_S = 1.0
DRAIN_S = 0.02
KEPT_S = 3.0
"""How long an idle connection is kept: the gateway closes one after five seconds, and a request
that meets that moment would be lost."""
MOST_WORDS = 300

Early = Callable[[str], bool]


@dataclass(slots=True)
class Answer:
    """What came back: the candidates in the order of their index, and who served them.

    ``late``: the deadline came first, so that some may be unfinished.
    """

    candidates: list[Candidate]
    served_by: "ServedBy | None" = None
    late: bool = False


@dataclass(slots=True)
class _Choice:
    text: list[str] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    finish_reason: str | None = None

    @property
    def so_far(self) -> str:
        return "".join(self.text)

    def candidate(self) -> Candidate:
        total = sum(self.logprobs) if self.logprobs else None
        told = len(self.tokens) == len(self.logprobs)
        sure = certainty(zip(self.tokens, self.logprobs, strict=False)) if told else ()
        return Candidate(self.so_far, total, self.finish_reason, sure)


class Gateway:
    """One gateway, at ``address``. ``breaker`` is public so that status can tell its state."""

    def __init__(self, address: str, *, deadline_ms: int) -> None:
        self.address = address
        self.deadline_s = deadline_ms / 1000
        self.breaker = Breaker(time.monotonic)
        self._client: httpx.AsyncClient | None = None
        self._ending: set[asyncio.Task[None]] = set()

    def warm(self) -> None:
        """Import and build what the first request needs (a third of a second); for any thread."""
        import penchant_core.wire

        _ = penchant_core.wire
        self._http()
        with contextlib.suppress(ImportError):  # httpx imports it on its first connection
            importlib.import_module("anyio._backends._asyncio")

    async def complete(self, request: "CompletionRequest", enough: Early) -> Answer:
        """Return the candidates for ``request``.

        ``enough`` is asked with the text so far of each candidate; when all are enough the stream
        is closed early. At the deadline, what has arrived is returned if it is anything. Raises
        GatewayUnavailable, GatewayTimeout, GatewayRefused or GatewayError.
        """
        if not self.breaker.enter():
            raise GatewayUnavailable("the gateway did not answer a moment ago; `penchant up`")
        choices = {index: _Choice() for index in range(request.n)}
        answer = Answer([])
        try:
            async with asyncio.timeout(self.deadline_s):
                await self._stream(request, choices, answer, enough)
        except TimeoutError as error:
            if not any(choice.so_far.strip() for choice in choices.values()):
                self.breaker.failed()
                raise GatewayTimeout("the gateway was too slow; see `penchant doctor`") from error
            answer.late = True
        except GatewayRefused as error:
            if error.status >= 500:
                self.breaker.failed()
            raise
        except GatewayError:
            self.breaker.failed()
            raise
        self.breaker.succeeded()
        answer.candidates = [choices[index].candidate() for index in sorted(choices)]
        return answer

    async def get(
        self, path: str, *, timeout_s: float = STATUS_TIMEOUT_S, **query: str
    ) -> dict[str, Any]:
        """Return the JSON object at ``path``; raise a GatewayError subclass."""
        return await self._ask("GET", path, timeout_s, params=query)

    async def post(self, path: str, *, timeout_s: float) -> dict[str, Any]:
        """Have the gateway do what ``path`` names, and return its JSON object.

        Raises GatewayRefused with the gateway's own reason, or another GatewayError subclass.
        """
        return await self._ask("POST", path, timeout_s)

    async def _ask(self, method: str, path: str, timeout_s: float, **given: Any) -> dict[str, Any]:
        import httpx

        try:
            response = await self._http().request(
                method, self.address + path, timeout=timeout_s, **given
            )
        except httpx.ReadTimeout as error:
            raise GatewayTimeout("the gateway was too slow; see `penchant doctor`") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise GatewayUnavailable("nobody answers; start it with `penchant up`") from error
        try:
            found = response.json()
        except ValueError as error:
            if response.is_success:
                raise GatewayError("the gateway answers nonsense; restart it") from error
            found = None
        if response.is_success:
            return found if isinstance(found, dict) else {}
        raise GatewayRefused(_refusal(found) or f"{path} is refused", response.status_code)

    async def close(self) -> None:
        """Close every connection."""
        await self._read_to_their_ends()
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _http(self) -> "httpx.AsyncClient":
        if self._client is None:
            import httpx

            timeout = httpx.Timeout(
                self.deadline_s, connect=min(self.deadline_s, CONNECT_TIMEOUT_S)
            )
            limits = httpx.Limits(keepalive_expiry=KEPT_S)
            self._client = httpx.AsyncClient(timeout=timeout, limits=limits, trust_env=False)
        return self._client

    async def _stream(
        self,
        request: "CompletionRequest",
        choices: dict[int, _Choice],
        answer: Answer,
        enough: Early,
    ) -> None:
        import httpx

        headers = {"content-type": "application/json", "accept": "text/event-stream"}
        body = request.model_dump_json(exclude_none=True).encode()
        try:
            await self._read_to_their_ends()
            client, address = self._http(), self.address + "/v1/completions"
            asked = client.build_request("POST", address, content=body, headers=headers)
            response = await client.send(asked, stream=True)
            over = False
            try:
                if response.status_code != httpx.codes.OK:
                    raise GatewayRefused(
                        f"the gateway answers {response.status_code}; see `penchant doctor`",
                        response.status_code,
                    )
                chunks = response.aiter_bytes()
                over = await self._read(response, chunks, choices, answer, enough)
            finally:
                if over:
                    self._read_on(response, chunks)
                else:
                    await response.aclose()
        except httpx.TimeoutException as error:
            raise GatewayTimeout("the gateway was too slow; see `penchant doctor`") from error
        except (httpx.ConnectError, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise GatewayUnavailable("nobody answers; start it with `penchant up`") from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise GatewayError("the connection to the gateway broke; see its log") from error

    async def _read(
        self,
        response: "httpx.Response",
        chunks: AsyncIterator[bytes],
        choices: dict[int, _Choice],
        answer: Answer,
        enough: Early,
    ) -> bool:
        """Take the answer in; return whether the gateway has said all of it."""
        if "event-stream" not in response.headers.get("content-type", ""):
            whole = b"".join([data async for data in chunks])
            _take(_chunk(whole.decode("utf-8", "replace")), choices, answer)
            return True
        events = EventStream()
        async for data in chunks:
            for value in events.feed(data):
                if value == DONE:
                    return True
                _take(_chunk(value), choices, answer)
            if all(choice.finish_reason for choice in choices.values()):
                return True
            if all(choice.finish_reason or enough(choice.so_far) for choice in choices.values()):
                return False
        if not any(choice.finish_reason for choice in choices.values()):
            raise GatewayError("the gateway stopped in the middle of an answer; see its log")
        return True

    def _read_on(self, response: "httpx.Response", chunks: AsyncIterator[bytes]) -> None:
        """Read a finished answer to its very end, so that its connection can be used again.

        Nobody waits for that but the next request, which would need another connection.
        """
        ending = asyncio.ensure_future(_drained(response, chunks))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    async def _read_to_their_ends(self) -> None:
        if self._ending:
            await asyncio.wait(self._ending, timeout=DRAIN_S)


async def _drained(response: "httpx.Response", chunks: AsyncIterator[bytes]) -> None:
    import httpx

    try:
        with contextlib.suppress(TimeoutError, httpx.HTTPError, httpx.StreamError):
            async with asyncio.timeout(DRAIN_S):
                async for _ in chunks:
                    pass
    finally:
        await response.aclose()


def _chunk(data: str) -> "CompletionResponse":
    from pydantic import ValidationError

    from penchant_core.wire import CompletionResponse

    try:
        return CompletionResponse.model_validate_json(data)
    except (ValueError, ValidationError, RecursionError) as error:
        raise GatewayError("the gateway answers nonsense; restart it") from error


def _take(chunk: "CompletionResponse", choices: dict[int, _Choice], answer: Answer) -> None:
    answer.served_by = chunk.penchant or answer.served_by
    for part in chunk.choices:
        choice = choices.get(part.index)
        if choice is None:
            continue
        choice.text.append(part.text)
        choice.finish_reason = part.finish_reason or choice.finish_reason
        if part.logprobs is not None:
            choice.logprobs += [each for each in part.logprobs.token_logprobs if each is not None]
            choice.tokens += part.logprobs.tokens


def _refusal(found: object) -> str:
    """Return the message of an error answer, "" where there is none."""
    error = found.get("error") if isinstance(found, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    return message[:MOST_WORDS] if isinstance(message, str) else ""
