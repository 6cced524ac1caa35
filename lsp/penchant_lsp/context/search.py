"""Asks every source about one place, on the gathering's thread.

Brings the desk up to date first, then puts one question to the index and one to each source, and
lets nothing through that is ignored or holds a secret. Single-threaded; a source that fails costs
its own pieces only. Knows nothing of the event loop.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from penchant_core import log
from penchant_core.context_settings import ContextSettings
from penchant_core.redaction import secret_in
from penchant_core.text import well_formed
from penchant_lsp.context.definitions import Answer, Definitions, Imports, OpenFiles
from penchant_lsp.context.desk import Desk, Snapshot
from penchant_lsp.context.edits import Edits
from penchant_lsp.context.ignoring import Ignoring
from penchant_lsp.context.index import Found, Index
from penchant_lsp.context.kept import Kept
from penchant_lsp.context.neighbours import Neighbours
from penchant_lsp.context.news import News
from penchant_lsp.context.python_imports import imports
from penchant_lsp.context.similar import Similar
from penchant_lsp.context.source import ContextSource, Piece, Query
from penchant_lsp.context.visits import Visits
from penchant_lsp.context.words import names_near

MOST_PIECES = 32
HEAD_LINES = 400
MOST_JUDGED = 2000
REFRESH_S, OWN_TEXT_S = 30.0, 2.0
_INDEXED = frozenset({"imports", "definitions", "open_files"})


class Search:
    """One session's sources.

    ``globs`` gives a workspace's ignore globs; ``trusted`` is whether its files may be read from
    the disk.
    """

    def __init__(
        self,
        settings: ContextSettings,
        index: Index,
        kept: Kept,
        *,
        globs: Callable[[Path], Iterable[str]],
        trusted: Callable[[], bool],
    ) -> None:
        self._globs, self._trusted = globs, trusted
        self.index = index
        self._kept = kept
        self._desk = Desk()
        self._neighbours = Neighbours(self._desk)
        self._answer = Answer()
        self._open_files = OpenFiles(self._desk, self._answer)
        self._visits = Visits(self._desk)
        known: tuple[ContextSource, ...] = (
            Imports(self._answer),
            Definitions(self._answer),
            self._open_files,
            kept,
            self._visits,
            Edits(self._desk),
            Similar(self._desk),
        )
        self._sources = [each for each in known if each.name in settings.sources]
        self._names = {each.name for each in self._sources}
        self._ignoring: dict[Path, tuple[float, Ignoring]] = {}
        self._told: dict[str, tuple[Sequence[str], float]] = {}
        self._clean: OrderedDict[str, bool] = OrderedDict()

    def note(self, news: News, now: float) -> None:
        """Bring the desk up to date."""
        for first, newest in news.documents.values():
            if not self._admitted(newest, now):
                self._desk.drop(newest.uri)
                continue
            self._desk.take(first, now)
            if newest is not first:
                self._desk.take(newest, now)
        for uri in news.closed:
            self._desk.closed(uri)
            self._told.pop(uri, None)
        for root, path in news.touched:
            self.index.file(root, path)

    def pieces(self, document: Snapshot, query: Query) -> list[Piece]:
        """Return the best pieces for a place, best first, clean and well-formed."""
        if not self._admitted(document, query.now):
            return []
        if self._desk.get(document.uri) is None:
            self._desk.take(document, query.now)
        self._answer.found = self._look(document, query)
        found: list[Piece] = []
        for source in self._sources:
            try:
                found += source.pieces(query)
            except Exception as error:  # noqa: BLE001  the edge: one source must not cost the others
                log.failure("source of context failed", error, source=source.name)
        self._visits.visit(query.uri, query.line)
        found.sort(key=lambda piece: -piece.score)
        ignoring = self._rules(query.root, query.now)
        return [
            Piece(p.source, well_formed(p.path), well_formed(p.text), p.why, p.score, p.line)
            for p in found[:MOST_PIECES]
            if self._may_leave(p, ignoring)
        ]

    def between(self, document: Snapshot, now: float) -> bool:
        """Do a little of what nobody waits for; whether there is more of it."""
        if "kept" in self._names:
            self._kept.refresh(now)
        if "similar" not in self._names or not self._trusted():
            return False
        if not self._admitted(document, now):
            return False
        modules = self._answer.found.modules
        return self._neighbours.read(document, modules, self._rules(document.root, now), now) > 0

    # -- the index -------------------------------------------------------------------------

    def _look(self, document: Snapshot, query: Query) -> Found:
        root = query.root
        if not _INDEXED & self._names or not self._trusted():
            return Found()
        if not self.index.watch(root, self._globs(root)):
            return Found()
        for each in self._desk.below(root):
            if each.opened:
                self._tell(each, query)
        outlines = self._open_files.wanted(query) if "open_files" in self._names else []
        imported = imports("\n".join(document.lines[:HEAD_LINES])) if _python(query) else []
        names = names_near(query.prefix, query.suffix)
        return self.index.look(root, query.path, query.language, imported, names, outlines)

    def _tell(self, each: Snapshot, query: Query) -> None:
        """Tell the index an unsaved text; the document that is being typed in not every time."""
        told = self._told.get(each.uri)
        if told is not None and told[0] is each.lines:
            return
        if told is not None and each.uri == query.uri and query.now - told[1] < OWN_TEXT_S:
            return
        self._told[each.uri] = (each.lines, query.now)
        self.index.open(query.root, each.path, "\n".join(each.lines))

    # -- what may be used ------------------------------------------------------------------

    def _admitted(self, snapshot: Snapshot, now: float) -> bool:
        return self._rules(snapshot.root, now).admits(snapshot.path)

    def _rules(self, root: Path, now: float) -> Ignoring:
        known = self._ignoring.get(root)
        if known is None or now - known[0] > REFRESH_S:
            known = (now, Ignoring(root, self._globs(root)))
            self._ignoring[root] = known
        return known[1]

    def _may_leave(self, piece: Piece, ignoring: Ignoring) -> bool:
        return ignoring.admits(piece.path) and self._is_clean(piece.text)

    def _is_clean(self, text: str) -> bool:
        known = self._clean.get(text)
        if known is None:
            known = secret_in([text]) is None
            self._clean[text] = known
            while len(self._clean) > MOST_JUDGED:
                self._clean.popitem(last=False)
        return known


def _python(query: Query) -> bool:
    return query.language == "python"
