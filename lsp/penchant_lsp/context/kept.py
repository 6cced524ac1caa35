"""The developer's own suggestions that were kept lately, as examples of how things are done here.

Read from the signal log of the same workspace, only while recording is consented to there: a
preference that counts at once, before any training. The log is read again only when it changed.
Never creates a log. Knows nothing of the protocol.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from penchant_core import log
from penchant_core.context_settings import SourceName
from penchant_core.errors import PenchantError
from penchant_core.signals import TAKEN, Signal
from penchant_lsp.context.grammars import family
from penchant_lsp.context.source import Piece, Query
from penchant_lsp.context.words import words

NEWEST = 400
LINES_BEFORE = 3
LEAST_CHARS = 8
MOST_PIECES = 4
AGAIN_S = 15.0
_DOUBTS = frozenset({"foreign", "external", "renamed"})


@dataclass(frozen=True, slots=True)
class Example:
    """Lines that stand in a file because a suggestion was kept."""

    workspace: str
    path: str
    language: str
    text: str
    words: Counter[str]


class Kept:
    """The examples of one developer's log.

    ``allowed`` tells whether anything may be recorded in a workspace (by its id).
    """

    name: SourceName = "kept"

    def __init__(self, path: Path, allowed: Callable[[str], bool]) -> None:
        self._path, self._allowed = path, allowed
        self._stamp: object = None
        self._looked: float | None = None
        self._examples: list[Example] = []

    def refresh(self, now: float) -> None:
        """Read the log again if it changed; between completions, because it takes a while."""
        if self._looked is not None and now - self._looked < AGAIN_S:
            return
        self._looked = now
        stamp = _stamp(self._path)
        if stamp != self._stamp:
            self._stamp = stamp
            self._examples = self._read() if stamp is not None else []

    def pieces(self, query: Query) -> Iterator[Piece]:
        """Return the examples most like the place at hand, newer before older."""
        if not query.workspace or not self._allowed(query.workspace):
            return
        wanted = words("\n".join(query.above.split("\n")[-4:]))
        if not wanted:
            return
        group = family(query.language)
        scored = [
            (sum((each.words & wanted).values()) / wanted.total(), each)
            for each in self._examples
            if each.workspace == query.workspace and family(each.language) == group
        ]
        scored.sort(key=lambda pair: -pair[0])
        for alike, each in scored[:MOST_PIECES]:
            if alike > 0.15:
                yield Piece(self.name, each.path, each.text, "kept before", 0.7 * alike)

    def _read(self) -> list[Example]:
        from penchant_core.store import SignalStore

        try:
            with SignalStore(self._path, busy_ms=50) as store:
                signals = store.find(NEWEST)
        except (PenchantError, OSError, sqlite3.Error) as error:
            log.failure("kept completions not read", error)
            return []
        found: dict[str, Example] = {}
        for signal in reversed(signals):  # the newest first
            example = _example(signal)
            if example is not None:
                found.setdefault(example.text, example)
        return list(found.values())


def _example(signal: Signal) -> Example | None:
    done, outcome = signal.completion, signal.outcome
    if outcome is None or outcome.kind not in TAKEN or _DOUBTS & set(outcome.flags):
        return None
    text = outcome.final_text
    if len(text.strip()) < LEAST_CHARS:
        return None
    before = done.prefix.split("\n")[-LINES_BEFORE:]
    whole = "\n".join(before) + text + done.suffix.partition("\n")[0]
    whole = whole.strip("\n")
    return Example(done.workspace, done.path, done.language, whole, words(whole))


def _stamp(path: Path) -> object:
    """Return what changes when the log does, None when there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    try:
        beside = path.with_name(path.name + "-wal").stat()
    except OSError:
        return status.st_mtime_ns, status.st_size
    return status.st_mtime_ns, status.st_size, beside.st_mtime_ns, beside.st_size
