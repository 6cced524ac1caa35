"""What the event loop notes for the gathering's thread. Knows nothing of either."""

from dataclasses import dataclass, field
from pathlib import Path

from penchant_lsp.context.desk import Snapshot


@dataclass(slots=True)
class News:
    """What has happened since the thread last looked: each document's first and newest state.

    ``touched`` are files (root and path) that the disk may have changed.
    """

    documents: dict[str, tuple[Snapshot, Snapshot]] = field(default_factory=dict)
    closed: dict[str, None] = field(default_factory=dict)
    touched: dict[tuple[Path, str], None] = field(default_factory=dict)
