"""pygls' protocol with its gaps closed: every request is answered, nothing is shown or logged.

Bad JSON, wrong shapes and wrong parameters get the error reply that JSON-RPC prescribes; documents
are kept by ``penchant_lsp.documents`` instead of pygls' workspace (which takes form feeds for line
ends); custom notifications arrive as plain dictionaries. Knows nothing of completions.
Sources: JSON-RPC 2.0, Language Server Protocol 3.18, pygls 2.1.1's ``protocol`` package.
"""

import asyncio
import json
from collections.abc import Callable, Generator
from functools import partial
from typing import Any, cast

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol, lsp_method

from penchant_core import log
from penchant_lsp import keystroke, transport
from penchant_lsp.documents import Change, Document, Edit, Units
from penchant_lsp.keystroke import Item, Question
from penchant_lsp.tolerance import Tolerance

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
NOT_INITIALIZED = -32002

Params = dict[str, Any]


Items = list[Item] | asyncio.Future[list[Item]]


class DocumentEvents:
    """What the protocol tells about documents; every method may be overridden."""

    def asked(self, document: Document, question: Question) -> Items:
        """Called for ``inlineCompletion``; returns the items, or what finds them."""
        return []

    def opened(self, document: Document) -> None:
        """Called after ``didOpen``."""

    def changed(self, document: Document, edits: list[Edit], *, whole: bool) -> None:
        """Called after ``didChange``, with the edits in the order they were applied."""

    def saved(self, uri: str) -> None:
        """Called after ``didSave``."""

    def closed(self, uri: str, *, removed: bool = False) -> None:
        """Called after ``didClose``; ``removed``: a notebook's cell may have been deleted."""

    def renamed(self, old: str, new: str) -> None:
        """Called for every file or directory of ``didRenameFiles``."""

    def stopping(self) -> None:
        """Called once, when the client leaves in whatever way."""


