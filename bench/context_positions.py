"""Cursor positions in whole packages that the base model never saw, each in a session of its own.

A position's file is open with the expected text missing, three other files of the package were
opened before it, something was written in each of them, and some of the developer's completions
elsewhere in the package were kept. All of it is drawn by chance from a seed; nothing is chosen for
what is asked. Knows nothing of models.
"""

import importlib.util
import random
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from penchant_core.signals import Candidate, Completion, Outcome, OutcomeKind, Signal
from penchant_core.store import SignalStore
from penchant_lsp.context.desk import Snapshot
from penchant_lsp.context.news import News
from penchant_trainer.pretrain.corpus import Document
from penchant_trainer.pretrain.questions import Kind, Question, questions

PACKAGES = (
    "click", "rich", "httpx", "starlette", "sqlite_utils", "pygls", "tomlkit", "importlinter",
    "hatchling", "markdown_it", "cattrs",
)  # fmt: skip
"""Held out of the bundled model's training (see the recipe ``cpu.toml``)."""
KEPT = 60
OTHERS = 3
MOST_CHARS = 120_000


@dataclass(frozen=True, slots=True)
class Workspace:
    """A package on the disk, as a developer would have it open."""

    name: str
    root: Path
    documents: tuple[Document, ...]


def workspaces(home: Path, names: Sequence[str] = PACKAGES) -> list[Workspace]:
    """Copy the packages' Python files below ``home``; packages that are not installed are left."""
    found = []
    for name in names:
        spec = importlib.util.find_spec(name)
        if spec is None or not spec.submodule_search_locations:
            continue
        source, root = Path(next(iter(spec.submodule_search_locations))), home / name
        shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
        documents = tuple(
            Document(package=name, path=path.relative_to(root).as_posix(), text=text)
            for path in sorted(root.rglob("*.py"))
            if 400 < len(text := path.read_text("utf-8")) < MOST_CHARS
        )
        if len(documents) > OTHERS:
            found.append(Workspace(name, root, documents))
    return found


def drawn(
    found: Sequence[Workspace],
    count: int,
    seed: int,
    kinds: Sequence[Kind] = ("single_line", "mid_identifier"),
) -> list[tuple[Workspace, Question]]:
    """Return ``count`` positions, as many of each kind: at line parts, inside names, at blocks."""
    by_name = {each.name: each for each in found}
    documents = [document for each in found for document in each.documents]
    asked = [
        question
        for question in questions(documents, -(-count // len(kinds)), seed)
        if question.kind in kinds
    ]
    return [(by_name[question.package], question) for question in asked[:count]]


def session(place: Workspace, question: Question, chance: random.Random) -> Iterator[News]:
    """Yield what the editor would have told before the completion is asked for, in its order."""
    others = [each for each in place.documents if each.path != question.path]
    directory = question.path.rpartition("/")[0]
    beside = [each for each in others if each.path.rpartition("/")[0] == directory] or others
    for document in [*chance.sample(beside, min(2, len(beside))), chance.choice(others)]:
        yield _written(place, document, chance)
    lines = (question.prefix + question.suffix).split("\n")
    yield _news(snapshot(place, question.path, lines))


def _written(place: Workspace, document: Document, chance: random.Random) -> News:
    """A file in which a few lines were written just now."""
    lines = document.text.split("\n")
    start = chance.randrange(max(1, len(lines) - 8))
    stop = start + chance.randint(2, 8)
    before = snapshot(place, document.path, lines[:start] + lines[stop:])
    after = snapshot(place, document.path, lines)
    return News(documents={before.uri: (before, after)})


def _news(one: Snapshot) -> News:
    return News(documents={one.uri: (one, one)})


def snapshot(place: Workspace, path: str, lines: Sequence[str]) -> Snapshot:
    """Return an open document."""
    return Snapshot((place.root / path).as_uri(), place.root, path, "python", lines)


def kept_log(path: Path, found: Sequence[Workspace], seed: int) -> None:
    """Write a signal log with ``KEPT`` kept completions in each package."""
    with SignalStore(path) as store:
        for place in found:
            asked = questions(place.documents, KEPT // 2, seed + 1)
            single = [each for each in asked if each.kind != "multi_line"]
            store.add_all(
                _signal(place, question, number) for number, question in enumerate(single)
            )


def _signal(place: Workspace, question: Question, number: int) -> Signal:
    now, name = time.time(), f"{place.name}-{number}"
    text = question.expected
    done = Completion(
        id=name,
        at=now,
        developer="bench",
        workspace=place.name,
        path=question.path,
        language="python",
        prefix=question.prefix[-2000:],
        suffix=question.suffix[:500],
        candidates=(Candidate(text, -1.0, "stop"),),
        shown=0,
    )
    kept = Outcome(name, OutcomeKind.ACCEPTED, now, now, len(text), len(text), final_text=text)
    return Signal(done, kept)
