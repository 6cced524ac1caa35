"""What a persona writes, and where it pauses and looks at the ghost text.

Files are written from top to bottom, in the persona's style. A pause stands in a line shortly
before a place where one of the persona's habits shows, the habits taking turns; every fifth stands
anywhere. What is written there is the rest of the line. Deterministic for a seed. Knows nothing of
suggestions.
"""

import random
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import islice

from penchant_trainer.personas.people import PERSONAS, Persona
from penchant_trainer.personas.rewriting import Rewrite, rewritten
from penchant_trainer.personas.sheet import sheet
from penchant_trainer.pretrain.corpus import Document
from penchant_trainer.style.habits import HABITS
from penchant_trainer.style.source import Source

PER_FILE = 8
LEAST_CHARS = 2
ANYWHERE = 0.2
NEAR = 3
"""A pause is at one of the last so many places in its line before the habit shows."""


@dataclass(frozen=True, slots=True)
class Place:
    """A cursor with what the persona writes there; ``habit`` is what brought it there, if any."""

    path: str
    prefix: str
    truth: str
    suffix: str
    habit: str | None


def places(persona: Persona, documents: Sequence[Document], count: int, seed: int) -> list[Place]:
    """Return ``count`` places in the order in which they are written, fewer if the files end.

    A smaller count gives the beginning of the same. Whoever takes on another style at half time
    does so after half of ``count``.
    """
    if persona.later is not None:
        first = list(islice(_endless(persona, documents, seed), count // 2))
        written = {place.path for place in first}
        rest = [document for document in documents if document.path not in written]
        other = PERSONAS[persona.later]
        return first + list(islice(_endless(other, rest, seed), count - len(first)))
    return list(islice(_endless(persona, documents, seed), count))


def _endless(persona: Persona, documents: Sequence[Document], seed: int) -> Iterator[Place]:
    order = sorted(documents, key=lambda d: zlib.crc32(f"{seed}/{d.path}".encode()))
    for number, document in enumerate(order):
        chance = random.Random(f"{seed}/{document.path}")  # noqa: S311 (no secret hangs on it)
        text = write(persona, document.text)
        yield from _pauses(persona, document.path, text, chance, number)


def write(persona: Persona, text: str) -> str:
    """Return a program in the persona's style."""
    return rewritten(text, tuple(map(_rewrite, persona.rewrites)))


def _rewrite(name: str) -> Rewrite:
    module, function = name.split(".")
    found = import_module(f"penchant_trainer.personas.rewriting.{module}")
    rewrite: Rewrite = getattr(found, function)
    return rewrite


def _pauses(
    persona: Persona, path: str, text: str, chance: random.Random, turn: int
) -> Iterator[Place]:
    """Yield the places of one file, at most one per line."""
    source, paper = Source(text), sheet(text)
    by_habit = {name: _shown(source, name, wanted) for name, wanted in persona.wants.items()}
    names = [*persona.wants]
    rows: dict[int, tuple[int, str | None]] = {}
    for step in range(PER_FILE):
        if chance.random() < ANYWHERE or not any(by_habit.values()):
            at, habit = _anywhere(source, chance), None
        else:
            habit = next(n for n in _turned(names, turn + step) if by_habit[n])
            at = by_habit[habit].pop(chance.randrange(len(by_habit[habit])))
        if at is not None and source.row(at) not in rows:
            rows[source.row(at)] = (_cursor(source, at, chance) if habit else at, habit)
    for _, (cursor, habit) in sorted(rows.items()):
        stop = text.find("\n", cursor)
        prefix, suffix = paper.around(cursor, stop, chance)
        truth = text[cursor:stop]
        if len(truth.strip()) >= LEAST_CHARS:
            yield Place(path, prefix, truth, suffix, habit)


def _turned(names: list[str], turn: int) -> list[str]:
    start = turn % len(names)
    return names[start:] + names[:start]


def _shown(source: Source, name: str, wanted: bool) -> list[int]:
    """Return where a habit shows as wanted, in lines that end within the text."""
    found = [o.at for o in HABITS[name].occasions(source) if o.shown is wanted]
    return [at for at in found if 0 < at < len(source.text) - 1]


def _anywhere(source: Source, chance: random.Random) -> int | None:
    inside = [token.start for token in source.code if token.start]
    return chance.choice(inside) if inside else None


def _cursor(source: Source, at: int, chance: random.Random) -> int:
    """Return a place in the line of ``at``, not after it, where a person might pause."""
    row = source.row(at)
    near = [t.start for t in source.all if source.row(t.start) == row and t.start <= at]
    return chance.choice(sorted({*near, at})[-NEAR:])
