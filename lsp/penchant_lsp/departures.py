"""Documents that were closed a moment ago and may come back, under the same or another name.

Pure. A rename, "save as", a change of language or a cell that moves reach a server as a close and
an open with the same text, in either order; the suggestions in it must not end there. Knows nothing
of suggestions.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from penchant_lsp.followed import Followed

WAIT_S = 2.0
TOLD_WAIT_S = 10.0
NAMES = 64


@dataclass(slots=True)
class Departure:
    """A closed document. ``removed``: a notebook's cell was deleted rather than put away."""

    uri: str
    known: Followed
    at: float
    removed: bool
    until: float


class Departures:
    """The documents that may still come back."""

    def __init__(self) -> None:
        self._gone: dict[str, Departure] = {}
        self._opened: dict[str, float] = {}
        self._names: dict[str, str] = {}

    @property
    def all(self) -> list[Followed]:
        """Every document that may still come back."""
        return [each.known for each in self._gone.values()]

    def renamed(self, old: str, new: str, now: float) -> None:
        """The editor says that a file, or a directory of files, has another name now."""
        self._names[old] = new
        for each in self._gone.values():
            if self.name(each.uri) != each.uri:
                each.until = now + TOLD_WAIT_S

    def name(self, uri: str) -> str:
        """Return what a document is called since the editor renamed it, else ``uri``."""
        for old, new in self._names.items():
            if uri == old or uri.startswith(old.rstrip("/") + "/"):
                return new + uri[len(old) :]
        return uri

    def opened(self, uri: str, now: float) -> None:
        """Note that a document has just been opened."""
        self._opened[uri] = now

    def left(self, uri: str, known: Followed, now: float, *, removed: bool = False) -> None:
        """Keep a document that has just been closed."""
        told = self.name(uri) != uri
        until = now + (TOLD_WAIT_S if told else WAIT_S)
        self._gone[uri] = Departure(uri, known, now, removed, until)

    def back(self, uri: str, text: str) -> Followed | None:
        """Return the document that has come back as ``uri``, None if there is none."""
        for old, each in self._gone.items():
            if each.known.text == text and self._same(old, uri, text):
                del self._gone[old]
                return each.known
        return None

    def successor(self, uri: str, text: str, texts: dict[str, Followed], now: float) -> str | None:
        """Return the document, opened just before ``uri`` closes, that goes on in its place."""
        for new, at in self._opened.items():
            fresh = new in texts and now - at < WAIT_S and not texts[new].tracks
            alike = fresh and texts[new].text == text
            if new != uri and alike and self._same(uri, new, text):
                return new
        return None

    def over(self, now: float) -> list[Departure]:
        """Return, and forget, those that will not come back."""
        self._opened = {uri: at for uri, at in self._opened.items() if now - at < WAIT_S}
        ended = [each for each in self._gone.values() if now >= each.until]
        for each in ended:
            del self._gone[each.uri]
        self._names = dict(list(self._names.items())[-NAMES:])
        return ended

    def _same(self, old: str, new: str, text: str) -> bool:
        """Whether a document with the same text may be the same document."""
        if old == new or self.name(old) == new:
            return True
        was, is_now = urlsplit(old).scheme, urlsplit(new).scheme
        cells = "vscode-notebook-cell" in (was, is_now)
        return bool(text.strip()) and not cells and was in (is_now, "untitled")
