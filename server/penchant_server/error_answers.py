"""How errors look to a client: OpenAI's error object, what to do next, and none of its input.

Maps the errors that Penchant raises to HTTP statuses; whatever else is raised is a bug, logged
without its text. Knows nothing of the routes.
"""

from collections.abc import Awaitable, Callable
from typing import cast

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from penchant_core import log
from penchant_core.errors import (
    AdapterError,
    AdapterNotFound,
    ConfigError,
    EngineError,
    PenchantError,
)
from penchant_core.wire import ErrorBody, ErrorResponse
from penchant_server.admission import TooBusy
from penchant_server.engine_client import EngineSlow, EngineUnavailable
from penchant_server.prompt import PromptTooLong, TooManyStops
from penchant_server.router import UnknownModel

_Handler = Callable[[Request, Exception], Awaitable[Response]]

# The first class that fits wins: special before general.
_STATUS: tuple[tuple[type[PenchantError], int, str], ...] = (
    (TooBusy, 429, "rate_limit_error"),
    (UnknownModel, 404, "not_found_error"),
    (AdapterNotFound, 404, "not_found_error"),
    (AdapterError, 409, "adapter_error"),
    (EngineUnavailable, 503, "engine_unavailable"),
    (EngineSlow, 504, "engine_timeout"),
    (EngineError, 502, "engine_error"),
    (TooManyStops, 400, "invalid_request_error"),
    (PromptTooLong, 400, "invalid_request_error"),
    (ConfigError, 400, "invalid_request_error"),
    (PenchantError, 500, "internal_error"),
)
_RETRY_S = {429: "1", 503: "1"}


def error_text(status: int, message: str, kind: str = "invalid_request_error") -> str:
    """Return the JSON of an error answer."""
    body = ErrorBody(message=message, type=kind, code=status)
    return ErrorResponse(error=body).model_dump_json()


def error_answer(status: int, message: str, kind: str = "invalid_request_error") -> Response:
    """Return an error answer."""
    headers = {"retry-after": _RETRY_S[status]} if status in _RETRY_S else None
    text = error_text(status, message, kind)
    return Response(text, status, headers, media_type="application/json")


def describe(error: PenchantError) -> tuple[int, str, str]:
    """Return status, message and kind for an error of ours."""
    for cls, status, kind in _STATUS:
        if isinstance(error, cls):
            return status, str(error), kind
    return 500, str(error), "internal_error"


def install(app: FastAPI) -> None:
    """Make ``app`` answer every error in this form."""
    handlers: dict[type[Exception], _Handler] = {
        PenchantError: _ours,
        RequestValidationError: _invalid,
        HTTPException: _http,
        ClientDisconnect: _left,
        Exception: _bug,
    }
    for cls, handler in handlers.items():
        app.add_exception_handler(cls, handler)


async def _ours(request: Request, error: Exception) -> Response:
    status, message, kind = describe(cast(PenchantError, error))
    request.app.state.gateway.metrics.refused(status)
    if status >= 500 and status != 503:
        log.failure("request_failed", error, status=status)
    return error_answer(status, message, kind)


async def _invalid(request: Request, error: Exception) -> Response:
    """Name the field and the rule; the framework's own answer would repeat the input."""
    first = cast(RequestValidationError, error).errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part != "body")
    request.app.state.gateway.metrics.refused(400)
    return error_answer(400, f"{place or 'the body'}: {first['msg']}")


async def _http(_request: Request, error: Exception) -> Response:
    status = cast(HTTPException, error).status_code
    messages = {404: "there is no such route", 405: "this route has another method"}
    return error_answer(status, messages.get(status, "the request was refused"))


async def _left(_request: Request, _error: Exception) -> Response:
    return Response(status_code=499)


async def _bug(_request: Request, error: Exception) -> Response:
    log.failure("request_failed", error, status=500)
    message = "the gateway failed; its log (`penchant doctor` says where) names the place"
    return error_answer(500, message, "internal_error")
