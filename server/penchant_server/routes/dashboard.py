"""``/v1/dashboard``: what the page at ``/`` and the editor's side view show."""

import asyncio
from typing import Any

from fastapi import APIRouter, Response
from starlette.requests import Request

from penchant_core import dashboard as machine
from penchant_server import dashboard as gateways
from penchant_server.guard import TOKEN_HEADER
from penchant_server.routes import TheGateway
from penchant_server.samples import Samples, samples
from penchant_server.sse import until_disconnect

router = APIRouter(prefix="/v1/dashboard")


@router.get("")
async def dashboard(gateway: TheGateway, request: Request, response: Response) -> dict[str, Any]:
    """Tell everything: ``local`` is this machine's, ``live`` the gateway's.

    The header that comes along is what the page must send with whatever changes something.
    """
    local = asyncio.to_thread(machine.local, gateway.config)
    found, running = await asyncio.gather(local, gateways.live(gateway))
    response.headers[TOKEN_HEADER] = request.app.state.page_token
    response.headers["cache-control"] = "no-store"
    return {
        "schema": machine.SCHEMA,
        "local": found.model_dump(),
        "live": running.model_dump(),
    }


@router.post("/samples")
async def before_and_after(gateway: TheGateway, request: Request) -> Samples:
    """Have the base model and the live version write at a few neutral places."""
    with gateway.admission.place():
        return await until_disconnect(request, samples(gateway))
