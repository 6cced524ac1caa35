"""Finds the Python sources that this machine has anyway, with their licences.

The standard library of the running interpreter and every installed distribution, as their own
metadata describe them. Only licences of the list below are admitted; what is refused is named with
the reason. Knows nothing of what is done with the files.
"""

import platform
import re
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from importlib import metadata
from pathlib import Path
from typing import cast

STDLIB = "cpython"
PERMISSIVE = frozenset({
    "MIT", "MIT-0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Apache-2.0", "ISC", "PSF-2.0",
    "Python-2.0", "Python-2.0.1",
})  # fmt: skip
_CLASSIFIERS = {
    "MIT License": "MIT",
    "BSD License": "BSD",
    "Apache Software License": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "Python Software Foundation License": "PSF-2.0",
    "MIT No Attribution License (MIT-0)": "MIT-0",
}
_NAMES = (
    (re.compile(r"(the )?mit( licen[sc]e)?"), "MIT"),
    (re.compile(r"(new |modified |simplified )?bsd( licen[sc]e)?"), "BSD"),
    (re.compile(r"(the )?bsd[ -]([23])[ -]clause( licen[sc]e)?"), "BSD-3-Clause"),
    (
        re.compile(
            r"apache([ -]software)?[ -]?(licen[sc]e)?,?[ -]?(version )?2(\.0)?( licen[sc]e)?"
        ),
        "Apache-2.0",
    ),
    (re.compile(r"isc( licen[sc]e)?(\s*\(iscl\))?"), "ISC"),
    (re.compile(r"psf(-2\.0)?|python software foundation licen[sc]e"), "PSF-2.0"),
)
_SKIPPED_STDLIB = frozenset({
    "site-packages", "dist-packages", "test", "tests", "idlelib", "lib2to3", "ensurepip",
    "turtledemo",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Package:
    """One source of text: its name, version, licence and files (path as installed, place)."""

    name: str
    version: str
    licence: str
    files: tuple[tuple[str, Path], ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A distribution that is not read, and why."""

    name: str
    version: str
    licence: str


def packages(directories: Sequence[Path] = ()) -> tuple[list[Package], list[Refusal]]:
    """Return what may be read and what is refused, sorted by name.

    ``directories`` are further site-packages directories, besides ``sys.path``. A distribution
    found twice is read once.
    """
    taken, refused = [_stdlib()], []
    seen: set[str] = set()
    places = [*sys.path, *map(str, directories)]
    for distribution in metadata.distributions(path=places):
        name = canonical(distribution.metadata["Name"] or "")
        if not name or name in seen:
            continue
        seen.add(name)
        licence, allowed = licence_of(cast(Message, distribution.metadata))
        if allowed:
            found = tuple(sorted(_files(distribution)))
            taken.append(Package(name, distribution.version, licence, found))
        else:
            refused.append(Refusal(name, distribution.version, licence))
    return sorted(taken, key=lambda p: p.name), sorted(refused, key=lambda r: r.name)


def canonical(name: str) -> str:
    """Return a distribution's name as PyPI compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def licence_of(fields: Message) -> tuple[str, bool]:
    """Return the licence that metadata declare, and whether all of it is permissive.

    The SPDX expression (PEP 639) counts most, then the trove classifiers, then the free text.
    """
    expression = fields.get("License-Expression")
    if expression:
        return expression, permissive(expression)
    prefix = "License :: "
    classified = [c for c in fields.get_all("Classifier") or () if c.startswith(prefix)]
    last = [c.rsplit(" :: ", 1)[1] for c in classified]
    named = [name for name in last if name != "OSI Approved"]
    if named:
        return " AND ".join(_CLASSIFIERS.get(n, n) for n in named), set(named) <= set(_CLASSIFIERS)
    return _free_text((fields.get("License") or "").strip())


def _free_text(text: str) -> tuple[str, bool]:
    line = text.splitlines()[0].strip() if text else "not declared"
    if permissive(line):
        return line, True
    for pattern, spdx in _NAMES:
        if pattern.fullmatch(line.lower()):
            return spdx, True
    return line[:60], False


def permissive(expression: str) -> bool:
    """Whether an SPDX expression leaves a choice in which every licence is permissive.

    ``WITH`` exceptions and nested groups are read conservatively: unknown words refuse.
    """
    flat = expression.replace("(", " ").replace(")", " ")
    if "(" in expression and " OR " in expression and " AND " in expression:
        return set(re.split(r"\s+(?:AND|OR)\s+", flat.strip())) <= PERMISSIVE
    choices = re.split(r"\s+OR\s+", flat.strip())
    return any(set(re.split(r"\s+AND\s+", choice.strip())) <= PERMISSIVE for choice in choices)


def _files(distribution: metadata.Distribution) -> Iterator[tuple[str, Path]]:
    for file in distribution.files or ():
        if file.suffix == ".py" and ".." not in file.parts:
            yield file.as_posix(), Path(str(distribution.locate_file(file)))


def _stdlib() -> Package:
    root = Path(sysconfig.get_paths()["stdlib"])
    found = tuple((path.relative_to(root).as_posix(), path) for path in _below(root))
    return Package(STDLIB, platform.python_version(), "PSF-2.0", found)


def _below(root: Path) -> Iterable[Path]:
    return (
        path
        for path in sorted(root.rglob("*.py"))
        if not _SKIPPED_STDLIB & set(path.relative_to(root).parts)
    )
