"""The language server: wires pygls' messages to the parts, and says what it can do.

Short handlers only; everything clever is in the modules they call. Errors are logged without text
and never shown. Knows nothing of how completions are made or outcomes are judged.
"""

import asyncio
import contextlib
import sys
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from penchant_core import __version__, log
from penchant_core.paths import default_paths
from penchant_lsp import transport
from penchant_lsp.commands import Commands, item_reference
from penchant_lsp.dashboard import Dashboard
from penchant_lsp.documents import Document, Edit, column, normalised
from penchant_lsp.feedback import Feedback
from penchant_lsp.inline import Inline
from penchant_lsp.keystroke import Item, Question
from penchant_lsp.outside import Outside
from penchant_lsp.protocol import DocumentEvents, Items, Params, Protocol
from penchant_lsp.session import Presence, Session
from penchant_lsp.status import Status

TICK_S = 0.5
STATUS_S = 0.05
"""A new status may come so long after the suggestion that changed it."""
STATUS_METHOD = "penchant/status"
NOTEBOOKS = types.NotebookDocumentSyncOptions(
    notebook_selector=[types.NotebookDocumentFilterWithNotebook(notebook="*")], save=True
)
RENAMES = types.FileOperationRegistrationOptions(
    filters=[types.FileOperationFilter(pattern=types.FileOperationPattern(glob="**/*"))]
)


class PenchantServer(LanguageServer):
    """pygls' server without pop-ups."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__(
            "penchant", __version__, protocol_cls=Protocol, notebook_document_sync=NOTEBOOKS
        )

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log where it happened; the default would open a message in the editor."""
        log.failure("handler failed", error, source=getattr(source, "__name__", ""))


