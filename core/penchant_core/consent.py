"""The record of what a developer agreed to, per workspace, dated and versioned.

Append-only JSON lines, so that every decision ever taken can be shown; the newest one of a
workspace counts, and no decision means ``off``. Reading fails closed: a line that cannot be read
may have been a withdrawal, so it voids every decision before it. Knows nothing of signals: it only
answers "how much may be recorded here?".
"""

import hashlib
import json
import os
import time
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from penchant_core.errors import ConfigError, ConsentError
from penchant_core.paths import FILE_MODE, private_directory

TEXT_VERSION = 1
TEXT = {
    "off": "Nothing is recorded.",
    "local": "What becomes of suggestions is recorded and trained on this machine only.",
    "personal": "As local, and your team's server may train your own adapter.",
    "team": "As personal, and your preference pairs may also enter the team's adapter.",
}
"""What was agreed to, in the words that were shown; changing a word raises ``TEXT_VERSION``."""


class Level(StrEnum):
    """How much may be done with outcomes; each level includes the ones before it."""

    OFF = "off"
    LOCAL = "local"
    PERSONAL = "personal"
    TEAM = "team"

    def allows(self, asked: "Level") -> bool:
        """Whether this level includes ``asked``."""
        order = list(Level)
        return order.index(asked) <= order.index(self)


class Decision(BaseModel):
    """One decision of a developer; ``at`` is seconds since the epoch."""

    model_config = ConfigDict(frozen=True)

    workspace: str
    level: Level
    at: float
    text_version: int = TEXT_VERSION
    via: str = ""


def workspace_id(root: Path | str) -> str:
    """Return the id under which a workspace is known: a hash of its real, absolute path.

    Links are followed, so that the editor's and the shell's name of a directory mean the same.
    """
    real = os.path.realpath(root)
    return hashlib.sha256(real.encode("utf-8", "surrogatepass")).hexdigest()[:16]


class ConsentRecord:
    """The file of decisions. Cheap to ask: it is read again only when it changed.

    A decision that could not be written withholds everything of its workspace until one can be:
    it may have been a withdrawal.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp: tuple[int, ...] | None = None
        self._latest: dict[str, Decision] = {}
        self._withheld: set[str] = set()

    def decide(self, workspace: str, level: Level, *, via: str) -> Decision:
        """Append a decision, durably; raise ConsentError when it cannot be written."""
        decision = Decision(workspace=workspace, level=level, at=time.time(), via=via)
        line = "\n" + decision.model_dump_json() + "\n"  # a torn line before it must not swallow it
        self._withheld.add(workspace)
        try:
            private_directory(self.path.parent)
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, FILE_MODE)
            with os.fdopen(descriptor, "a", encoding="utf-8") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except (OSError, ConfigError) as error:
            raise ConsentError(
                f"the consent record {self.path} cannot be written ({error}); "
                "nothing is recorded until it can"
            ) from error
        self._withheld.discard(workspace)
        self._stamp = None
        return decision

    def latest(self, workspace: str) -> Decision | None:
        """Return the decision in force for a workspace, None when it was never asked."""
        self._refresh()
        return None if workspace in self._withheld else self._latest.get(workspace)

    def level(self, workspace: str) -> Level:
        """Return the level in force for a workspace."""
        decision = self.latest(workspace)
        return decision.level if decision else Level.OFF

    def all(self) -> dict[str, Decision]:
        """Return the decision in force of every workspace that was ever asked."""
        self._refresh()
        return {w: d for w, d in self._latest.items() if w not in self._withheld}

    def history(self) -> Iterator[Decision | None]:
        """Yield every decision, oldest first, and None for a line that cannot be read."""
        try:
            lines = self.path.read_bytes().splitlines()
        except OSError:
            return
        for line in filter(None, lines):
            try:
                yield Decision.model_validate(json.loads(line))
            except (ValueError, RecursionError):
                yield None

    def _refresh(self) -> None:
        try:
            status = self.path.stat()
            stamp = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
        except OSError:
            self._stamp, self._latest = None, {}
            return
        if stamp != self._stamp:
            self._latest = self._read()
            self._stamp = stamp

    def _read(self) -> dict[str, Decision]:
        latest: dict[str, Decision] = {}
        for decision in self.history():
            if decision is None:
                latest.clear()
            else:
                latest[decision.workspace] = decision
        return latest
