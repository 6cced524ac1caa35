"""A tiny editor: starts the real language server and speaks JSON-RPC with it over pipes.

It can also misbehave: send raw bytes, stop reading, or die. Keeps its own copy of each document, so
that edits are given as what is typed and where.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CAPABILITIES = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {"inlineCompletion": {}, "synchronization": {"didSave": True}},
    "notebookDocument": {"synchronization": {}},
    "workspace": {"workspaceFolders": True, "fileOperations": {"didRename": True}},
}
INVOKED, AUTOMATIC = 1, 2


class Editor:
    """One session. Use as a context manager; ``home`` is PENCHANT_HOME."""

    def __init__(
        self,
        home: Path,
        gateway: str = "http://127.0.0.1:9",
        *,
        workspace: Path | None = None,
        options: dict[str, Any] | None = None,
        encodings: tuple[str, ...] = ("utf-16",),
        environment: dict[str, str] | None = None,
        arguments: tuple[str, ...] = (),
        initialize: bool = True,
        process_id: int | None = None,
        program: tuple[str, ...] = ("-m", "penchant_lsp"),
    ) -> None:
        self.home = home
        self.workspace = workspace
        self.options = options or {}
        self.encodings = encodings
        self.process_id = process_id
        self.notifications: list[dict[str, Any]] = []
        self.capabilities: dict[str, Any] = {}
        self.versions: dict[str, int] = {}
        self._answers: dict[Any, queue.Queue[dict[str, Any]]] = {}
        self._stray: queue.Queue[dict[str, Any]] = queue.Queue()
        self._news = threading.Condition()
        self._number = 0
        self._initialize = initialize
        clean = {k: v for k, v in os.environ.items() if not k.startswith("PENCHANT_")}
        environment = {
            **clean,
            "PENCHANT_HOME": str(home),
            "PENCHANT_DEVELOPER__NAME": "ada",
            "PENCHANT_GATEWAY__URL": gateway,
            "PENCHANT_COMPLETION__DEBOUNCE_MS": "0",
            "PENCHANT_COMPLETION__LOOK_AHEAD": "false",
            "PENCHANT_TRACKER__QUIET_S": "0.2",
            **(environment or {}),
        }
        self.process = subprocess.Popen(
            [sys.executable, *program, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> "Editor":
        if self._initialize:
            self.initialize()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()

    # -- messages --------------------------------------------------------------------------

    def initialize(self) -> None:
        capabilities = {**CAPABILITIES, "general": {"positionEncodings": list(self.encodings)}}
        uri = self.workspace.as_uri() if self.workspace else None
        result = self.request(
            "initialize",
            {
                "processId": self.process_id,
                "rootUri": uri,
                "workspaceFolders": [{"uri": uri, "name": "w"}] if uri else None,
                "capabilities": capabilities,
                "initializationOptions": self.options,
            },
        )
        self.capabilities = result["capabilities"]
        self.notify("initialized", {})

    def request(self, method: str, params: Any = None, *, timeout: float = 15.0) -> Any:
        answer = self.answer(self.send_request(method, params), timeout=timeout)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]

    def send_request(self, method: str, params: Any = None) -> int:
        self._number += 1
        self._answers[self._number] = queue.Queue()
        message = {"jsonrpc": "2.0", "id": self._number, "method": method}
        self.send(message if params is None else {**message, "params": params})
        return self._number

    def answer(self, number: Any, *, timeout: float = 15.0) -> dict[str, Any]:
        return self._answers.setdefault(number, queue.Queue()).get(timeout=timeout)

    def stray(self, *, timeout: float = 5.0) -> dict[str, Any]:
        """The next answer whose id is null."""
        return self._stray.get(timeout=timeout)

    def notify(self, method: str, params: Any) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def send(self, message: Any) -> None:
        body = json.dumps(message).encode()
        self.raw(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def raw(self, data: bytes) -> None:
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def _read(self) -> None:
        stream = self.process.stdout
        try:
            while header := stream.readline():
                length = 0
                while header.strip():
                    name, _, value = header.partition(b":")
                    if name.lower() == b"content-length":
                        length = int(value)
                    header = stream.readline()
                self._take(json.loads(stream.read(length)))
        except ValueError:
            return  # the pipe was closed under the reader

    def _take(self, message: dict[str, Any]) -> None:
        if "method" in message:
            with self._news:
                self.notifications.append(message)
                self._news.notify_all()
        elif message.get("id") is None:
            self._stray.put(message)
        else:
            self._answers.setdefault(message["id"], queue.Queue()).put(message)

    # -- documents -------------------------------------------------------------------------

    def open(self, uri: str, text: str, language: str = "python") -> None:
        self.versions[uri] = 1
        item = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, uri: str, *changes: dict[str, Any]) -> None:
        self.versions[uri] += 1
        document = {"uri": uri, "version": self.versions[uri]}
        params = {"textDocument": document, "contentChanges": list(changes)}
        self.notify("textDocument/didChange", params)

    def insert(self, uri: str, line: int, character: int, text: str) -> None:
        at = {"line": line, "character": character}
        self.change(uri, {"range": {"start": at, "end": at}, "text": text})

    def ask(self, uri: str, line: int, character: int, kind: int = AUTOMATIC) -> int:
        return self.send_request(
            "textDocument/inlineCompletion", _params(uri, line, character, kind)
        )

    def complete(
        self, uri: str, line: int, character: int, kind: int = AUTOMATIC
    ) -> list[dict[str, Any]]:
        return self.answer(self.ask(uri, line, character, kind))["result"]

    def accept(self, uri: str, item: dict[str, Any]) -> None:
        """What an editor does on Tab: the edit, then the command."""
        self.change(uri, {"range": item["range"], "text": item["insertText"]})
        self.command(item["command"]["command"], *item["command"]["arguments"])

    def command(self, name: str, *arguments: Any) -> Any:
        return self.request(
            "workspace/executeCommand", {"command": name, "arguments": list(arguments)}
        )

    def consent(self, level: str) -> dict[str, Any]:
        return self.command("penchant.consent", {"action": "set", "level": level})

    def status(self) -> dict[str, Any]:
        return self.command("penchant.status")

    # -- ends ------------------------------------------------------------------------------

    def wait_status(
        self, condition: Callable[[dict[str, Any]], bool], seconds: float = 10.0
    ) -> dict[str, Any]:
        """Ask for the status until it is as wished."""
        end = time.monotonic() + seconds
        while not condition(status := self.status()):
            assert time.monotonic() < end, status
            time.sleep(0.05)
        return status

    def pushed(self, method: str, seconds: float = 5.0) -> dict[str, Any]:
        def found() -> list[dict[str, Any]]:
            return [each for each in self.notifications if each["method"] == method]

        with self._news:
            assert self._news.wait_for(lambda: bool(found()), seconds), method
        return found()[-1]["params"]

    def shutdown(self) -> int:
        self.request("shutdown")
        self.notify("exit", None)
        return self.process.wait(5)

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)


def _params(uri: str, line: int, character: int, kind: int) -> dict[str, Any]:
    return {
        "textDocument": {"uri": uri},
        "position": {"line": line, "character": character},
        "context": {"triggerKind": kind},
    }
