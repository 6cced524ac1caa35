"""The indexing process: holds the tables of symbols, so that no keystroke waits for a parser.

Speaks JSON lines over its standard input and output with ``index.Index``, and ends when its input
does. Reading a workspace happens on a thread of the lowest priority; questions are answered in
between. Stores nothing, logs nothing. Started with ``python -P``: the editor's directory may be
somebody else's.
"""

import json
import queue
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from penchant_lsp.context.crawl import Crawl
from penchant_lsp.context.grammars import family
from penchant_lsp.context.ignoring import Ignoring
from penchant_lsp.context.lookup import Lookup
from penchant_lsp.context.python_imports import Import
from penchant_lsp.context.symbol_table import SymbolTable

Message = dict[str, Any]


@dataclass(slots=True)
class _Workspace:
    crawl: Crawl
    lookup: Lookup
    table: SymbolTable
    crawled: bool = False


class Indexer:
    """The tables of every workspace, and what may be asked of them.

    ``tell`` gets every answer.
    """

    def __init__(self, tell: Callable[[Message], None]) -> None:
        self._tell = tell
        self._workspaces: dict[str, _Workspace] = {}
        self._jobs: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._ending = False
        threading.Thread(target=self._crawl, name="crawl", daemon=True).start()

    def take(self, message: Message) -> None:
        """Answer one message; whatever is wrong with it, the next one is answered too."""
        try:
            answer = getattr(self, f"_on_{message['do']}")(message)
        except Exception:  # noqa: BLE001  the edge: one odd file must not end the index
            answer = {"failed": True}
        if answer is not None:
            self._tell({"id": message.get("id"), **answer})

    def end(self) -> None:
        """Let the crawl stop."""
        self._ending = True

    def _on_watch(self, message: Message) -> None:
        """Begin with a workspace, or look again for what changed in it."""
        root = message["root"]
        if root not in self._workspaces:
            table = SymbolTable()
            ignoring = Ignoring(Path(root), message["ignore"])
            crawl = Crawl(Path(root), ignoring, table, message["files"])
            self._workspaces[root] = _Workspace(crawl, Lookup(table), table)
        self._jobs.put(root)

    def _on_open(self, message: Message) -> None:
        self._workspaces[message["root"]].crawl.open(message["path"], message["text"])

    def _on_file(self, message: Message) -> None:
        self._workspaces[message["root"]].crawl.one(message["path"])

    def _on_look(self, message: Message) -> Message:
        workspace = self._workspaces[message["root"]]
        path, imported = message["path"], [Import(*each) for each in message["imports"]]
        group = family(message["language"])
        hits = workspace.lookup.hits(path, group, message["names"], imported)
        outlines = [hit for each in message["outlines"] for hit in workspace.lookup.outline(each)]
        return {
            "hits": [asdict(hit) for hit in hits],
            "outlines": [asdict(hit) for hit in outlines],
            "modules": workspace.lookup.modules(path, imported),
        }

    def _on_state(self, message: Message) -> Message:
        workspace = self._workspaces.get(message["root"])
        count = 0 if workspace is None else len(workspace.table)
        return {"crawled": bool(workspace and workspace.crawled), "definitions": count}

    def _crawl(self) -> None:
        while True:
            root = self._jobs.get()
            workspace = self._workspaces[root]
            try:
                read = workspace.crawl.all(lambda: not self._ending)
            except Exception:  # noqa: BLE001  as above
                read = -1
            workspace.crawled = True
            self._tell({"read": read})


def run(source: TextIO, target: TextIO) -> None:
    """Answer until the input ends."""
    writing = threading.Lock()

    def tell(message: Message) -> None:
        with writing:
            target.write(json.dumps(message) + "\n")
            target.flush()

    indexer = Indexer(tell)
    for line in source:
        try:
            message = json.loads(line)
        except ValueError:
            continue
        indexer.take(message)
    indexer.end()


if __name__ == "__main__":
    try:
        run(sys.stdin, sys.stdout)
    except BrokenPipeError:  # the language server is gone
        sys.stderr.close()
