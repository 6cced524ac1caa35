"""The desk with the real language server: a process, JSON-RPC over its pipes, a gateway on HTTP,
and the signal log on the disk. One server serves many traces."""

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from broken.editor import AUTOMATIC, INVOKED, Editor
from broken.gateway import Gateway
from traces.developer import Item, Page
from traces.trace import Trace

from penchant_core.consent import ConsentRecord, Level, workspace_id
from penchant_core.paths import default_paths
from penchant_core.signals import Outcome
from penchant_core.store import SignalStore
from penchant_lsp.documents import Edit, column

PROGRAM = (str(Path(__file__).with_name("clocked.py")),)


class Server:
    """One running language server with its gateway; restarts when a story wants it."""

    def __init__(self, home: Path, work: Path, gateway: Gateway, units: str) -> None:
        self.home, self.work, self.gateway, self.units = home, work, gateway, units
        self.editor = self._start()

    def _start(self) -> Editor:
        editor = Editor(
            self.home,
            self.gateway.address,
            workspace=self.work,
            encodings=(self.units,),
            program=PROGRAM,
            environment={
                "PENCHANT_TRACKER__QUIET_S": "10",
                "PENCHANT_COMPLETION__EXTENT_BY_HABIT": "false",  # all traces share one session
            },
        )
        editor.initialize()
        assert editor.capabilities["positionEncoding"] == self.units
        assert editor.consent("local")["level"] == "local"
        return editor

    def restart(self) -> None:
        # The earlier traces' signals are written first: a server that leaves has little time.
        self.editor.wait_status(lambda status: not status["waiting"], 30.0)
        assert self.editor.shutdown() == 0
        self.end()
        self.editor = self._start()

    def end(self) -> None:
        self.editor.__exit__()

    def outcomes(self) -> dict[str, list[Outcome | None]]:
        """Wait until everything is written; return what was recorded for each completion."""
        self.editor.wait_status(lambda status: not status["open"] and not status["waiting"], 30.0)
        with SignalStore(default_paths().signal_log("ada")) as store:
            return {each.completion.id: [each.outcome] for each in store.signals()}


