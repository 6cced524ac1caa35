"""``POST /v1/completions``: OpenAI's completions, streamed or not."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import ExitStack, aclosing

from fastapi import APIRouter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from penchant_core import log
from penchant_core.errors import PenchantError
from penchant_core.wire import CompletionRequest, CompletionResponse
from penchant_server.error_answers import describe, error_text
from penchant_server.gateway import Gateway
from penchant_server.routes import TheGateway
from penchant_server.sse import DONE, SseResponse, until_disconnect

router = APIRouter()


@router.post("/v1/completions")
async def complete(request: Request, body: CompletionRequest, gateway: TheGateway) -> Response:
    """Answer a completion; a client that goes away ends the work within milliseconds."""
    try:
        if body.stream:
            return await _streamed(request, body, gateway)
        with gateway.admission.place():
            answer = await until_disconnect(request, gateway.completer.whole(body))
    except ClientDisconnect:
        gateway.metrics.cancelled()
        raise
    return Response(answer.model_dump_json(), media_type="application/json")


async def _streamed(request: Request, body: CompletionRequest, gateway: Gateway) -> Response:
    """Wait for the first chunk, so that an error still gets a status, then stream the rest."""
    with ExitStack() as held:
        held.enter_context(gateway.admission.place())
        chunks = gateway.completer.stream(body)
        first = await until_disconnect(request, _first(chunks))
        return SseResponse(_events(first, chunks, gateway, held.pop_all()))


async def _first(chunks: AsyncIterator[CompletionResponse]) -> CompletionResponse | None:
    return await anext(chunks, None)


async def _events(
    first: CompletionResponse | None,
    chunks: AsyncGenerator[CompletionResponse, None],
    gateway: Gateway,
    held: ExitStack,
) -> AsyncIterator[str]:
    whole = False
    with held:
        try:
            async with aclosing(chunks):
                if first is not None:
                    yield first.model_dump_json()
                async for chunk in chunks:
                    yield chunk.model_dump_json()
            yield DONE
            whole = True
        except PenchantError as error:
            log.failure("stream_failed", error)
            whole = True
            yield error_text(*describe(error))
        finally:
            if not whole:
                gateway.metrics.cancelled()
