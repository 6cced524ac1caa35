"""The HTTP side of the embedded engine: the routes of vLLM's dialect that the gateway uses.

``/health``, ``/v1/models``, ``/v1/load_lora_adapter``, ``/v1/unload_lora_adapter`` and
``/v1/completions``. Every route but the health check asks for the key that the gateway gave the
process. Knows nothing of FIM, owners or versions.
"""

import hmac
import json
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from penchant_core import log
from penchant_core.copying import Nearby
from penchant_core.errors import EngineError, PenchantError
from penchant_server.embedded.generation import Order, Piece
from penchant_server.embedded.loading import Loaded
from penchant_server.embedded.worker import Worker
from penchant_server.sse import DONE, SseResponse, until_disconnect


class _CopyFrom(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    prefix: str
    texts: list[str] = []


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    model: str
    prompt: str | list[int]
    max_tokens: int = Field(default=16, ge=1)
    n: int = Field(default=1, ge=1, le=8)
    temperature: float = Field(default=1.0, ge=0.0)
    top_p: float = Field(default=1.0, gt=0.0, le=1.0)
    seed: int | None = None
    stop: list[str] | str | None = None
    stop_token_ids: list[int] = []
    logprobs: int | None = None
    stream: bool = False
    copy_from: _CopyFrom | None = None


@dataclass(slots=True)
class Engine:
    """What the routes work on: the loaded model, its worker, and the adapters by name."""

    loaded: Loaded
    worker: Worker
    name: str
    key: str
    paths: dict[str, Path] = field(default_factory=dict)


def create_app(engine: Engine) -> Starlette:
    """Return the engine's ASGI application."""
    routes = [
        Route("/health", _health),
        Route("/v1/models", _models),
        Route("/v1/load_lora_adapter", _load, methods=["POST"]),
        Route("/v1/unload_lora_adapter", _unload, methods=["POST"]),
        Route("/v1/completions", _completions, methods=["POST"]),
    ]
    handlers: dict[Any, Any] = {HTTPException: _refused, Exception: _failed}
    app = Starlette(routes=routes, exception_handlers=handlers)
    app.state.engine = engine
    return app


def _engine(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if engine.key and not hmac.compare_digest(given.encode(), engine.key.encode()):
        raise HTTPException(401, "the engine's key is missing or wrong")
    return engine


def _error(status: int, message: str) -> Response:
    body = {"error": {"message": message, "type": "engine_error", "code": status}}
    return JSONResponse(body, status)


async def _refused(_request: Request, error: HTTPException) -> Response:
    return _error(error.status_code, error.detail)


async def _failed(_request: Request, error: Exception) -> Response:
    log.failure("engine_request_failed", error)
    return _error(500, f"the engine failed ({type(error).__name__})")


async def _json(request: Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError as error:
        raise HTTPException(400, "the body is not JSON") from error
    if not isinstance(body, dict):
        raise HTTPException(400, "the body is not a JSON object")
    return body


async def _health(request: Request) -> Response:
    engine: Engine = request.app.state.engine
    return JSONResponse({"device": engine.loaded.device, "dtype": engine.loaded.dtype})


async def _models(request: Request) -> Response:
    engine = _engine(request)
    base = {
        "id": engine.name,
        "object": "model",
        "parent": None,
        "max_model_len": engine.loaded.max_model_len,
    }
    adapters = [
        {"id": name, "object": "model", "root": str(path), "parent": engine.name}
        for name, path in engine.paths.items()
    ]
    return JSONResponse({"object": "list", "data": [base, *adapters]})


async def _load(request: Request) -> Response:
    engine = _engine(request)
    body = await _json(request)
    name, path = str(body.get("lora_name") or ""), Path(str(body.get("lora_path") or ""))
    if not name or not path.is_absolute():
        raise HTTPException(400, "lora_name and an absolute lora_path must be given")
    if name in engine.paths or name == engine.name:
        raise HTTPException(400, f"the adapter {name!r} has already been loaded")
    try:
        await engine.worker.call(lambda generator: generator.rack.load(name, path))
    except PenchantError as error:
        raise HTTPException(400, str(error)) from error
    engine.paths[name] = path
    return Response("loaded", 200)


async def _unload(request: Request) -> Response:
    engine = _engine(request)
    name = str((await _json(request)).get("lora_name") or "")
    if engine.paths.pop(name, None) is None:
        raise HTTPException(404, f"the adapter {name!r} is not loaded")

    def action(generator: Any) -> None:
        generator.rack.unload(name)
        generator.cache.forget(name)

    await engine.worker.call(action)
    return Response("unloaded", 200)


async def _completions(request: Request) -> Response:
    engine = _engine(request)
    try:
        body = _Body.model_validate(await _json(request))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise HTTPException(400, f"{place}: {first['msg']}") from error
    order = _order(engine, body)
    pieces = engine.worker.generate(order)
    answer = _Answer(body.model, len(order.prompt_ids))
    if body.stream:
        return SseResponse(_events(pieces, answer))
    try:
        return JSONResponse(await until_disconnect(request, _whole(pieces, answer, order.n)))
    except ClientDisconnect:
        return Response(status_code=499)
    except EngineError as error:
        raise HTTPException(503, str(error)) from error
    except KeyError as error:
        raise HTTPException(404, "the adapter was unloaded") from error


def _order(engine: Engine, body: _Body) -> Order:
    if body.model != engine.name and body.model not in engine.paths:
        raise HTTPException(404, "the model does not exist")
    if body.n > 1 and body.temperature == 0:
        raise HTTPException(400, "n must be 1 when the temperature is 0")
    ids, limit = _prompt_ids(engine, body.prompt), engine.loaded.max_model_len
    if not ids or len(ids) + body.max_tokens > limit:
        raise HTTPException(
            400,
            f"the maximum context length is {limit} tokens, but the prompt has {len(ids)} "
            f"and {body.max_tokens} more were asked for",
        )
    stops = [body.stop] if isinstance(body.stop, str) else body.stop or []
    return Order(
        ids,
        adapter=None if body.model == engine.name else body.model,
        max_tokens=body.max_tokens,
        n=body.n,
        temperature=body.temperature,
        top_p=body.top_p,
        seed=body.seed,
        stops=tuple(stops),
        stop_ids=frozenset(body.stop_token_ids),
        logprobs=body.logprobs is not None,
        nearby=_nearby(body.copy_from, one_line="\n" in stops),
    )


def _nearby(given: _CopyFrom | None, *, one_line: bool) -> Nearby | None:
    return Nearby(given.prefix, tuple(given.texts), one_line) if given else None


def _prompt_ids(engine: Engine, prompt: str | list[int]) -> list[int]:
    if isinstance(prompt, str):
        return list(engine.loaded.tokenizer.encode(prompt).ids)
    size = engine.loaded.vocabulary
    if not all(0 <= number < size for number in prompt):
        raise HTTPException(400, "the prompt holds numbers that are no token ids")
    return prompt


class _Answer:
    """Builds the JSON of one answer and counts its tokens."""

    def __init__(self, model: str, prompt_tokens: int) -> None:
        self._id = f"cmpl-{uuid.uuid4().hex}"
        self._created = int(time.time())
        self._model = model
        self._prompt_tokens = prompt_tokens
        self._generated: dict[int, int] = {}

    def count(self, piece: Piece) -> None:
        self._generated[piece.index] = piece.generated

    def body(self, choices: list[dict[str, Any]], *, usage: bool) -> dict[str, Any]:
        made = sum(self._generated.values())
        total = {
            "prompt_tokens": self._prompt_tokens,
            "completion_tokens": made,
            "total_tokens": self._prompt_tokens + made,
        }
        return {
            "id": self._id,
            "object": "text_completion",
            "created": self._created,
            "model": self._model,
            "choices": choices,
            "usage": total if usage else None,
        }


def _choice(piece: Piece) -> dict[str, Any]:
    logprobs = {"tokens": list(piece.tokens), "token_logprobs": list(piece.logprobs)}
    return {
        "index": piece.index,
        "text": piece.text,
        "finish_reason": piece.finish,
        "logprobs": logprobs if piece.tokens else None,
    }


async def _events(pieces: AsyncGenerator[Piece, None], answer: _Answer) -> AsyncIterator[str]:
    try:
        async for piece in pieces:
            answer.count(piece)
            yield json.dumps(answer.body([_choice(piece)], usage=False))
    except (PenchantError, KeyError) as error:
        log.failure("engine_stream_failed", error)
        yield json.dumps({"error": {"message": "the engine failed", "code": 503}})
        return
    finally:
        await pieces.aclose()
    yield json.dumps(answer.body([], usage=True))
    yield DONE


async def _whole(pieces: AsyncGenerator[Piece, None], answer: _Answer, n: int) -> dict[str, Any]:
    choices = [{"index": i, "text": "", "finish_reason": None, "logprobs": None} for i in range(n)]
    try:
        async for piece in pieces:
            answer.count(piece)
            _append(choices[piece.index], piece)
    finally:
        await pieces.aclose()
    return answer.body(choices, usage=True)


def _append(choice: dict[str, Any], piece: Piece) -> None:
    choice["text"] += piece.text
    choice["finish_reason"] = piece.finish or choice["finish_reason"]
    if piece.tokens:
        kept = choice["logprobs"] or {"tokens": [], "token_logprobs": []}
        kept["tokens"] += piece.tokens
        kept["token_logprobs"] += piece.logprobs
        choice["logprobs"] = kept
