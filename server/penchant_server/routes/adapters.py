"""``/v1/adapters``: what is published, and publish, promote, roll back."""

import asyncio
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from pydantic import Field

from penchant_core.adapters import LivePointer, Version
from penchant_core.wire import Wire
from penchant_server.publishing import publish_directory
from penchant_server.routes import TheGateway

router = APIRouter(prefix="/v1/adapters")


class PublishRequest(Wire):
    """A directory on this machine that holds an adapter in PEFT's layout."""

    path: str = Field(max_length=4096)


@router.get("")
async def owners(gateway: TheGateway) -> dict[str, Any]:
    """List every owner with its live version."""
    found = await asyncio.to_thread(gateway.store.owners)
    live = {owner: name for name, owner in gateway.reconciler.live().items()}
    data = [
        {"owner": owner, "live": gateway.store.pointer(owner).version, "serving": live.get(owner)}
        for owner in found
    ]
    return {"object": "list", "data": data}


@router.get("/{scope}/{name}")
async def owner(scope: str, name: str, gateway: TheGateway) -> dict[str, Any]:
    """Show an owner's versions with their cards, without the ids of signals."""
    who = f"{scope}/{name}"
    versions = await asyncio.to_thread(gateway.store.versions, who)
    pointer, trial = gateway.store.pointer(who), gateway.store.trial(who)
    told = {"owner": who, "live": _pointer(pointer), "versions": [_version(v) for v in versions]}
    return told | {"trial": trial.model_dump() if trial else None}


@router.post("/{scope}/{name}/{version}/promote")
async def promote(scope: str, name: str, version: str, gateway: TheGateway) -> dict[str, Any]:
    """Load and try a version, then make it live; nothing changes when it fails."""
    pointer = await gateway.reconciler.promote(f"{scope}/{name}", version)
    return {"owner": f"{scope}/{name}", "live": _pointer(pointer)}


@router.post("/{scope}/{name}/rollback")
async def rollback(scope: str, name: str, gateway: TheGateway) -> dict[str, Any]:
    """End the trial of a new version, else make live what was live before."""
    pointer, reason = await gateway.reconciler.roll_back(f"{scope}/{name}")
    return {"owner": f"{scope}/{name}", "live": _pointer(pointer), "reason": reason or None}


@router.post("/{scope}/{name}/publish", status_code=201)
async def publish(
    scope: str, name: str, body: PublishRequest, gateway: TheGateway
) -> dict[str, Any]:
    """Publish an adapter from a directory of this user; it does not go live by it."""
    version = await asyncio.to_thread(
        publish_directory, gateway.store, gateway.base, f"{scope}/{name}", Path(body.path)
    )
    return _version(version)


def _pointer(pointer: LivePointer) -> dict[str, Any]:
    return pointer.model_dump()


def _version(version: Version) -> dict[str, Any]:
    card = version.card.model_dump(exclude={"signal_ids"})
    withdrawn = version.tombstone.model_dump() if version.tombstone else None
    return {**card, "engine_name": version.engine_name, "withdrawn": withdrawn}
