"""Whether a change came from outside the editor: git moved, or the file was written and re-read.

A document that, after a change nobody types, reads exactly like its file, while the file is newer
than what was opened or saved here, was reloaded from it. One ``stat`` per such change, a read only
if the file is newer. Never raises. Knows nothing of suggestions.
"""

import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from penchant_lsp import checkout
from penchant_lsp.documents import Document, Edit, normalised
from penchant_lsp.origins import keystroke, pasted

LARGE = 200
MOST_BYTES = 2_000_000

Stamp = tuple[int, int] | None


class Outside:
    """The files of the open documents, as they were when opened or saved last."""

    def __init__(self) -> None:
        self._stamps: dict[str, Stamp] = {}
        self._commits = checkout.Commits()

    def noted(self, uri: str) -> None:
        """A document was opened or saved: it and its file agree."""
        self._stamps[uri] = _stamp(_path(uri))

    def forget(self, uri: str) -> None:
        """A document was closed."""
        self._stamps.pop(uri, None)

    def suspected(self, document: Document, edits: Sequence[Edit], folders: Sequence[Path]) -> bool:
        """Whether ``edits``, which made the document what it is, may have come from outside."""
        if all(keystroke(edit.text) and edit.end - edit.start <= 1 for edit in edits):
            return False
        return self._reloaded(document) or self._moved(document.uri, edits, folders)

    def committed(self, uris: Iterable[str], folders: Sequence[Path]) -> list[str]:
        """Return those documents whose repository has a new commit since last asked."""
        roots = {uri: _root(uri, folders) for uri in uris}
        known = {root for root in roots.values() if root is not None}
        moved = {root for root in known if self._commits.new(root)}
        return [uri for uri, root in roots.items() if root in moved]

    def _moved(self, uri: str, edits: Sequence[Edit], folders: Sequence[Path]) -> bool:
        """Whether a large change comes right after git has moved."""
        if not any(pasted(edit.text) or edit.end - edit.start > LARGE for edit in edits):
            return False
        root = _root(uri, folders)
        return root is not None and checkout.recent(root, time.time())

    def _reloaded(self, document: Document) -> bool:
        path = _path(document.uri)
        stamp = _stamp(path)
        if path is None or stamp is None or stamp == self._stamps.get(document.uri, stamp):
            return False
        if stamp[1] > MOST_BYTES:
            return False
        try:
            text = path.read_text("utf-8-sig", "replace")
        except OSError:
            return False
        if normalised(text) != document.text:
            return False
        self._stamps[document.uri] = stamp
        return True


def _path(uri: str) -> Path | None:
    from penchant_lsp.permission import file_path

    return file_path(uri) if uri.startswith("file:") else None


def _root(uri: str, folders: Sequence[Path]) -> Path | None:
    from penchant_lsp.permission import file_path, root_of

    return root_of(file_path(uri), folders)


def _stamp(path: Path | None) -> Stamp:
    try:
        status = path.stat() if path is not None else None
    except (OSError, ValueError):  # a NUL in the name is no OSError
        return None
    return None if status is None else (status.st_mtime_ns, status.st_size)
