"""What every assistant in the comparison can do: one open document, keys, and a question.

A peer runs as a process of its own and is spoken to as its own editor plug-ins do. Knows nothing of
engines and measurements.
"""

import asyncio
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from pygls.exceptions import JsonRpcException

from penchant_core.errors import PenchantError
from penchant_trainer.demo.editor import Editor


class PeerFailed(PenchantError):
    """A peer was installed but did not start or did not answer."""


class Peer(Protocol):
    """An assistant with one open document; the cursor is between ``before`` and ``after``."""

    name: str
    door: str
    aborts: bool
    """Whether its plug-ins take back a question when the next key is pressed."""

    async def open(self, path: str, before: str, after: str) -> None:
        """Open a document of the workspace (its file is written, too)."""

    def write(self, text: str) -> None:
        """Insert ``text`` at the cursor as one edit."""

    def back(self) -> None:
        """Delete the character before the cursor."""

    async def ask(self) -> str:
        """Return the ghost text that would be shown at the cursor; empty for none."""

    async def close(self) -> None:
        """Close the document."""


class Penchant:
    """Penchant's language server over stdio."""

    door = "penchant"
    aborts = False

    def __init__(self, editor: Editor, name: str = "Penchant") -> None:
        self.name = name
        self._editor = editor

    async def open(self, path: str, before: str, after: str) -> None:
        self._editor.open(path, before, after)

    def write(self, text: str) -> None:
        self._editor.type(text)

    def back(self) -> None:
        self._editor.delete_back(1)

    async def ask(self) -> str:
        try:
            offered = await self._editor.suggest()
        except JsonRpcException:  # a newer question took its place
            return ""
        return offered[0].text if offered else ""

    async def close(self) -> None:
        self._editor.close()


class Document:
    """The text of the open document, for peers that are sent all of it with every question."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self.path = workspace
        self.before = ""
        self.after = ""

    async def open(self, path: str, before: str, after: str) -> None:
        self.path, self.before, self.after = self.workspace / path, before, after
        self.path.write_text(before + after, "utf-8")

    def write(self, text: str) -> None:
        self.before += text

    def back(self) -> None:
        self.before = self.before[:-1]

    async def close(self) -> None:
        self.path.write_text(self.before + self.after, "utf-8")


async def ended(process: asyncio.subprocess.Process) -> None:
    """End a process that this benchmark started."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 5)
        except TimeoutError:
            process.kill()
            await process.wait()


def deadline(seconds: float) -> float:
    """Return the monotonic time that is ``seconds`` from now."""
    return time.monotonic() + seconds
