"""``GET /v1/models``: what can be asked for, what is loaded, and what was refused and why."""

from typing import Any

from fastapi import APIRouter

from penchant_core.wire import ModelCard, ModelList
from penchant_server.gateway import Gateway
from penchant_server.routes import TheGateway

router = APIRouter()


@router.get("/v1/models")
async def models(gateway: TheGateway) -> ModelList:
    """List the base model, every adapter on the engine, and every one that should be there."""
    base = gateway.base
    card = ModelCard(
        id=base.name,
        penchant={
            "state": "ready" if gateway.ready else gateway.supervisor.state,
            "base_fingerprint": base.fingerprint,
        },
    )
    return ModelList(data=[card, *_loaded(gateway), *_missing(gateway)])


def _loaded(gateway: Gateway) -> list[ModelCard]:
    live = gateway.reconciler.live()
    tried = gateway.reconciler.trials.names()
    cards = []
    for name, slot in sorted(gateway.loader.slots.items()):
        state = "live" if name in live else "trial" if name in tried else "loaded"
        state = "draining" if slot.draining else state
        version = slot.version
        told = {"state": state, "adapter": version.owner, "version": version.version}
        cards.append(
            ModelCard(
                id=name,
                created=int(version.card.created_at),
                parent=gateway.base.name,
                penchant=told,
            )
        )
    return cards


def _missing(gateway: Gateway) -> list[ModelCard]:
    refused = gateway.reconciler.refused()
    cards = []
    for name, owner in sorted(gateway.reconciler.live().items()):
        if name in gateway.loader.slots:
            continue
        told: dict[str, Any] = {"adapter": owner, "version": name.rsplit("-", 1)[-1]}
        if name in refused:
            told |= {"state": "refused", "reason": refused[name]}
        else:
            told |= {"state": "loading"}
        cards.append(ModelCard(id=name, parent=gateway.base.name, penchant=told))
    return cards
