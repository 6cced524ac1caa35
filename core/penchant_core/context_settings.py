"""Settings of context (the section ``context``): what of other places goes into a prompt.

Where the pieces come from, how much of them, and how long a completion waits for them. Knows
nothing of how they are found.
"""

from typing import Literal

from pydantic import Field

from penchant_core.section import Section

SourceName = Literal["imports", "definitions", "open_files", "kept", "visits", "edits", "similar"]
SOURCES: tuple[SourceName, ...] = (
    "imports", "definitions", "open_files", "kept", "visits", "edits", "similar",
)  # fmt: skip


class ContextSettings(Section):
    """What of other places goes into a prompt ([context.md](context.md))."""

    sources: list[SourceName] = Field(
        default=list(SOURCES), description="Where context comes from; empty: nowhere"
    )
    deadline_ms: int = Field(
        default=5, ge=0, le=200, description="Longest wait for it beyond the debounce"
    )
    max_chars: int = Field(
        default=4000, ge=0, le=16_000, description="Context to send; a model may take less"
    )
    index_files: int = Field(
        default=20_000, ge=0, le=100_000, description="Files read for definitions; 0: none"
    )
