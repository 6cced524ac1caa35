"""Decides who answers a request: the developer's adapter, else the team's, else the base model;
in half of the places a version that is on trial before them.

Returns a line of targets, best first, so that an adapter that fails never costs a completion. A
client's model name only selects among what is listed; it never reaches an engine. Knows nothing of
HTTP.
"""

from dataclasses import dataclass, replace

from penchant_core.errors import PenchantError
from penchant_core.models import BaseModel
from penchant_core.paths import slug
from penchant_core.settings import Settings
from penchant_core.wire import ServedBy
from penchant_server.loader import Loader
from penchant_server.reconciler import Reconciler
from penchant_server.window import window

AUTO = "auto"


class UnknownModel(PenchantError):
    """The request names a model that is not listed."""


@dataclass(frozen=True, slots=True)
class Target:
    """One who may answer: the name that the engine knows, and what the client is told."""

    engine_model: str
    served_by: ServedBy
    kind: str

    def after(self, reason: str) -> "Target":
        """Return this target as a second choice because of ``reason``."""
        reasons = [r for r in (self.served_by.fallback, reason) if r]
        told = self.served_by.model_copy(update={"fallback": "; ".join(reasons) or None})
        return replace(self, served_by=told)


class Router:
    """Maps (model, developer) to targets."""

    def __init__(
        self, *, settings: Settings, base: BaseModel, loader: Loader, reconciler: Reconciler
    ) -> None:
        self._settings = settings
        self._base = base
        self._loader = loader
        self._reconciler = reconciler
        self._window = window(settings.engine, base)

    def line(self, model: str, developer: str, path: str | None = None) -> list[Target]:
        """Return who may answer, best first; the base model is always last.

        In the document at ``path`` a version on trial may come before what is live; None asks for
        what is live alone.
        Raises UnknownModel for a name that is not listed, ConfigError for a developer's name that
        is none.
        """
        if model == self._base.name:
            return [self._base_target()]
        if model == AUTO:
            return self._chain(self._owners(developer), path)
        slot = self._loader.slots.get(model)
        if slot is not None and not slot.withdrawn:
            return [self._target(slot.version.owner, slot.version.version), self._base_target()]
        owner = self._reconciler.live().get(model)
        if owner is None:
            raise UnknownModel(
                "this model is not served; use 'auto' or a name that GET /v1/models lists"
            )
        return self._chain([owner], None)

    def _owners(self, developer: str) -> list[str]:
        name = slug(developer) if developer else self._settings.developer.name
        team = self._settings.team_owner
        return [f"dev/{name}", *([team] if team else [])]

    def _chain(self, owners: list[str], path: str | None) -> list[Target]:
        targets: list[Target] = []
        reasons: list[str] = []
        for owner in owners:
            version, reason = self._reconciler.serving(owner)
            tried = None if path is None else self._reconciler.trials.serving(owner, path)
            if tried is not None:
                targets.append(self._target(owner, tried.version))
            if version is not None:
                target = self._target(owner, version.version)
                targets.append(target.after("; ".join(reasons)))
            elif reason:
                reasons.append(reason)
        return [*targets, self._base_target().after("" if targets else "; ".join(reasons))]

    def _target(self, owner: str, version: str) -> Target:
        kind = "personal" if owner.startswith("dev/") else "team"
        name = self._loader.slots[f"{owner.replace('/', '-')}-{version}"].version.engine_name
        return Target(name, self._told(owner, version), kind)

    def _base_target(self) -> Target:
        return Target(self._loader.base_model or "", self._told(None, None), "base")

    def _told(self, adapter: str | None, version: str | None) -> ServedBy:
        return ServedBy(
            adapter=adapter,
            version=version,
            base_model=self._base.name,
            base_fingerprint=self._base.fingerprint,
            window=self._window,
        )
