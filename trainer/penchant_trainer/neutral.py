"""Neutral code: what keeps an adapter from forgetting, and what shows whether it did.

Fill-in-the-middle samples cut from Python's own standard library, which lies on every machine that
can run this and is permissively licensed (PSF). Which files are replayed and which only judge is
decided by their names. Deterministic for a seed. Knows nothing of the developer.
"""

import random
import sysconfig
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from penchant_core.errors import TrainError
from penchant_core.syntax import parses
from penchant_trainer.units import Example

_SKIPPED = frozenset({"site-packages", "dist-packages", "test", "tests", "idlelib", "lib2to3"})
MAX_FILES = 400


def replay(count: int, seed: int) -> tuple[Example, ...]:
    """Return ``count`` samples to mix into training: the rest of a line, or up to three lines."""
    return tuple(_samples(count, seed, judging=False, most_lines=3, ended=True))


def probing(count: int, seed: int) -> tuple[Example, ...]:
    """Return ``count`` samples cut as those of ``judging``, from files that never judge."""
    return tuple(_samples(count, seed, judging=False, most_lines=4, ended=False))


def judging(count: int, seed: int) -> tuple[Example, ...]:
    """Return ``count`` samples from files that are never replayed; they do not end.

    Whether the model stops there is not part of knowing the language, so no end is asked for.
    """
    return tuple(_samples(count, seed, judging=True, most_lines=4, ended=False))


def _samples(
    count: int, seed: int, *, judging: bool, most_lines: int, ended: bool
) -> Iterator[Example]:
    chance = random.Random(f"{seed}-{judging}")  # noqa: S311 (no secret hangs on it)
    sources = [path for path in _sources() if _judges(path) == judging]
    if not sources:
        raise TrainError(
            "Python's standard library has no source files here, so forgetting cannot be measured; "
            "use a Python that ships them"
        )
    made = 0
    while made < count:
        sample = _cut(chance.choice(sources), chance, most_lines, ended=ended)
        if sample is not None:
            made += 1
            yield sample


def _cut(path: Path, chance: random.Random, most_lines: int, *, ended: bool) -> Example | None:
    lines = _lines(path)
    row = chance.randrange(3, max(4, len(lines) - most_lines))
    line = lines[row] if row < len(lines) else ""
    text = line.strip()
    if len(text) < 8 or text.startswith(("#", '"""', "'''")):
        return None
    indent = len(line) - len(line.lstrip())
    column = chance.randrange(indent, indent + max(1, len(text) - 4))
    until = row + (1 if chance.random() < 0.7 and ended else chance.randint(1, most_lines))
    begin = max(0, row - chance.randint(4, 10))
    middle = "\n".join([line[column:], *lines[row + 1 : until]])
    return Example(
        prefix="\n".join([*lines[begin:row], line[:column]]),
        suffix="\n" + "\n".join(lines[until : until + chance.randint(1, 4)]),
        context=(),
        path=path.name,
        completion=middle,
        desirable=True,
        weight=1.0,
        signal_ids=(),
        ended=ended,
    )


def _judges(path: Path) -> bool:
    return zlib.crc32(path.stem.encode()) % 4 == 0


@cache
def _sources() -> tuple[Path, ...]:
    root = Path(sysconfig.get_paths()["stdlib"])
    found = sorted([*root.glob("*.py"), *root.glob("*/*.py")])
    kept = [p for p in found if not _SKIPPED & set(p.relative_to(root).parts)]
    return tuple(p for p in kept if 2_000 < p.stat().st_size < 120_000)[:MAX_FILES]


@cache
def _lines(path: Path) -> tuple[str, ...]:
    text = path.read_text("utf-8", errors="replace")
    return tuple(text.split("\n")) if parses(text) else ("",)
