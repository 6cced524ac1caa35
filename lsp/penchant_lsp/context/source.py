"""What a source of context is asked, and what it answers.

A source is asked on the gathering's own thread, never on the keystroke's path, and may keep state
without locks. Scores run from 0 to 1 and are comparable between sources. Knows no source.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from penchant_core.context_settings import SourceName


@dataclass(frozen=True, slots=True)
class Query:
    """A place to complete at.

    ``above`` and ``below`` are the parts of ``prefix`` and ``suffix`` that the model will see.
    ``line`` counts from 0; ``now`` is in seconds of a steady clock. ``workspace`` is the
    workspace's id where outcomes are recorded, else empty.
    """

    uri: str
    root: Path
    path: str
    language: str
    prefix: str
    suffix: str
    above: str
    below: str
    line: int
    now: float
    workspace: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some lines of ``path`` (relative to the root), from ``line`` on, and why they may help."""

    source: SourceName
    path: str
    text: str
    why: str
    score: float
    line: int = 0


class ContextSource(Protocol):
    """One place where context comes from."""

    @property
    def name(self) -> SourceName:
        """The name by which settings switch it on and off."""
        ...

    def pieces(self, query: Query) -> Iterable[Piece]:
        """Return what may help, in no particular order. Must not block for long."""
        ...