class App(DocumentEvents):
    """One editor's session on one server."""

    def __init__(self, suffix: str) -> None:
        self.server = PenchantServer()
        self.protocol = self.server.protocol
        self.session = Session()
        self.inline = Inline(self.session, f"penchant.accepted{suffix}")
        self.status = Status(self.session, self.inline, self._push)
        self.commands = Commands(self.session, self.status)
        self.feedback = Feedback(self.session, self.status)
        self.dashboard = Dashboard(self.session, self.status)
        self._tasks: set[asyncio.Task[None]] = set()
        self._reasons: dict[str, str] = {}
        self._outside = Outside()
        self._stopped = False
        self._telling: asyncio.TimerHandle | None = None
        self.protocol.events = self
        self.protocol.custom = {
            "textDocument/didShowCompletion": self._shown,
            "textDocument/didPartiallyAcceptCompletion": self._partly,
            "penchant/didDismissCompletion": self._dismissed,
            "penchant/didChangeReason": self._reason,
            "penchant/didChangePresence": self._present,
            "workspace/didChangeConfiguration": self._configured,
        }
        self._register(suffix)

    def _register(self, suffix: str) -> None:
        feature = self.server.feature
        # Without options the capability would not be advertised.
        feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())(
            _plain(_unread)
        )
        feature(types.INITIALIZE)(_plain(self._initialize))
        feature(types.INITIALIZED)(_plain(self._initialized))
        feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)(_plain(self._folders))
        feature(types.WORKSPACE_DID_RENAME_FILES, RENAMES)(_plain(lambda _: None))
        rooms = (self.commands, self.feedback, self.dashboard)
        handlers = {name: run for room in rooms for name, run in room.handlers().items()}
        for name, handler in handlers.items():
            self.server.command(f"penchant.{name}{suffix}")(_plain(handler))

    # -- lifecycle -------------------------------------------------------------------------

    def _initialize(self, params: types.InitializeParams) -> None:
        self.session.options(params.initialization_options)
        self._folders()
        if params.process_id is not None:
            loop = asyncio.get_running_loop()
            transport.watch_parent(
                params.process_id, lambda: _from_thread(loop, self.protocol.leave)
            )

    def _initialized(self, _: Any) -> None:
        self._spawn(self.session.warm(self.protocol.documents))
        self._spawn(self.status.poll())
        self._spawn(self._tick())
        self._spawn(self.feedback.watch())

    def _folders(self, _: Any = None) -> None:
        workspace = self.server.workspace
        uris = list(workspace.folders) or [uri for uri in [workspace.root_uri] if uri]
        from penchant_lsp.permission import file_path

        self.session.folders = [path for uri in uris if (path := file_path(uri)) is not None]

    def stopping(self) -> None:
        """Settle everything and write it; called once."""
        parts = self.session.parts
        if self._stopped or parts is None:
            return
        self._stopped = True
        for uri in list(self.protocol.documents):
            self.inline.cancel(uri)
        parts.tracker.stop(self.session.clock())
        self.session.settle()
        parts.context.close()
        parts.recorder.flush()

    async def _tick(self) -> None:
        await self.session.ready.wait()
        loop = asyncio.get_running_loop()
        if self.session.parts is not None:
            recorder = self.session.parts.recorder
            recorder.on_change = lambda: _from_thread(loop, self.status.changed)
        while self.session.parts is not None:
            self.tick()
            await asyncio.sleep(TICK_S)

    def tick(self) -> None:
        """Settle what is due, outside every keystroke."""
        if self.session.parts is None:
            return
        tracker, now = self.session.parts.tracker, self.session.clock()
        for uri in self._outside.committed(tracker.followed(), self.session.folders):
            tracker.committed(uri, now)
        tracker.tick(now)
        self.session.settle()

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.failure("background work failed", error)

    # -- completions -----------------------------------------------------------------------

    def asked(self, document: Document, question: Question) -> Items:
        """Return the items for a position, or what finds them."""
        self._remember(document.uri)
        found = self.inline.complete(document, question.position, invoked=question.invoked)
        if isinstance(found, list):
            self._told(found)
        else:
            found.add_done_callback(self._came)
        return found

    def _came(self, found: "asyncio.Future[list[Item]]") -> None:
        if not found.cancelled() and found.exception() is None:
            self._told(found.result())

    def _told(self, items: list[Item]) -> None:
        """Push the status once the items are on their way."""
        if items and self._telling is None:
            loop = asyncio.get_running_loop()
            self._telling = loop.call_later(STATUS_S, self._tell)

    def _tell(self) -> None:
        self._telling = None
        self.status.changed()

    def _remember(self, uri: str) -> None:
        from penchant_lsp.permission import file_path

        path = file_path(uri)
        if path is not None:
            self.session.last_path = path.parent

    # -- documents -------------------------------------------------------------------------

    def opened(self, document: Document) -> None:
        """Follow a document, unless it is too large."""
        if self.session.parts is not None and self.session.follows(document):
            self.session.parts.tracker.open(document.uri, document.text, self.session.clock())
            self.session.parts.context.changed(document)
            self._outside.noted(document.uri)

    def changed(self, document: Document, edits: list[Edit], *, whole: bool) -> None:
        """Follow its edits."""
        self.session.typed()
        reason = self._reasons.pop(document.uri, None)
        if self.session.parts is None:
            return
        tracker, folders = self.session.parts.tracker, self.session.folders
        if not self.session.follows(document):
            self._outgrown(document.uri)
            return
        if tracker.text(document.uri) is None:
            self.opened(document)  # it was too large until now
            return
        tracker.change(
            document.uri,
            edits,
            self.session.clock(),
            whole=whole,
            reason=reason,
            outside=tracker.follows(document.uri)
            and self._outside.suspected(document, edits, folders),
        )
        self.session.parts.context.changed(document)

    def _outgrown(self, uri: str) -> None:
        """Let go of a document that has become too large."""
        parts = self.session.parts
        if parts is not None and parts.tracker.text(uri) is not None:
            self.inline.cancel(uri)
            parts.tracker.close(uri, self.session.clock())
            parts.context.closed(uri)

    def saved(self, uri: str) -> None:
        """Take the survival probe of a save."""
        if self.session.parts is not None:
            self.session.parts.tracker.save(uri, self.session.clock())
            self.session.parts.context.saved(uri)
            self._outside.noted(uri)

    def renamed(self, old: str, new: str) -> None:
        """Go on under the new name."""
        if self.session.parts is not None:
            self.session.parts.tracker.renamed(old, new, self.session.clock())
            self.session.parts.context.renamed(old, new)

    def closed(self, uri: str, *, removed: bool = False) -> None:
        """Settle what was open in it."""
        self.inline.cancel(uri)
        self._reasons.pop(uri, None)
        if self.session.parts is not None:
            self.session.parts.tracker.close(uri, self.session.clock(), removed=removed)
            self.session.parts.context.closed(uri)
        self._outside.forget(uri)

    # -- what an editor says on top --------------------------------------------------------

    def _shown(self, params: Params) -> None:
        found = item_reference(params)
        if found is None or self.session.parts is None:
            return
        document = params.get("textDocument")
        if self.session.presence.unseen(
            document.get("uri") if isinstance(document, dict) else None
        ):
            self.session.parts.tracker.confirms = True  # it tells, and has not told of this one
        else:
            self.session.parts.tracker.shown(*found)

    def _present(self, params: Params) -> None:
        focused, visible = params.get("focused"), params.get("visible")
        self.session.presence = Presence(
            focused is not False,
            frozenset(map(str, visible)) if isinstance(visible, list) else None,
        )

    def _partly(self, params: Params) -> None:
        found, length = item_reference(params), params.get("acceptedLength")
        if found is None or not isinstance(length, int) or self.session.parts is None:
            return
        text = params["item"].get("insertText")
        text = normalised(text) if isinstance(text, str) else None
        # VS Code counts in UTF-16, whatever was agreed for positions.
        length = length if text is None else column(text, length, "utf-16")
        now = self.session.clock()
        self.session.parts.tracker.partly_accepted(*found, length, now, item=text)

    def _dismissed(self, params: Params) -> None:
        found = item_reference(params)
        if found is not None and self.session.parts is not None:
            parts = self.session.parts
            parts.tracker.dismissed(found[0], self.session.clock())
            sent_away = parts.tracker.completion(found[0])
            if sent_away is not None:
                parts.hiding.refuse(sent_away)

    def _reason(self, params: Params) -> None:
        document, reason = params.get("textDocument"), params.get("reason")
        uri = document.get("uri") if isinstance(document, dict) else None
        if isinstance(uri, str) and isinstance(reason, str) and uri in self.protocol.documents:
            self._reasons[uri] = reason

    def _configured(self, params: Params) -> None:
        settings = params.get("settings")
        if isinstance(settings, dict):
            self.session.editor.take(settings.get("penchant", settings))

    def _push(self, status: dict[str, Any]) -> None:
        self.protocol.notify(STATUS_METHOD, status)


