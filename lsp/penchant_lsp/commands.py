"""``workspace/executeCommand``: accepted, status, pause, consent, rate.

Every handler tolerates arguments that do not fit: an editor's key binding may send anything. Ids
carry the session's suffix, because some clients register them globally. Knows nothing of JSON-RPC.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from penchant_core.errors import ConsentError
from penchant_core.signals import Rating

if TYPE_CHECKING:
    from penchant_lsp.session import Session
    from penchant_lsp.status import Status

ANSWER_S = 1.0
REASON_CHARS = 1000

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
            "rate": self.rate,
        }

    def accepted(self, *arguments: Any) -> None:
        """The editor has inserted a candidate."""
        found = reference(list(arguments))
        parts = self._session.parts
        if parts is None or found is None:
            return
        if parts.tracker.following(found[0]) is not None:
            self._session.accepted += 1
        parts.tracker.accepted(*found, self._session.clock())
        self._session.settle()
        self._status.changed()

    def status(self, *_: Any) -> dict[str, Any]:
        """Return the current status."""
        return self._status.current()

    def pause(self, *arguments: Any) -> dict[str, Any]:
        """Stop or resume suggestions; without an argument, the other of the two."""
        asked = _object(arguments).get("paused")
        self._session.paused = asked if isinstance(asked, bool) else not self._session.paused
        self._status.changed()
        return self._status.current()

    async def consent(self, *arguments: Any) -> dict[str, Any]:
        """Show, set or illustrate what may be recorded in this workspace."""
        from penchant_core.consent import Level

        await self._session.ready.wait()
        asked = _object(arguments)
        action, level = asked.get("action", "get"), asked.get("level")
        if action == "set" and level in set(Level):
            await self._decide(Level(level))
        answer = self._consent()
        if action == "sample":
            answer["sample"] = SAMPLE
        self._status.changed()
        return answer

    async def rate(self, *arguments: Any) -> dict[str, Any]:
        """Store what the developer says outright about a suggestion."""
        asked = _object(arguments)
        completion_id, rating = asked.get("completionId"), asked.get("rating")
        parts, workspace = self._session.parts, self._status.workspace()
        if parts is None or not isinstance(completion_id, str) or rating not in ("up", "down"):
            return {"stored": False, "why": "there is no such suggestion"}
        if not workspace or not parts.permission.records(workspace):
            return {"stored": False, "why": "nothing is recorded in this workspace"}
        following = parts.tracker.following(completion_id)
        reason = str(asked.get("reason") or "")[:REASON_CHARS]
        value = Rating(
            following or completion_id,
            time.time(),
            "direct",
            value=1 if rating == "up" else -1,
            order=_index(asked.get("index")),
            reason=reason,
        )
        future = parts.recorder.rate(value, pending=following is not None)
        if following is not None:
            return {"stored": True, "why": "written once the suggestion's outcome is known"}
        try:
            stored = await asyncio.wait_for(asyncio.wrap_future(future), ANSWER_S)
        except TimeoutError:
            stored = False
        return {"stored": stored} if stored else {"stored": False, "why": "it was not recorded"}

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


def _object(arguments: tuple[Any, ...]) -> dict[str, Any]:
    return arguments[0] if arguments and isinstance(arguments[0], dict) else {}


def _index(value: object) -> tuple[int, ...]:
    return (value,) if isinstance(value, int) and not isinstance(value, bool) and value > 0 else ()


def _iso(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