class Protocol(LanguageServerProtocol):
    """One client's conversation; see the module's contract."""

    def __init__(self, server: Any, converter: Any) -> None:
        super().__init__(server, converter)
        self.documents: dict[str, Document] = {}
        self.events = DocumentEvents()
        self.custom: dict[str, Callable[[Params], None]] = {}
        self.units: Units = "utf-16"
        self._notebooks: dict[str, list[str]] = {}
        self.stop: Callable[[], None] = lambda: None
        self._tolerance = Tolerance()

    # -- from bytes to handlers ------------------------------------------------------------

    def receive(self, body: bytes) -> None:
        """Take one message in. Never raises."""
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            self._refuse(None, PARSE_ERROR, "Parse error")
            return
        for each in message if isinstance(message, list) else [message]:
            self._take(each)

    def _take(self, message: object) -> None:
        if not isinstance(message, dict):
            self._refuse(None, INVALID_REQUEST, "Invalid Request")
            return
        method, message_id = message.get("method"), message.get("id")
        if message.get("jsonrpc") != self.VERSION or not _sound(message):
            self._refuse(_answerable(message_id), INVALID_REQUEST, "Invalid Request")
        elif isinstance(method, str) and "id" not in message:
            self._notification(method, message)
        elif self._workspace is None and method not in (None, types.INITIALIZE):
            self._refuse(message_id, NOT_INITIALIZED, "Server not initialized")
        elif method is not None and (self._shutdown or self._again(method)):
            self._refuse(message_id, INVALID_REQUEST, "Invalid Request")
        elif method == types.TEXT_DOCUMENT_INLINE_COMPLETION:
            self._asked(self._tolerance.mend(message))
        else:
            self._structured(message)

    def _notification(self, method: str, message: Params) -> None:
        custom = self.custom.get(method)
        if custom is not None:
            params = message.get("params")
            if isinstance(params, dict):
                custom(params)
        elif method == types.EXIT:
            self.leave()
        elif method in types.METHOD_TO_TYPES and (
            self._workspace is not None or method == types.CANCEL_REQUEST
        ):
            if method != types.TEXT_DOCUMENT_DID_CHANGE or self._shutdown:
                self._structured(message)
            else:
                self._edited(message)

    # -- a keystroke -----------------------------------------------------------------------

    def _edited(self, message: Params) -> None:
        """Take a ``didChange`` in."""
        read = keystroke.changes(message.get("params"))
        if read is None:
            self._structured(message)
            return
        try:
            self._apply(read.uri, read.version, read.changes)
        except Exception as error:  # noqa: BLE001  the edge of the process: nothing may end it
            log.failure("message not handled", error)

    def _asked(self, message: Params) -> None:
        """Answer an ``inlineCompletion``: at once where the answer is known."""
        read, message_id = keystroke.question(message.get("params")), message["id"]
        if read is None:
            self._structured(message)
            return
        document = self.documents.get(read.uri)
        try:
            found: Items = [] if document is None else self.events.asked(document, read)
        except Exception as error:  # noqa: BLE001  the edge: no fault may reach the editor
            log.failure("completion failed", error)
            found = []
        if isinstance(found, list):
            self._reply(message_id, found)
            return
        self._request_futures[message_id] = cast(Any, found)
        found.add_done_callback(partial(self._found, message_id))

    def _found(self, message_id: str | int, found: "asyncio.Future[list[Item]]") -> None:
        """Reply once it is known what there is, or that the client has cancelled."""
        if found.cancelled():
            self._send_handler_result(cast(Any, found), msg_id=message_id)
            return
        self._request_futures.pop(message_id, None)
        error = found.exception()
        if error is not None:
            log.failure("completion failed", error)
        self._reply(message_id, found.result() if error is None else [])

    def _reply(self, message_id: str | int, items: list[Item]) -> None:
        self._send_data({"id": message_id, "jsonrpc": self.VERSION, "result": items})

    # -- other messages --------------------------------------------------------------------

    def _structured(self, message: Params) -> None:
        try:
            structured = self.structure_message(self._tolerance.mend(message))
        except JsonRpcException as error:
            log.failure("parameters do not fit", error)
            if "id" in message and "method" in message:
                self._refuse(message["id"], INVALID_PARAMS, "Invalid params")
            return
        try:
            self.handle_message(structured)
        except Exception as error:  # noqa: BLE001  the edge of the process: nothing may end it
            log.failure("message not handled", error)

    def _refuse(self, message_id: Any, code: int, message: str) -> None:
        self._send_data(
            {
                "jsonrpc": self.VERSION,
                "id": message_id,
                "error": {"code": code, "message": message},
            }
        )

    def _again(self, method: object) -> bool:
        return method == types.INITIALIZE and self._workspace is not None

    def _send_response(
        self, msg_id: Any, result: Any = None, error: types.ResponseError | None = None
    ) -> None:
        """Send an answer; an error's text and traceback may quote code, so they stay here."""
        if error is not None and error.code == INTERNAL_ERROR:
            error = types.ResponseError(INTERNAL_ERROR, "Internal error")
        super()._send_response(msg_id, result, error)

    def leave(self) -> None:
        """End the conversation; the process follows."""
        self.events.stopping()
        self.stop()

    # -- lifecycle -------------------------------------------------------------------------

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, Any]:
        """Answer ``initialize`` and remember the client's position units."""
        result = yield from super().lsp_initialize(params)
        self.units = cast(Units, str(self.workspace.position_encoding or "utf-16"))
        return result

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *args: Any) -> Generator[Any, Any, None]:
        """Settle what is open; only ``exit`` may follow."""
        transport.shutdown_seen()
        self.events.stopping()
        yield from super().lsp_shutdown(*args)

    # -- documents -------------------------------------------------------------------------

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """Begin to follow a document."""
        self._open(params.text_document)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """Apply incremental and whole-text changes, in their order."""
        self._change(params.text_document, params.content_changes)

    @lsp_method(types.TEXT_DOCUMENT_DID_SAVE)
    def lsp_text_document__did_save(self, params: types.DidSaveTextDocumentParams) -> None:
        """Pass the moment on."""
        self.events.saved(params.text_document.uri)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """Stop following a document."""
        self._close(params.text_document.uri)

    @lsp_method(types.NOTEBOOK_DOCUMENT_DID_OPEN)
    def lsp_notebook_document__did_open(self, params: types.DidOpenNotebookDocumentParams) -> None:
        """Follow every cell as a document of its own."""
        cells = [cell.document for cell in params.notebook_document.cells]
        self._notebooks[params.notebook_document.uri] = cells
        for cell in params.cell_text_documents:
            self._open(cell)

    @lsp_method(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
    def lsp_notebook_document__did_change(
        self, params: types.DidChangeNotebookDocumentParams
    ) -> None:
        """Open, close and change cells."""
        cells = params.change.cells
        if cells is None:
            return
        if cells.structure is not None:
            # A cell that moves is closed and opened in one message.
            for closed in cells.structure.did_close or []:
                self._close(closed.uri, removed=True)
            for opened in cells.structure.did_open or []:
                self._open(opened)
            self._cells(params.notebook_document.uri, cells.structure.array)
        for content in cells.text_content or []:
            self._change(content.document, content.changes)

    @lsp_method(types.NOTEBOOK_DOCUMENT_DID_SAVE)
    def lsp_notebook_document__did_save(self, params: types.DidSaveNotebookDocumentParams) -> None:
        """A notebook is saved with all its cells."""
        for cell in self._notebooks.get(params.notebook_document.uri, []):
            self.events.saved(cell)

    @lsp_method(types.WORKSPACE_DID_RENAME_FILES)
    def lsp_workspace__did_rename_files(self, params: types.RenameFilesParams) -> None:
        """Pass the new names on."""
        for file in params.files:
            self.events.renamed(file.old_uri, file.new_uri)

    @lsp_method(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
    def lsp_notebook_document__did_close(
        self, params: types.DidCloseNotebookDocumentParams
    ) -> None:
        """Stop following every cell."""
        self._notebooks.pop(params.notebook_document.uri, None)
        for cell in params.cell_text_documents:
            self._close(cell.uri)

    def _open(self, item: types.TextDocumentItem) -> None:
        document = Document.opened(
            item.uri, str(item.language_id), item.version, item.text, self.units
        )
        self.documents[item.uri] = document
        self.events.opened(document)

    def _change(self, identifier: types.VersionedTextDocumentIdentifier, changes: Any) -> None:
        self._apply(identifier.uri, identifier.version, [_change(change) for change in changes])

    def _apply(self, uri: str, version: int, changes: list[Change]) -> None:
        document = self.documents.get(uri)
        if document is None:
            return
        edits = [edit for change in changes if (edit := document.apply(change)) is not None]
        document.version = version
        self.events.changed(document, edits, whole=any(c.start is None for c in changes))

    def _close(self, uri: str, *, removed: bool = False) -> None:
        if self.documents.pop(uri, None) is not None:
            self.events.closed(uri, removed=removed)

    def _cells(self, notebook: str, change: types.NotebookCellArrayChange) -> None:
        cells = self._notebooks.setdefault(notebook, [])
        come = [cell.document for cell in change.cells or []]
        cells[change.start : change.start + change.delete_count] = come


def _change(change: Any) -> Change:
    where: types.Range | None = getattr(change, "range", None)
    if where is None:
        return Change(change.text)
    start, end = where.start, where.end
    return Change(change.text, (start.line, start.character), (end.line, end.character))


def _sound(message: Params) -> bool:
    """Whether the envelope is one that JSON-RPC knows."""
    if "id" in message and _answerable(message["id"]) is None:
        return False
    if "method" in message:
        return isinstance(message["method"], str)
    return "id" in message and ("result" in message or "error" in message)


def _answerable(message_id: object) -> str | int | None:
    usable = isinstance(message_id, str | int) and not isinstance(message_id, bool)
    return cast("str | int", message_id) if usable else None