class ServedDesk:
    def __init__(self, trace: Trace, server: Server, *, hints: bool) -> None:
        self.trace, self.server, self.hints = trace, server, hints
        # Git's traces get a workspace of their own: the others must not see git move.
        root = server.work.parent / "repositories" if self._uses_git else server.work
        self.folder = Path(tempfile.mkdtemp(dir=root))
        self.asked: set[tuple[int, str]] = set()
        if self._uses_git:
            (self.folder / ".git" / "logs").mkdir(parents=True)
            for name in ("HEAD", "logs/HEAD"):
                (self.folder / ".git" / name).write_text("")
                os.utime(self.folder / ".git" / name, (0, 0))
            record = ConsentRecord(default_paths().consent_file)
            record.decide(workspace_id(self.folder), Level.LOCAL, via="test")
        self.cells: dict[str, int] = {}

    @property
    def editor(self) -> Editor:
        return self.server.editor

    @property
    def _verbs(self) -> set[str]:
        return {verb for verb, _ in self.trace.steps}

    @property
    def _uses_git(self) -> bool:
        return bool(self._verbs & {"checkout", "commit"})

    @property
    def _uses_disk(self) -> bool:
        return bool(self._verbs & {"disk", "save"}) or self._uses_git

    def _path(self, name: str) -> Path:
        return self.folder / name

    def _uri(self, name: str) -> str:
        if ":" in name:
            return f"{name}-{self.folder.name}"
        if self.trace.notebook and name == self.trace.path:
            return f"vscode-notebook-cell:{self._path('n.ipynb')}#{name}"
        return self._path(name).as_uri()

    @property
    def _notebook(self) -> str:
        return self._path("n.ipynb").as_uri()

    def _written(self, page: Page) -> str:
        return page.document.text.replace("\n", page.end_of_line)

    # -- time and files --------------------------------------------------------------------

    def wait(self, seconds: float) -> None:
        self.editor.notify("test/clock", {"seconds": seconds})

    def open(self, page: Page) -> None:
        uri = self._uri(page.name)
        if self._is_cell(uri):
            self._open_notebook(uri, page)
            return
        if self._uses_disk and not self._path(page.name).exists():
            self._write(page.name, self._written(page), ago_s=100.0)
        self.editor.open(uri, self._written(page))

    def close(self, page: Page) -> None:
        uri = self._uri(page.name)
        if self._is_cell(uri):
            params = {
                "notebookDocument": {"uri": self._notebook},
                "cellTextDocuments": [{"uri": uri}, {"uri": uri + "2"}],
            }
            self.editor.notify("notebookDocument/didClose", params)
        else:
            self.editor.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def save(self, page: Page) -> None:
        uri = self._uri(page.name)
        if self._is_cell(uri):
            params = {"notebookDocument": {"uri": self._notebook}}
            self.editor.notify("notebookDocument/didSave", params)
            return
        self._write(page.name, self._written(page))
        self.editor.notify("textDocument/didSave", {"textDocument": {"uri": uri}})

    def told_rename(self, page: Page, name: str) -> None:
        files = [{"oldUri": self._uri(page.name), "newUri": self._uri(name)}]
        self.editor.notify("workspace/didRenameFiles", {"files": files})

    def git(self, page: Page, action: str) -> None:
        self.editor.status()  # what was sent before has been seen: git moves after that
        git = self.folder / ".git"
        line = f"0 1 ada <ada@example.invalid> 0 +0000\t{action}: x\n"
        with (git / "logs" / "HEAD").open("a") as diary:
            diary.write(line)
        if action == "checkout":
            (git / "HEAD").write_text("ref: refs/heads/other\n")

    def restart(self, page: Page) -> None:
        self.server.restart()
        self.open(page)

    def _write(self, name: str, text: str, *, ago_s: float = 0.0) -> None:
        path = self._path(name)
        path.write_bytes(text.encode())
        if ago_s:
            then = time.time() - ago_s
            os.utime(path, (then, then))

    # -- edits -----------------------------------------------------------------------------

    def change(
        self, page: Page, edits: list[Edit], *, whole: bool, reason: str | None, outside: bool
    ) -> None:
        uri = self._uri(page.name)
        if reason is not None:
            document = {"uri": uri, "version": 0}
            self.editor.notify(
                "penchant/didChangeReason", {"textDocument": document, "reason": reason}
            )
        changes = self._changes(page, edits, whole=whole)
        if outside:
            self.editor.status()  # the server has seen the file as it was
            self._write(page.name, self._written(page))
        if not self._is_cell(uri):
            self.editor.change(uri, *changes)
            return
        self.cells[uri] += 1
        document = {"uri": uri, "version": self.cells[uri]}
        self._change_notebook({"textContent": [{"document": document, "changes": changes}]})

    def _changes(self, page: Page, edits: list[Edit], *, whole: bool) -> list[dict[str, Any]]:
        changes = []
        document = page.document
        for edit in edits:
            at, to = document.position(edit.start), document.position(edit.end)
            text = edit.text.replace("\n", page.end_of_line)
            where = {"start": _position(at), "end": _position(to)}
            changes.append({"range": where, "text": text})
            _apply(page, edit)
        return [{"text": self._written(page)}] if whole else changes

    # -- suggestions -----------------------------------------------------------------------

    def ask(self, page: Page, texts: tuple[str, ...], *, afresh: bool) -> list[Item]:
        self.server.gateway.texts = lambda _: list(texts)
        line, character = page.document.position(page.caret)
        kind = INVOKED if afresh or len(texts) > 1 else AUTOMATIC
        items = self.editor.complete(self._uri(page.name), line, character, kind)
        return [
            Item(
                item["insertText"],
                page.document.offset(*_pair(item["range"]["start"])),
                page.document.offset(*_pair(item["range"]["end"])),
                *item["command"]["arguments"],
            )
            for item in items
        ]

    def shown(self, item: Item) -> None:
        self.editor.notify("textDocument/didShowCompletion", {"item": _item(item)})

    def accepted(self, item: Item) -> None:
        self.editor.command("penchant.accepted", item.id, item.index)

    def partly(self, item: Item, length: int) -> None:
        units = len(item.text[:length].encode("utf-16-le")) // 2
        assert column(item.text, units, "utf-16") == length
        self.editor.notify(
            "textDocument/didPartiallyAcceptCompletion",
            {"item": _item(item), "acceptedLength": units},
        )

    def dismissed(self, item: Item) -> None:
        self.editor.notify("penchant/didDismissCompletion", {"item": _item(item)})

    # -- notebooks -------------------------------------------------------------------------

    def _is_cell(self, uri: str) -> bool:
        return uri.startswith("vscode-notebook-cell:")

    def _open_notebook(self, uri: str, page: Page) -> None:
        self.cells = {uri: 1, uri + "2": 1}
        params = {
            "notebookDocument": {
                "uri": self._notebook,
                "notebookType": "jupyter-notebook",
                "version": 1,
                "cells": [{"kind": 2, "document": cell} for cell in self.cells],
            },
            "cellTextDocuments": [
                _opened(uri, self._written(page)),
                _opened(uri + "2", "print(1)\n"),
            ],
        }
        self.editor.notify("notebookDocument/didOpen", params)

    def _change_notebook(self, cells: dict[str, Any]) -> None:
        document = {"version": 2, "uri": self._notebook}
        change = {"notebookDocument": document, "change": {"cells": cells}}
        self.editor.notify("notebookDocument/didChange", change)

    def remove_cell(self, page: Page) -> None:
        array = {"start": 0, "deleteCount": 1, "cells": []}
        closed = [{"uri": self._uri(page.name)}]
        self._change_notebook({"structure": {"array": array, "didClose": closed}})

    def move_cell(self, page: Page) -> None:
        uri = self._uri(page.name)
        cells = [{"kind": 2, "document": uri + "2"}, {"kind": 2, "document": uri}]
        structure = {
            "array": {"start": 0, "deleteCount": 2, "cells": cells},
            "didOpen": [_opened(uri, self._written(page))],
            "didClose": [{"uri": uri}],
        }
        self._change_notebook({"structure": structure})


def _apply(page: Page, edit: Edit) -> None:
    text = edit.applied(page.document.text)
    page.document.lines = text.split("\n")


def _opened(uri: str, text: str) -> dict[str, Any]:
    return {"uri": uri, "languageId": "python", "version": 1, "text": text}


def _item(item: Item) -> dict[str, Any]:
    command = {"title": "", "command": "penchant.accepted", "arguments": [item.id, item.index]}
    return {"insertText": item.text, "command": command}


def _position(place: tuple[int, int]) -> dict[str, int]:
    return {"line": place[0], "character": place[1]}


def _pair(position: dict[str, int]) -> tuple[int, int]:
    return position["line"], position["character"]
