"""What the dashboard tells of a running gateway: engine, who answers, versions with their cards.

Only the developer whose gateway this is, and the team, are told of. Figures, reasons and habits
come from the cards, which hold no code; what a card says beyond the named fields is left out. Knows
nothing of HTTP.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from penchant_core import __version__
from penchant_core.adapters import AdapterStore, LivePointer, Version
from penchant_core.card import Card, engine_name
from penchant_core.errors import AdapterError
from penchant_server.gateway import Gateway
from penchant_server.progress import training_progress

MOST_VERSIONS = 30
MOST_LINES, MOST_CHARS = 40, 500
_COUNTED = ("train", "held_out", "pairs", "examples")


class _Told(BaseModel):
    """Base of what is told: numbers are finite, keys that are not named are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class EngineTold(_Told):
    """What generates, and why it does not."""

    kind: str
    state: str
    reason: str | None


class ServingTold(_Told):
    """Who would answer now, null for the base model; ``fallback`` says why not somebody better."""

    adapter: str | None
    version: str | None
    fallback: str | None


class Measured(_Told):
    """How one model did on ``n`` held-out events; shares from 0 to 1, ``kl`` in nats per token."""

    n: int = 0
    similarity: float | None = None
    retained_chars: float | None = None
    exact: float | None = None
    parses: float | None = None
    perplexity: float | None = None
    kl: float | None = None


class Habit(_Told):
    """One line of a style card; shares from 0 to 1 of base model, version and developer."""

    words: str
    became: str
    before: float
    after: float
    own: float


class Withdrawn(_Told):
    """When and why a version was withdrawn."""

    at: float
    reason: str


class VersionTold(_Told):
    """One version as its card tells it; ``before`` is what it was compared with at the gate."""

    version: str
    created_at: float
    method: str
    parent: str | None
    rank: int
    run: str
    signals: int
    contributors: int
    data: dict[str, int]
    base: Measured | None
    before: Measured | None
    after: Measured | None
    reasons: list[str]
    sentences: list[str]
    habits: list[Habit]
    withdrawn: Withdrawn | None


class OwnerTold(_Told):
    """One owner's versions, newest first; ``back`` names what rolling back leads to."""

    owner: str
    live: str | None
    since: float
    why: str
    refused: str | None
    can_roll_back: bool
    back: str | None
    versions: list[VersionTold]


class Live(_Told):
    """Everything; ``training`` as the trainer's progress file has it."""

    version: str
    engine: EngineTold
    base_model: str
    serving: ServingTold
    training: dict[str, Any] | None
    adapters: list[OwnerTold]


async def live(gateway: Gateway) -> Live:
    """Return it; the store's cards are read on a thread."""
    settings = gateway.config.settings
    served = gateway.router.line("auto", "")[0].served_by
    owners = [settings.owner, *([settings.team_owner] if settings.team_owner else [])]
    adapters = await asyncio.to_thread(_owners, gateway.store, owners, gateway.reconciler.refused())
    training = training_progress(gateway.config.paths.runs, settings.developer.name)
    return Live(
        version=__version__,
        engine=EngineTold(
            kind=settings.engine.kind,
            state="ready" if gateway.ready else gateway.supervisor.state,
            reason=gateway.supervisor.last_words or None,
        ),
        base_model=gateway.base.name,
        serving=ServingTold(
            adapter=served.adapter, version=served.version, fallback=served.fallback
        ),
        training=training.model_dump() if training else None,
        adapters=adapters,
    )


def _owners(store: AdapterStore, owners: list[str], refused: Mapping[str, str]) -> list[OwnerTold]:
    return [_owner(store, owner, refused) for owner in owners]


def _owner(store: AdapterStore, owner: str, refused: Mapping[str, str]) -> OwnerTold:
    problem = None
    try:
        pointer = store.pointer(owner)
    except AdapterError as error:
        pointer, problem = LivePointer(), str(error)
    versions = store.versions(owner)
    back = _back(pointer, versions)
    if pointer.version:
        problem = refused.get(engine_name(owner, pointer.version))
    return OwnerTold(
        owner=owner,
        live=pointer.version,
        since=pointer.at,
        why=pointer.reason[:MOST_CHARS],
        refused=problem,
        can_roll_back=bool(back),
        back=back[0] if back else None,
        versions=[_version(version) for version in reversed(versions[-MOST_VERSIONS:])],
    )


def _back(pointer: LivePointer, versions: list[Version]) -> list[str | None]:
    """Return what rolling back would try, best first; None stands for the base model."""
    usable = {version.version for version in versions if version.tombstone is None}
    kept = [name for name in pointer.previous if name is None or name in usable]
    while kept and kept[0] == pointer.version:
        kept.pop(0)
    return kept


def _version(version: Version) -> VersionTold:
    card, tombstone = version.card, version.tombstone
    judged = card.evaluation
    return VersionTold(
        version=version.version,
        created_at=card.created_at,
        method=card.method[:MOST_CHARS],
        parent=card.parent,
        rank=card.rank,
        run=card.run[:MOST_CHARS],
        signals=len(card.signal_ids),
        contributors=len(card.contributors),
        data={k: v for k in _COUNTED if isinstance(v := card.data.get(k), int)},
        base=_measured(judged.get("base")),
        before=_measured(judged.get("incumbent")) or _measured(judged.get("base")),
        after=_measured(judged.get("candidate")),
        reasons=_texts(card.reasons),
        sentences=_texts(card.style.get("sentences")),
        habits=_habits(card),
        withdrawn=Withdrawn(at=tombstone.at, reason=tombstone.reason) if tombstone else None,
    )


def _measured(value: object) -> Measured | None:
    """Read one model's figures off a card; a card that says something else says nothing."""
    if not isinstance(value, dict):
        return None
    try:
        return Measured.model_validate(value)
    except ValidationError:
        return None


def _habits(card: Card) -> list[Habit]:
    lines = card.style.get("lines")
    found = []
    for line in lines[:MOST_LINES] if isinstance(lines, list) else []:
        try:
            found.append(Habit.model_validate(line))
        except ValidationError:
            continue
    return found


def _texts(value: object) -> list[str]:
    listed = value[:MOST_LINES] if isinstance(value, list) else []
    return [str(text)[:MOST_CHARS] for text in listed]
