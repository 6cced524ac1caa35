"""``/healthz``: this process is alive. ``/readyz``: a completion would be answered."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from penchant_server.error_answers import error_answer
from penchant_server.routes import TheGateway

router = APIRouter()


@router.get("/healthz")
async def alive() -> Response:
    """Say that the process is alive."""
    return JSONResponse({"status": "alive"})


@router.get("/readyz")
async def ready(gateway: TheGateway) -> Response:
    """Say whether the engine answers."""
    if gateway.ready:
        return JSONResponse({"status": "ready"})
    message = f"the engine is {gateway.supervisor.state}; try again in a moment"
    return error_answer(503, message, "engine_unavailable")
