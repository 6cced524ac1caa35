"""The gateway's routes, one file per subject; each only translates HTTP to a part's method."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from penchant_server.gateway import Gateway


async def _gateway(request: Request) -> Gateway:  # async: a plain function runs in a thread
    gateway: Gateway = request.app.state.gateway
    return gateway


TheGateway = Annotated[Gateway, Depends(_gateway)]
