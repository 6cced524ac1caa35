"""The place that a completion is asked for, and the question that it puts to sources.

Knows nothing of sources and of the protocol.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from penchant_lsp.context.desk import Snapshot
from penchant_lsp.context.selection import Room
from penchant_lsp.context.source import Query

if TYPE_CHECKING:
    from penchant_core.wire import Window


@dataclass(frozen=True, slots=True)
class Where:
    """A place to complete at, and the window of the model that will (None: not known yet)."""

    document: Snapshot
    prefix: str
    suffix: str
    line: int
    workspace: str = ""
    window: "Window | None" = None

    def room(self, most: int) -> Room:
        """Return how much context there may be, at most ``most`` characters."""
        if self.window is None:
            return Room(most, self.prefix, self.suffix)
        above = self.prefix[-self.window.prefix_chars :] if self.window.prefix_chars else ""
        below = self.suffix[: self.window.suffix_chars]
        return Room(min(most, self.window.context_chars), above, below)

    def query(self, room: Room, now: float) -> Query:
        """Return the question that sources get."""
        document = self.document
        return Query(
            uri=document.uri,
            root=document.root,
            path=document.path,
            language=document.language,
            prefix=self.prefix,
            suffix=self.suffix,
            above=room.above,
            below=room.below,
            line=self.line,
            now=now,
            workspace=self.workspace,
        )
