"""Gathers context in the background: asked as a completion begins, ready when it is sent.

The event loop only notes how documents are; everything else happens on a thread of its own. A
completion waits at most ``deadline_ms`` beyond its debounce; when the thread is late it goes with
what was found for the document before, or without. Knows nothing of the protocol and of models.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from penchant_core import log
from penchant_core.context_settings import ContextSettings
from penchant_core.signals import Snippet
from penchant_lsp.context.desk import Snapshot
from penchant_lsp.context.news import News
from penchant_lsp.context.selection import Room, select
from penchant_lsp.context.source import Piece
from penchant_lsp.context.where import Where
from penchant_lsp.documents import Document
from penchant_lsp.permission import Permission, file_path, relative, root_of

if TYPE_CHECKING:
    from penchant_core.config import Config
    from penchant_core.wire import Window
    from penchant_lsp.context.search import Search

MOST_NEWS = 200
PAUSE_S = 0.3
"""So long without a question before the thread does what nobody waits for."""


@dataclass(slots=True)
class Asked:
    """A question under way; ``pieces`` is set once the thread has looked."""

    where: Where
    room: Room
    pieces: "Future[Sequence[Piece]]" = field(default_factory=Future)


class Gathering:
    """One session's context. All methods are for the event loop and return at once.

    ``make_search`` is called on the thread, because it loads what takes a while.
    """

    def __init__(
        self,
        settings: ContextSettings,
        make_search: "Callable[[], Search]",
        folders: Callable[[], Sequence[Path]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._make_search = settings, make_search
        self._folders, self._clock = folders, clock
        self._on = bool(settings.sources) and settings.max_chars > 0
        self._change = threading.Condition()
        self._news = News()
        self._next: Asked | None = None
        self._ended = False
        self._last: dict[str, Sequence[Piece]] = {}
        self._sent: dict[str, frozenset[str]] = {}
        self._thread = threading.Thread(target=self._run, name="context", daemon=True)
        if self._on:
            self._thread.start()

    # -- documents -------------------------------------------------------------------------

    def changed(self, document: Document) -> None:
        """Note a document's present text: it was opened or edited."""
        snapshot = self._snapshot(document) if self._on else None
        if snapshot is None:
            return
        with self._change:
            documents = self._news.documents
            first, _ = documents.pop(document.uri, (snapshot, snapshot))
            documents[document.uri] = (first, snapshot)
            self._news.closed.pop(document.uri, None)
            while len(documents) > MOST_NEWS:
                del documents[next(iter(documents))]

    def saved(self, uri: str) -> None:
        """Note that the disk has a document's text now."""
        self._touch(uri)

    def closed(self, uri: str) -> None:
        """Note that a document is open no more."""
        self._touch(uri)
        self._last.pop(uri, None)
        self._sent.pop(uri, None)
        with self._change:
            self._news.closed[uri] = None
            while len(self._news.closed) > MOST_NEWS:
                del self._news.closed[next(iter(self._news.closed))]

    def renamed(self, old: str, new: str) -> None:
        """Note that a file has another name."""
        self._touch(old)
        self._touch(new)

    def _touch(self, uri: str) -> None:
        path = file_path(uri) if self._on else None
        root = root_of(path, self._folders())
        if path is None or root is None or not path.is_relative_to(root):
            return
        with self._change:
            self._news.touched[root, relative(path, root)] = None
            while len(self._news.touched) > MOST_NEWS:
                del self._news.touched[next(iter(self._news.touched))]

    def _snapshot(self, document: Document) -> Snapshot | None:
        path = file_path(document.uri)
        root = root_of(path, self._folders())
        if path is None or root is None or not path.is_relative_to(root):
            return None
        name = relative(path, root)
        return Snapshot(document.uri, root, name, document.language, list(document.lines))

    # -- completions -----------------------------------------------------------------------

    def ask(
        self,
        document: Document,
        prefix: str,
        suffix: str,
        line: int,
        *,
        workspace: str = "",
        window: "Window | None" = None,
    ) -> Asked | None:
        """Begin to look for what helps at a place; None where nothing is to be had.

        ``workspace`` is its id where outcomes may be recorded. An older question that waits still
        is dropped.
        """
        snapshot = self._snapshot(document) if self._on else None
        if snapshot is None:
            return None
        where = Where(snapshot, prefix, suffix, line, workspace, window)
        asked = Asked(where, where.room(self._settings.max_chars))
        if asked.room.chars <= 0:
            return None
        with self._change:
            dropped, self._next = self._next, asked
            self._change.notify()
        if dropped is not None:
            dropped.pieces.cancel()
        return asked

    async def found(self, asked: Asked | None) -> tuple[Snippet, ...]:
        """Return what was found, within the deadline."""
        if asked is None:
            return ()
        uri = asked.where.document.uri
        pieces = await self._in_time(asked.pieces)
        if pieces is None:
            pieces = self._last.get(uri, ())
        self._last[uri] = pieces
        snippets = select(pieces, asked.room, self._sent.get(uri, frozenset()))
        sent = "\n".join(snippet.text for snippet in snippets)
        self._sent[uri] = frozenset(
            text for piece in pieces if (text := piece.text.strip("\n")) in sent
        )
        return snippets

    async def _in_time(self, pieces: "Future[Sequence[Piece]]") -> Sequence[Piece] | None:
        if not pieces.done() and self._settings.deadline_ms:
            wrapped = asyncio.wrap_future(pieces)
            await asyncio.wait([wrapped], timeout=self._settings.deadline_ms / 1000)
        if pieces.done() and not pieces.cancelled():
            return pieces.result()
        return None

    def close(self) -> None:
        """End the thread and the indexing process."""
        with self._change:
            self._ended = True
            self._change.notify()

    # -- on the thread ---------------------------------------------------------------------

    def _run(self) -> None:
        search = self._make_search()
        last: Where | None = None
        more = False
        while True:
            with self._change:
                if self._next is None and not self._ended:
                    self._change.wait(PAUSE_S if more else None)
                asked, self._next = self._next, None
                news, self._news = self._news, News()
                if self._ended:
                    break
            now = self._clock()
            try:
                search.note(news, now)
                if asked is not None:
                    _answer(search, asked, now)
                    last, more = asked.where, True
                elif last is not None:
                    more = search.between(last.document, now)
            except Exception as error:  # noqa: BLE001  the edge: context never costs a completion
                log.failure("no context", error)
                more = False
        search.index.close()


def _answer(search: "Search", asked: Asked, now: float) -> None:
    if asked.pieces.set_running_or_notify_cancel():
        where = asked.where
        found: Sequence[Piece] = ()
        try:
            found = search.pieces(where.document, where.query(asked.room, now))
        finally:
            asked.pieces.set_result(found)


def of_session(
    config: "Config",
    permission: Permission,
    folders: Callable[[], Sequence[Path]],
) -> Gathering:
    """Return the gathering of a session, by its settings."""
    settings = config.settings
    ignore = settings.signals.ignore

    def globs(root: Path) -> tuple[str, ...]:
        return (*ignore, *permission.limits(root).ignore)

    def search() -> "Search":
        from penchant_lsp.context.index import Index
        from penchant_lsp.context.kept import Kept
        from penchant_lsp.context.search import Search

        return Search(
            settings.context,
            Index(settings.context.index_files),
            Kept(config.paths.signal_log(settings.developer.name), permission.records),
            globs=globs,
            trusted=lambda: permission.trusted,
        )

    return Gathering(settings.context, search, folders)
