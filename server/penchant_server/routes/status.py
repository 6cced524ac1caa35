"""``GET /v1/status``: who would answer a developer now, and what the trainer is doing."""

from typing import Any

from fastapi import APIRouter

from penchant_core.paths import slug
from penchant_server.progress import training_progress
from penchant_server.routes import TheGateway

router = APIRouter()


@router.get("/v1/status")
async def status(gateway: TheGateway, developer: str = "") -> dict[str, Any]:
    """Describe the gateway as one developer meets it."""
    settings = gateway.config.settings
    name = slug(developer) if developer else settings.developer.name
    served = gateway.router.line("auto", developer)[0].served_by
    training = training_progress(gateway.config.paths.runs, name)
    return {
        "adapter": served.adapter,
        "version": served.version,
        "fallback": served.fallback,
        "base_model": served.base_model,
        "base_fingerprint": served.base_fingerprint,
        "window": served.window.model_dump() if served.window else None,
        "engine": {
            "kind": settings.engine.kind,
            "state": "ready" if gateway.ready else gateway.supervisor.state,
            "reason": gateway.supervisor.last_words or None,
        },
        "training": training.model_dump() if training else None,
        "idle_s": gateway.completer.idle_s,
    }
