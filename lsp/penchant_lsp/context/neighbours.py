"""Puts the files beside the open one on the desk, a few at a time: what it imports, its directory.

So that a workspace helps from the first file opened in it. Ignored files are never read. Runs
between completions. Knows nothing of how files are compared.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from penchant_lsp.context.crawl import read_text
from penchant_lsp.context.desk import Desk, Snapshot
from penchant_lsp.context.grammars import family, language_of
from penchant_lsp.context.ignoring import Ignoring

MOST_PER_DIRECTORY, AT_ONCE = 12, 3
AGAIN_S = 300.0


class Neighbours:
    """Reads for one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tried: dict[tuple[Path, str], float] = {}

    def read(self, near: Snapshot, modules: Iterable[str], ignoring: Ignoring, now: float) -> int:
        """Read the next few files near a document; return how many."""
        count = 0
        for path in self._wanted(near, modules):
            key = (near.root, path)
            if now - self._tried.get(key, -AGAIN_S) < AGAIN_S or not ignoring.admits(path):
                continue
            self._tried[key] = now
            at = near.root / path
            known = self._desk.get(at.as_uri())
            if known is not None and not known.near:
                continue
            text = read_text(at)
            if text is not None:
                language = language_of(path) or near.language
                lines = text.split("\n")
                new = Snapshot(at.as_uri(), near.root, path, language, lines, False, True)
                self._desk.take(new, now)
            count += 1
            if count == AT_ONCE:
                break
        return count

    def _wanted(self, near: Snapshot, modules: Iterable[str]) -> Iterator[str]:
        yield from modules
        directory = near.path.rpartition("/")[0]
        names = _names(near.root / directory, near.language)
        here = near.path.rpartition("/")[2]
        for name in names[:MOST_PER_DIRECTORY]:
            if name != here:
                yield f"{directory}/{name}" if directory else name


def _names(directory: Path, language: str) -> list[str]:
    group = family(language)
    try:
        with os.scandir(directory) as entries:
            return sorted(
                entry.name
                for entry in entries
                if family(language_of(entry.name) or "") == group
                and entry.is_file(follow_symlinks=False)
            )
    except OSError:
        return []
