"""Reads a workspace's source files into its table of symbols, gently and again when they change.

Links are not followed, ignored files never opened; what is huge or minified is skipped. Works at
the lowest priority and rests between files. Knows nothing of who asks.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from penchant_lsp.context import grammars
from penchant_lsp.context.ignoring import Ignoring
from penchant_lsp.context.python_imports import imports
from penchant_lsp.context.symbol_table import SymbolTable
from penchant_lsp.context.symbols import definitions

MOST_BYTES = 256_000
MOST_LINE = 2_000
RUN_S, REST_SHARE = 0.05, 0.3
"""After so much work the crawl rests, for this share of it."""
_DEPTH = 40


class Crawl:
    """Keeps one table true to one directory."""

    def __init__(self, root: Path, ignoring: Ignoring, table: SymbolTable, most: int) -> None:
        self._root, self._ignoring, self._table, self._most = root, ignoring, table, most
        self.skipped = 0

    def all(self, going_on: Callable[[], bool] = lambda: True) -> int:
        """Bring every file up to date; return how many were read. Ends early when told to."""
        lowest_priority()
        self._ignoring.refresh()
        known, read = self._table.stamps(), 0
        seen: set[str] = set()
        since = time.perf_counter()
        for path, status in self._files():
            if not going_on() or len(seen) >= self._most:
                break
            seen.add(path)
            stamp = _stamp(status)
            if known.get(path) not in (stamp, OPEN):
                read += self._take(path, stamp, status.st_size)
            worked = time.perf_counter() - since
            if worked > RUN_S:
                time.sleep(worked * REST_SHARE)
                since = time.perf_counter()
        else:
            for gone in known.keys() - seen:
                if known[gone] != OPEN:
                    self._table.remove(gone)
        return read

    def one(self, path: str) -> None:
        """Bring one file up to date: it was saved, closed or removed."""
        at = self._root / path
        with suppress(OSError):
            status = at.lstat()
            if _plain(status) and grammars.language_of(path) and self._ignoring.admits(path):
                self._take(path, _stamp(status), status.st_size)
                return
        self._table.remove(path)

    def open(self, path: str, text: str) -> None:
        """Take the text that the editor shows, which the disk may not have yet."""
        language = grammars.language_of(path)
        if language and self._ignoring.admits(path) and sound(text):
            _put(self._table, path, language, OPEN, text)

    def _take(self, path: str, stamp: str, size: int) -> bool:
        language = grammars.language_of(path)
        text = read_text(self._root / path) if language and size <= MOST_BYTES else None
        if language is None or text is None:
            self.skipped += 1
            self._table.put(path, "", stamp, ())  # known, so that it is not tried again
            return False
        _put(self._table, path, language, stamp, text)
        return True

    def _files(self) -> Iterator[tuple[str, os.stat_result]]:
        waiting = [""]
        while waiting:
            directory = waiting.pop()
            found: list[str] = []
            for entry in _entries(self._root / directory):
                path = f"{directory}/{entry.name}" if directory else entry.name
                with suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        if directory.count("/") < _DEPTH and self._enters(entry, path):
                            found.append(path)
                    elif grammars.language_of(entry.name) and self._ignoring.admits(path):
                        status = entry.stat(follow_symlinks=False)
                        if _plain(status):
                            yield path, status
            waiting += reversed(found)

    def _enters(self, entry: "os.DirEntry[str]", path: str) -> bool:
        environment = os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))  # noqa: PTH110, PTH118
        return not environment and self._ignoring.enters(path)


OPEN = "open"
"""The stamp of a file whose text came from the editor."""


def read_text(path: Path) -> str | None:
    """Return the text of a plain, readable, hand-written file; else None."""
    flags = os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_NOFOLLOW", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError:
        return None
    if len(data) > MOST_BYTES or b"\0" in data:
        return None
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    return text if sound(text) else None


def sound(text: str) -> bool:
    """Whether a text is of a size and shape that people write."""
    if len(text) > MOST_BYTES:
        return False
    return max(map(len, text.split("\n"))) <= MOST_LINE


def lowest_priority() -> None:
    """Let everything else on the machine go first; this thread only, where that exists."""
    with suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)


def _put(table: SymbolTable, path: str, language: str, stamp: str, text: str) -> None:
    family = grammars.family(language)
    imported = imports(text) if language == "python" else ()
    table.put(path, family, stamp, definitions(text, language), imported)


def _entries(directory: Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(directory) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError:
        return []


def _plain(status: os.stat_result) -> bool:
    import stat

    return stat.S_ISREG(status.st_mode)


def _stamp(status: os.stat_result) -> str:
    return f"{status.st_mtime_ns}-{status.st_size}"
