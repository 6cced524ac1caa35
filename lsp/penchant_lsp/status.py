"""What the editor's status bar shows, kept current and pushed when it changes.

Asks the gateway every few seconds which adapter answers and whether a training runs; a gateway that
does not know that route is still "ok". Never holds code. Knows nothing of how it is drawn.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from penchant_core.errors import GatewayError, GatewayRefused

if TYPE_CHECKING:
    from penchant_lsp.inline import Inline
    from penchant_lsp.session import Session

POLL_S = 4.0


class Status:
    """Collects, compares and pushes."""

    def __init__(
        self, session: "Session", inline: "Inline", push: Callable[[dict[str, Any]], None]
    ) -> None:
        self._session = session
        self._inline = inline
        self._push = push
        self._pushed: dict[str, Any] | None = None
        self._told: dict[str, Any] = {}
        self.gateway = "unknown"
        self.training: dict[str, Any] | None = None

    def current(self) -> dict[str, Any]:
        """Return the status object of the contract with the editor."""
        session, parts, served = self._session, self._session.parts, self._inline.served_by
        workspace = self.workspace()
        decision = parts.permission.record.latest(workspace) if parts and workspace else None
        recorder = parts.recorder if parts else None
        last = session.last_completion
        error = session.error or self._inline.error or (recorder.error if recorder else None)
        return {
            "gateway": self.gateway,
            "adapter": served.adapter if served else None,
            "version": served.version if served else None,
            "model": served.base_model if served else "",
            "paused": session.paused,
            "consent": str(parts.permission.level(workspace)) if parts and workspace else "off",
            "consentAsked": decision is not None,
            "shown": session.shown,
            "accepted": session.accepted,
            "open": parts.tracker.open_count if parts else 0,
            "waiting": recorder.waiting if recorder else 0,
            "recorded": recorder.recorded if recorder else 0,
            "dropped": recorder.dropped if recorder else 0,
            "lastError": error,
            "lastCompletion": {"completionId": last[0], "index": last[1]} if last else None,
            "training": self.training,
            "question": session.question is not None,
        }

    def workspace(self) -> str | None:
        """Return the id of the workspace that commands without a document mean."""
        parts, folders = self._session.parts, self._session.folders
        root = folders[0] if folders else self._session.last_path
        return parts.permission.workspace(root) if parts and root else None

    def changed(self) -> None:
        """Push the status if it differs from what was pushed last."""
        current = self.current()
        if current != self._pushed:
            self._pushed = current
            self._push(current)

    async def poll(self) -> None:
        """Ask the gateway now and then, for as long as the session lives."""
        await self._session.ready.wait()
        while True:
            await self.ask()
            self.changed()
            await asyncio.sleep(POLL_S)

    async def ask(self) -> None:
        """Ask the gateway once who answers; a failure only changes ``gateway``."""
        parts = self._session.parts
        if parts is None:
            return
        developer = parts.config.settings.developer.name
        try:
            found = await parts.gateway.get("/v1/status", developer=developer)
        except GatewayRefused:
            self.gateway = "ok"  # it answers, but does not know the route
            return
        except GatewayError:
            self.gateway, self.training = "down", None
            return
        self.gateway = "ok"
        self.training = _training(found.get("training"))
        self._serve(found)

    def _serve(self, found: dict[str, Any]) -> None:
        from penchant_core.wire import ServedBy

        served = self._inline.served_by or ServedBy()
        texts: dict[str, Any] = {
            key: found[key]
            for key in ("adapter", "version", "base_model")
            if key in found and isinstance(found[key], str | None)
        }
        if texts.get("base_model", "") is None:
            del texts["base_model"]
        if texts and texts != self._told:
            self._told = texts
            self._inline.now_served_by(served.model_copy(update=texts))


def _training(value: object) -> dict[str, Any] | None:
    if not isinstance(value, dict) or not isinstance(value.get("phase"), str):
        return None
    progress = value.get("progress")
    share = float(progress) if isinstance(progress, int | float) else 0.0
    waiting = value.get("waiting")
    reason = {"waiting": waiting} if isinstance(waiting, str) and waiting else {}
    return {"phase": value["phase"], "progress": share, **reason}
