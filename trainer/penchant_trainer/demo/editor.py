"""An editor without a screen: one document at a time, edited through the real language server.

Speaks LSP 3.18 over stdio as a client does: keystrokes are ``didChange`` notifications of one
character, accepting is one edit followed by the item's command. Knows nothing of who types.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient

from penchant_core import __version__
from penchant_core.errors import PenchantError

COMMAND = (sys.executable, "-m", "penchant_lsp")


class Suggestion:
    """One item of an answer, as it would be shown: its text, its range and its command."""

    def __init__(self, item: types.InlineCompletionItem, position: types.Position) -> None:
        text = item.insert_text
        self.text = text if isinstance(text, str) else text.value
        self.range = item.range or types.Range(position, position)
        self.command = item.command


class Editor:
    """A running language server with one open document.

    Use as an asynchronous context manager; ``environment`` is what the server process sees.
    """

    def __init__(self, workspace: Path, environment: Mapping[str, str]) -> None:
        self.workspace = workspace
        self._environment = dict(environment)
        self._client = LanguageClient("penchant-demo", __version__)
        self._uri = ""
        self._version = 0
        self.before = ""
        self.after = ""

    @property
    def text(self) -> str:
        """The whole document; the cursor is between ``before`` and ``after``."""
        return self.before + self.after

    async def __aenter__(self) -> "Editor":
        quiet = self._client.feature("penchant/status")
        quiet(lambda _: None)
        await self._client.start_io(*COMMAND, env={**os.environ, **self._environment})
        await self._client.initialize_async(
            types.InitializeParams(
                capabilities=types.ClientCapabilities(
                    text_document=types.TextDocumentClientCapabilities(
                        inline_completion=types.InlineCompletionClientCapabilities()
                    )
                ),
                process_id=os.getpid(),
                root_uri=self.workspace.as_uri(),
                workspace_folders=[types.WorkspaceFolder(self.workspace.as_uri(), "demo")],
            )
        )
        self._client.initialized(types.InitializedParams())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._uri:
            self.close()
        await asyncio.wait_for(self._client.shutdown_async(None), 10)
        self._client.exit(None)
        await asyncio.wait_for(self._client.stop(), 10)

    async def command(self, name: str, *arguments: Any) -> Any:
        """Run a command of the server and return its answer."""
        answer = await self._client.workspace_execute_command_async(
            types.ExecuteCommandParams(name, list(arguments))
        )
        return _plain(answer)

    async def consent(self, level: str) -> None:
        """Decide for this workspace, as the consent message in an editor does."""
        answer = await self.command("penchant.consent", {"action": "set", "level": level})
        if not answer or answer.get("level") != level:
            raise PenchantError("the language server did not take the consent decision")

    def open(self, name: str, before: str, after: str) -> None:
        """Write a file and open it, with the cursor between ``before`` and ``after``."""
        path = self.workspace / name
        path.write_text(before + after, "utf-8")
        self._uri, self._version, self.before, self.after = path.as_uri(), 1, before, after
        self._client.text_document_did_open(
            types.DidOpenTextDocumentParams(
                types.TextDocumentItem(self._uri, "python", self._version, self.text)
            )
        )

    def close(self) -> None:
        """Save and close the document."""
        document = types.TextDocumentIdentifier(self._uri)
        Path(self._uri.removeprefix("file://")).write_text(self.text, "utf-8")
        self._client.text_document_did_save(types.DidSaveTextDocumentParams(document))
        self._client.text_document_did_close(types.DidCloseTextDocumentParams(document))
        self._uri = ""

    def type(self, text: str) -> None:
        """Press one key after the other."""
        for character in text:
            self._change(types.Range(self._cursor(), self._cursor()), character)
            self.before += character

    def delete_back(self, count: int) -> None:
        """Press backspace ``count`` times."""
        for _ in range(count):
            end = self._cursor()
            self.before = self.before[:-1]
            self._change(types.Range(self._cursor(), end), "")

    def move(self, count: int) -> None:
        """Move the cursor ``count`` characters back (negative: forward)."""
        if count > 0:
            moved = self.before[-count:]
            self.before, self.after = self.before[:-count], moved + self.after
        elif count < 0:
            self.before, self.after = self.before + self.after[:-count], self.after[-count:]

    async def suggest(self, *, invoked: bool = False) -> list[Suggestion]:
        """Ask for ghost text at the cursor."""
        position = self._cursor()
        kind = types.InlineCompletionTriggerKind
        answer = await self._client.text_document_inline_completion_async(
            types.InlineCompletionParams(
                context=types.InlineCompletionContext(kind.Invoked if invoked else kind.Automatic),
                text_document=types.TextDocumentIdentifier(self._uri),
                position=position,
            )
        )
        items = answer.items if isinstance(answer, types.InlineCompletionList) else answer or []
        return [Suggestion(item, position) for item in items]

    async def accept(self, suggestion: Suggestion) -> None:
        """Press Tab: the range is replaced by the whole text, then the command runs."""
        self._change(suggestion.range, suggestion.text)
        replaced = suggestion.range.end.character - self._cursor().character
        self.before += suggestion.text
        self.after = self.after[max(0, replaced) :]
        if suggestion.command:
            await self.command(suggestion.command.command, *(suggestion.command.arguments or []))

    def accept_part(self, suggestion: Suggestion, length: int) -> None:
        """Accept the first ``length`` characters, as "accept next word" does."""
        self._change(types.Range(self._cursor(), self._cursor()), suggestion.text[:length])
        self.before += suggestion.text[:length]

    def _cursor(self) -> types.Position:
        line = self.before.count("\n")
        return types.Position(line, len(self.before) - self.before.rfind("\n") - 1)

    def _change(self, where: types.Range, text: str) -> None:
        self._version += 1
        self._client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self._version, self._uri),
                [types.TextDocumentContentChangePartial(range=where, text=text)],
            )
        )


async def until(ready: Callable[[Any], bool], ask: Callable[[], Any], *, seconds: float) -> Any:
    """Ask until ``ready`` accepts the answer; raise PenchantError after ``seconds``."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while True:
        answer = await ask()
        if ready(answer):
            return answer
        if loop.time() > end:
            raise PenchantError(f"nothing happened within {seconds:.0f} s; see the logs")
        await asyncio.sleep(0.05)


def _plain(value: Any) -> Any:
    """Turn pygls' attribute objects back into the JSON they came from."""
    if hasattr(value, "_asdict"):
        return {key: _plain(item) for key, item in value._asdict().items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
