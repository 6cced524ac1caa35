"""What the editor's side view shows, and what it may ask for: versions, roll back, samples.

What is known on this machine is read here, so that it is there without a gateway; the rest is the
gateway's own answer. Every handler tolerates arguments that do not fit. Never holds a developer's
code; a sample is what a model wrote at a neutral place. Knows nothing of how it is drawn.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from penchant_core import log
from penchant_core.errors import GatewayError, GatewayRefused
from penchant_lsp.commands import first_object

if TYPE_CHECKING:
    from penchant_lsp.session import Session
    from penchant_lsp.status import Status

LOOK_TIMEOUT_S = 3.0
SAMPLES_TIMEOUT_S = 60.0
PROMOTE_TIMEOUT_S = 90.0
"""Loading and trying a version of a large model takes a while."""

_OWNER = re.compile(r"(dev|team)/[a-z0-9-]{1,40}")
_VERSION = re.compile(r"v[0-9]{4,9}")

Answer = dict[str, Any]


class Dashboard:
    """The handlers by name."""

    def __init__(self, session: "Session", status: "Status") -> None:
        self._session = session
        self._status = status

    def handlers(self) -> dict[str, Callable[..., Awaitable[Answer]]]:
        """Return name → handler."""
        return {"dashboard": self.dashboard, "adapter": self.adapter, "samples": self.samples}

    async def dashboard(self, *_: Any) -> Answer:
        """Return everything; ``live`` is null, with the reason, where no gateway answers."""
        await self._session.ready.wait()
        parts = self._session.parts
        if parts is None:
            return {"problem": self._session.error or "the settings cannot be used"}
        from penchant_core import dashboard

        found, (live, problem) = await asyncio.gather(
            asyncio.to_thread(dashboard.local, parts.config), self._live()
        )
        return {
            "schema": dashboard.SCHEMA,
            "local": found.model_dump(),
            "live": live,
            "liveProblem": problem,
            "editor": self._editor(),
        }

    async def adapter(self, *arguments: Any) -> Answer:
        """Make a version live, or go back to what was live before."""
        asked = first_object(arguments)
        owner, version = str(asked.get("owner")), str(asked.get("version"))
        if not _OWNER.fullmatch(owner):
            return {"done": False, "why": "say whose version"}
        path = f"/v1/adapters/{owner}"
        if asked.get("action") == "rollback":
            path += "/rollback"
        elif asked.get("action") == "promote" and _VERSION.fullmatch(version):
            path += f"/{version}/promote"
        else:
            return {"done": False, "why": "say which version"}
        found, why = await self._post(path, PROMOTE_TIMEOUT_S)
        await self._status.ask()
        self._status.changed()
        return {"done": found is not None, "why": why or (found or {}).get("reason")}

    async def samples(self, *_: Any) -> Answer:
        """Return what the base model and the live version write at neutral places."""
        found, why = await self._post("/v1/dashboard/samples", SAMPLES_TIMEOUT_S)
        return {"samples": found, "why": why}

    async def _live(self) -> tuple[Any, str | None]:
        parts = self._session.parts
        if parts is None:
            return None, None
        try:
            answer = await parts.gateway.get("/v1/dashboard", timeout_s=LOOK_TIMEOUT_S)
        except GatewayRefused:
            return None, "this gateway is older than the editor's side; restart `penchant up`"
        except GatewayError as error:
            return None, str(error)
        return answer.get("live"), None

    async def _post(self, path: str, timeout_s: float) -> tuple[Answer | None, str | None]:
        parts = self._session.parts
        if parts is None:
            return None, "the settings cannot be used"
        try:
            return await parts.gateway.post(path, timeout_s=timeout_s), None
        except GatewayError as error:
            log.failure("dashboard request failed", error)
            return None, str(error)

    def _editor(self) -> Answer:
        """Return what only this editor knows."""
        status = self._status.current()
        parts, folders = self._session.parts, self._session.folders
        return {
            "address": parts.gateway.address if parts else "",
            "workspace": self._status.workspace() or "",
            "folder": folders[0].name if folders else "",
            "trusted": self._session.trusted,
            **{name: status[name] for name in ("consent", "consentAsked", "paused", "lastError")},
            **{name: status[name] for name in ("recorded", "dropped")},
        }