def _unread(_: Any) -> list[Item]:
    """Answer a question that ``keystroke`` could not read: there is nothing to show."""
    return []


def _plain(handler: Any) -> Any:
    """Hide a bound method's parameters: pygls would inspect them and convert the arguments."""
    if asyncio.iscoroutinefunction(handler):

        async def awaited(*arguments: Any) -> Any:
            return await handler(*arguments)

        return awaited

    def called(*arguments: Any) -> Any:
        return handler(*arguments)

    return called


def _from_thread(loop: asyncio.AbstractEventLoop, function: Any) -> None:
    with contextlib.suppress(RuntimeError):  # the loop is closed: the process is ending
        loop.call_soon_threadsafe(function)


def run(suffix: str = "") -> int:
    """Serve one editor over standard input and output; return the exit code."""
    # sqlite-utils imports pandas where it is installed: a second of processor time for nothing.
    sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]
    descriptor, out = transport.take_stdio()
    log.setup(Path(default_paths().logs), "lsp")
    writer = transport.Writer(out)
    asyncio.run(_serve(descriptor, writer, suffix))
    writer.close()
    return transport.exit_code()


async def _serve(descriptor: int, writer: transport.Writer, suffix: str) -> None:
    app = App(suffix)
    done = asyncio.Event()
    app.protocol.stop = done.set
    app.protocol.set_writer(writer)
    reader = transport.Reader(
        descriptor, app.protocol.receive, app.protocol.leave, asyncio.get_running_loop()
    )
    reader.start()
    await done.wait()
    transport.exit_within(transport.GRACE_S)
