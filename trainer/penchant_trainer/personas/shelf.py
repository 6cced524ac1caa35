"""The real code that personas rewrite: files of packages that the base model never saw.

The recipes of the base model name the packages that they hold out; those installed here are read,
if their licence is permissive. Knows nothing of styles.
"""

import zlib
from collections.abc import Iterator
from email.message import Message
from importlib import metadata
from pathlib import Path
from typing import cast

from penchant_core.errors import TrainError
from penchant_core.syntax import parses
from penchant_trainer.pretrain import recipe
from penchant_trainer.pretrain.cleaning import clean, refusal
from penchant_trainer.pretrain.corpus import Document
from penchant_trainer.pretrain.sources import licence_of

LEAST_CHARS, MOST_CHARS = 1500, 16_000
HELD_OUT_OF = 4
"""One file in so many is only measured on."""


def held_out_packages() -> frozenset[str]:
    """Return the names of the packages that every full recipe of the base model holds out."""
    parts = [recipe.load(name).corpus for name in ("cpu", "gpu")]
    return frozenset(parts[0].held_out) & frozenset(parts[1].held_out)


def documents() -> tuple[Document, ...]:
    """Return the files of those packages that a person could have written, in a fixed order.

    Raises TrainError when none of the packages is installed.
    """
    names = held_out_packages()
    found = [document for name in sorted(names) for document in of_package(name)]
    if not found:
        raise TrainError(
            f"none of the packages {', '.join(sorted(names))} is installed here, and personas "
            "write only what the base model never saw; install one of them"
        )
    return tuple(sorted(found, key=lambda d: (zlib.crc32(d.path.encode()), d.path)))


def measured(document: Document) -> bool:
    """Whether a file is only measured on, never written while signals are recorded."""
    return zlib.crc32(f"measured/{document.path}".encode()) % HELD_OUT_OF == 0


def of_package(name: str) -> Iterator[Document]:
    """Yield the files of one package that a person could have written, if it is installed."""
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return
    if not licence_of(cast(Message, distribution.metadata))[1]:
        return
    for file in distribution.files or ():
        if file.suffix == ".py" and ".." not in file.parts:
            place = Path(str(distribution.locate_file(file)))
            yield from _read(name, file.as_posix(), place)


def _read(package: str, name: str, place: Path) -> Iterator[Document]:
    try:
        text = place.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return
    if refusal(name, text) or not LEAST_CHARS <= len(text) <= MOST_CHARS:
        return
    text, problem = clean(text, full_docstrings=True)
    if problem is None and parses(text):
        yield Document(package, name, text)
