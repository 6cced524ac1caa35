"""One completion, from the checked request to the checked answer.

Asks the targets of the router in turn: an adapter that the engine refuses or lost costs a second
try, never the completion.
Knows nothing of HTTP responses.
"""

import time
import uuid
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from penchant_core import log
from penchant_core.errors import EngineError
from penchant_core.wire import CompletionRequest, CompletionResponse
from penchant_server.engine_client import EngineRefused, EngineUnavailable
from penchant_server.loader import Loader
from penchant_server.metrics import Metrics
from penchant_server.prompt import PromptBuilder
from penchant_server.reconciler import Reconciler
from penchant_server.router import Router, Target

_UNKNOWN = 404

Answers = AsyncGenerator[CompletionResponse, None]


class Completer:
    """Answers completion requests with whatever the router offers."""

    def __init__(
        self,
        *,
        router: Router,
        loader: Loader,
        reconciler: Reconciler,
        prompts: PromptBuilder,
        metrics: Metrics,
    ) -> None:
        self._router = router
        self._loader = loader
        self._reconciler = reconciler
        self._prompts = prompts
        self._metrics = metrics
        self._asked_at: float | None = None

    @property
    def idle_s(self) -> float | None:
        """Seconds since a completion was last asked for; None before the first."""
        return None if self._asked_at is None else time.monotonic() - self._asked_at

    async def whole(self, request: CompletionRequest) -> CompletionResponse:
        """Return the answer in one piece; raise EngineError when no target gives one."""
        began = time.perf_counter()
        found = None
        async with aclosing(self._attempts(request)) as answers:
            async for answer in answers:
                found = answer
        if found is None:
            raise EngineError("the engine gave no answer; try again")
        self._metrics.answered(time.perf_counter() - began)
        return found

    async def stream(self, request: CompletionRequest) -> Answers:
        """Yield the chunks of the answer; EngineError may come before or amid them."""
        began = time.perf_counter()
        first = True
        async with aclosing(self._attempts(request)) as chunks:
            async for chunk in chunks:
                if first:
                    self._metrics.first_text(time.perf_counter() - began)
                    first = False
                yield chunk
        self._metrics.answered(time.perf_counter() - began)

    async def _attempts(self, request: CompletionRequest) -> Answers:
        self._asked_at = time.monotonic()
        self._ready()
        reason = ""
        asked = request.penchant
        targets = self._router.line(request.model, asked.developer, asked.path)
        for place, target in enumerate(targets):
            begun = False
            try:
                async with aclosing(self._ask(request, target.after(reason))) as chunks:
                    async for chunk in chunks:
                        begun = True
                        yield chunk
                self._metrics.served(target.kind)
                return
            except EngineRefused as error:
                reason = self._gave_up(target, error)
                if begun or place == len(targets) - 1:
                    raise

    def _ready(self) -> None:
        self._loader.engine()
        if not self._loader.current:
            raise EngineUnavailable("the engine has just started; try again in a moment")

    def _gave_up(self, target: Target, error: EngineRefused) -> str:
        if error.status == _UNKNOWN:
            self._reconciler.forget(target.engine_model)
            reason = f"the engine lost {target.engine_model}; it is being loaded again"
        else:
            reason = f"the engine failed with {target.engine_model} (status {error.status})"
        log.event("target_failed", adapter=target.engine_model, status=error.status)
        self._metrics.fell_back()
        return reason

    async def _ask(self, request: CompletionRequest, target: Target) -> Answers:
        with self._loader.use(target.engine_model):
            async with aclosing(self._send(request, target)) as answers:
                async for answer in answers:
                    yield answer

    async def _send(self, request: CompletionRequest, target: Target) -> Answers:
        engine = self._loader.engine()
        body = self._prompts.body(
            request, model=target.engine_model, max_model_len=self._loader.max_model_len
        )
        told = {
            "id": f"cmpl-{uuid.uuid4().hex}",
            "created": int(time.time()),
            "model": _public_name(target),
            "penchant": target.served_by,
        }
        if not request.stream:
            answer = await engine.complete(body)
            self._metrics.generated(answer.usage)
            yield _told(answer, told)
            return
        async with aclosing(engine.stream(body)) as chunks:
            async for chunk in chunks:
                self._metrics.generated(chunk.usage)
                if chunk.choices:
                    yield _told(chunk, told)


def _told(answer: CompletionResponse, about: Mapping[str, Any]) -> CompletionResponse:
    """Put what a client is told in place of what the engine says; nobody else has the answer."""
    for name, value in about.items():
        setattr(answer, name, value)
    return answer


def _public_name(target: Target) -> str:
    return target.engine_model if target.served_by.adapter else target.served_by.base_model
