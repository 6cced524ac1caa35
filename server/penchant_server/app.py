"""Builds the gateway's web application.

Routes are thin; what they do lies in the parts of the Gateway. Nothing is served that could show
a developer's text: no access log, no interactive documentation.
"""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from penchant_core import __version__
from penchant_server import error_answers
from penchant_server.gateway import Gateway
from penchant_server.guard import Guard
from penchant_server.routes import (
    adapters,
    completions,
    dashboard,
    health,
    metrics,
    models,
    page,
    status,
)


def create_app(gateway: Gateway) -> FastAPI:
    """Return the ASGI application that serves ``gateway`` and opens and closes it."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await gateway.open()
        try:
            yield
        finally:
            await gateway.close()

    app = FastAPI(
        title="Penchant gateway",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.gateway = gateway
    error_answers.install(app)
    app.state.page_token = secrets.token_urlsafe(32)
    app.add_middleware(Guard, token=app.state.page_token)
    for module in (completions, models, adapters, status, health, metrics, dashboard, page):
        app.include_router(module.router)
    return app
