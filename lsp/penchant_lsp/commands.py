"""``workspace/executeCommand``: accepted, status, pause, consent.

Every handler tolerates arguments that do not fit: an editor's key binding may send anything. Ids
carry the session's suffix, because some clients register them globally. Knows nothing of JSON-RPC.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from penchant_core.errors import ConsentError

if TYPE_CHECKING:
    from penchant_lsp.session import Session
    from penchant_lsp.status import Status

Handler = Callable[..., Any] | Callable[..., Awaitable[Any]]

SAMPLE = {
    "completion": {
        "path": "shop/prices.py",
        "language": "python",
        "prefix": "def total(prices):\n    return ",
        "suffix": "\n",
        "candidates": [{"text": "sum(prices)", "logprob": -0.7}],
        "shown": 0,
        "adapter": "dev/you",
        "version": "v0003",
    },
    "outcome": {
        "kind": "accepted_edited",
        "final_text": "sum(price.net for price in prices)",
        "kept": 0.75,
        "probes": [[15, 0.75]],
    },
}
"""An invented signal: what a stored one looks like."""


class Commands:
    """The handlers, by name without prefix and suffix."""

    def __init__(self, session: "Session", status: "Status") -> None:
        self._session = session
        self._status = status

    def handlers(self) -> dict[str, Handler]:
        """Return name → handler."""
        return {
            "accepted": self.accepted,
            "status": self.status,
            "pause": self.pause,
            "consent": self.consent,
        }

    def accepted(self, *arguments: Any) -> None:
        """The editor has inserted a candidate."""
        found = reference(list(arguments))
        parts = self._session.parts
        if parts is None or found is None:
            return
        followed = parts.tracker.following(found[0])
        if followed is not None:
            self._session.accepted += 1
            self._session.foresight.kept(followed)
        parts.tracker.accepted(*found, self._session.clock())
        self._session.settle()
        self._status.changed()

    def status(self, *_: Any) -> dict[str, Any]:
        """Return the current status."""
        return self._status.current()

    def pause(self, *arguments: Any) -> dict[str, Any]:
        """Stop or resume suggestions; without an argument, the other of the two."""
        asked = first_object(arguments).get("paused")
        self._session.paused = asked if isinstance(asked, bool) else not self._session.paused
        self._status.changed()
        return self._status.current()

    async def consent(self, *arguments: Any) -> dict[str, Any]:
        """Show, set or illustrate what may be recorded in this workspace."""
        from penchant_core.consent import Level

        await self._session.ready.wait()
        asked = first_object(arguments)
        action, level = asked.get("action", "get"), asked.get("level")
        if action == "set" and level in set(Level):
            await self._decide(Level(level))
        answer = self._consent()
        if action == "sample":
            answer["sample"] = SAMPLE
        self._status.changed()
        return answer

    async def _decide(self, level: Any) -> None:
        parts = self._session.parts
        if parts is None:
            return
        roots = self._session.folders or [
            root for root in [self._session.last_path] if root is not None
        ]
        for root in roots:
            workspace = parts.permission.workspace(root)
            try:
                await asyncio.to_thread(
                    parts.permission.record.decide, workspace, level, via="editor"
                )
            except ConsentError as error:
                self._session.error = str(error)

    def _consent(self) -> dict[str, Any]:
        from penchant_core.consent import TEXT, TEXT_VERSION, Level

        parts, workspace = self._session.parts, self._status.workspace()
        decision = parts.permission.record.latest(workspace) if parts and workspace else None
        level = parts.permission.level(workspace) if parts and workspace else Level.OFF
        return {
            "level": str(level),
            "asked": decision is not None,
            "workspace": workspace or "",
            "grantedAt": _iso(decision.at) if decision else None,
            "textVersion": decision.text_version if decision else TEXT_VERSION,
            "text": TEXT[str(level)],
        }


def reference(value: object) -> tuple[str, int] | None:
    """Return the ``[completionId, index]`` of a command's arguments, None if they are not that."""
    if isinstance(value, list) and len(value) >= 2:
        completion_id, index = value[0], value[1]
        if isinstance(completion_id, str) and isinstance(index, int):
            return completion_id, index
    return None


def item_reference(params: dict[str, Any]) -> tuple[str, int] | None:
    """Return the reference inside ``{item: {command: {arguments}}}``."""
    item = params.get("item")
    command = item.get("command") if isinstance(item, dict) else None
    return reference(command.get("arguments")) if isinstance(command, dict) else None


def first_object(arguments: tuple[Any, ...]) -> dict[str, Any]:
    """Return a command's first argument if it is an object, else an empty one."""
    return arguments[0] if arguments and isinstance(arguments[0], dict) else {}


def _iso(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
