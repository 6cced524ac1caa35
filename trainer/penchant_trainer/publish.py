"""Brings a candidate into the adapter store and makes it live, or lets it be tried first.

The gateway is asked first, because it loads and tries a version before it moves the live pointer.
Where no gateway answers, the pointer is moved here, and the gateway checks the version when it next
starts. What a gateway has refused does not go live. Knows nothing of training.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import httpx

from penchant_core.adapters import AdapterStore, Version
from penchant_core.card import Card
from penchant_core.config import Config
from penchant_core.errors import AdapterError
from penchant_core.forgetting import loaded_names
from penchant_core.models import BaseModel

TRIAL = "trial"
PROMOTE_TIMEOUT = httpx.Timeout(90.0, connect=2.0)
"""Seconds; loading and trying a version of a large model takes a while."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """Whether a version went live, through whom (``gateway`` or ``store``), or why not.

    One that went on trial is not live yet, through ``trial``.
    """

    live: bool
    through: str
    reason: str = ""


def publish(store: AdapterStore, base: BaseModel, adapter: Path, card: Card) -> Version:
    """Publish the adapter in ``adapter`` under ``card``; return the new version.

    A version that the same run has published before (it was killed right after) is returned as it
    is. Raises AdapterRejected or AdapterMismatch.
    """
    for version in store.versions(card.owner):
        if card.run and version.card.run == card.run and not version.tombstone:
            return version
    with store.staging(card.owner) as staged:
        for path in sorted(adapter.iterdir()):
            shutil.copyfile(path, staged / path.name)
        return store.publish(staged, card, shapes=base.shapes())


def bring_in(config: Config, store: AdapterStore, version: Version, reason: str) -> Promotion:
    """Let a version be tried beside what is live if the settings ask for it, else make it live.

    An engine without a place for both cannot try anything.
    """
    settings = config.settings
    wanted = settings.adapters.trial_suggestions
    places = 3 if settings.team_owner else 2
    if not wanted or settings.engine.max_adapters < places:
        return promote(store, version, settings.gateway.address, reason)
    try:
        store.begin_trial(version.owner, version.version, wanted=wanted, reason=reason)
    except AdapterError as error:
        return Promotion(False, "store", str(error))
    return Promotion(False, TRIAL)


def promote(store: AdapterStore, version: Version, address: str, reason: str) -> Promotion:
    """Make a version live, through the gateway at ``address`` if it answers."""
    if store.pointer(version.owner).version == version.version:
        return Promotion(True, "store")
    url = f"{address}/v1/adapters/{version.owner}/{version.version}/promote"
    try:
        answer = httpx.post(url, json={"reason": reason}, timeout=PROMOTE_TIMEOUT)
    except httpx.TransportError:
        return _directly(store, version, reason)
    if answer.is_success:
        return Promotion(True, "gateway")
    return Promotion(False, "gateway", f"the gateway refused it: {_message(answer)}")


def collect(store: AdapterStore, owner: str, address: str, keep: int) -> list[str]:
    """Remove old versions, none that the gateway has loaded; return those that are gone."""
    loaded = loaded_names(address)
    # Something answers but does not say what it has loaded: then nothing is safe to remove.
    return [] if loaded is None else store.collect(owner, keep=keep, loaded=loaded)


def _directly(store: AdapterStore, version: Version, reason: str) -> Promotion:
    try:
        if store.pointer(version.owner).version != version.version:
            store.promote(version.owner, version.version, reason=reason)
    except AdapterError as error:
        return Promotion(False, "store", str(error))
    return Promotion(True, "store")


def _message(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["error"]["message"])[:300]
    except (ValueError, KeyError, TypeError):
        return f"HTTP {answer.status_code}"
