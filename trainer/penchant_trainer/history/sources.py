"""The histories that a developer's runs learn from: which repository, whose lines, up to where.

Kept beside the runs as one small file of names and commit ids. No line of code is copied: each run
reads the repositories again, up to the commit that was newest when the developer named them. Knows
nothing of signals.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from penchant_core.errors import PenchantError, TrainError
from penchant_core.log import failure
from penchant_core.paths import write_private
from penchant_trainer.caps import Caps, capped
from penchant_trainer.history.lessons import Lessons, Report, lessons
from penchant_trainer.history.repository import Repository
from penchant_trainer.units import Event

FILE = "histories.json"


@dataclass(frozen=True, slots=True)
class Source:
    """One repository: the newest ``most`` moments of ``authors`` (e-mail addresses) at ``head``."""

    root: str
    head: str
    authors: tuple[str, ...]
    most: int

    def lessons(self, report: Report = lambda _: None) -> Lessons:
        """Return what it teaches; raise TrainError when the repository cannot be read."""
        repository = Repository(Path(self.root), self.head)
        return lessons(repository, self.authors, most=self.most, report=report)


def known(directory: Path) -> tuple[Source, ...]:
    """Return the sources of the developer whose runs lie in ``directory``."""
    path = directory / FILE
    if not path.exists():
        return ()
    try:
        rows = json.loads(path.read_text("utf-8"))
        return tuple(Source(r["root"], r["head"], tuple(r["authors"]), r["most"]) for r in rows)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise TrainError(f"{path} is damaged; delete it and run `penchant bootstrap`") from error


def remember(directory: Path, source: Source) -> None:
    """Add a source, in the place of what was known of the same repository."""
    others = [each for each in known(directory) if each.root != source.root]
    _write(directory, [*others, source])


def forget(directory: Path, root: Path) -> bool:
    """Take a repository out; False when it was not known."""
    every = known(directory)
    kept = [source for source in every if source.root != str(root)]
    _write(directory, kept)
    return len(kept) < len(every)


def events(directory: Path) -> tuple[Event, ...]:
    """Return what all sources teach, oldest first, within the usual caps.

    A repository that has gone costs its lessons, never a run.
    """
    found: list[Event] = []
    for source in known(directory):
        try:
            found += source.lessons().events
        except PenchantError as error:
            failure("history_not_read", error)
    return capped(sorted(found, key=lambda event: (event.at, event.signal_id)), Caps())


def _write(directory: Path, sources: Iterable[Source]) -> None:
    rows = [asdict(source) for source in sources]
    write_private(directory / FILE, json.dumps(rows, indent=1))
