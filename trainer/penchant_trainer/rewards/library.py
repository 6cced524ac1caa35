"""Installed packages as text: finds a module's source or stub and parses it, and runs none of it.

Python's own path finder says where a module would be loaded from; parents are never imported, so
nothing of a package is executed. Stubs beside a module, and ``-stubs`` packages, go before the
source. Modules of the standard library that are compiled are asked for their names. Knows nothing
of what the names are needed for.
"""

import array
import ast
import binascii
import importlib
import math
import select
import sys
import sysconfig
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from penchant_core.syntax import parsed

_COMPILED = {m.__name__: m for m in (array, binascii, math, select, unicodedata, zlib)}
"""Parts of the standard library without source, which this process has loaded for itself."""

_MOST_BYTES = 2_000_000
_CACHED = 512


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One module: its tree, or, where it has none, the names that the interpreter gives it."""

    name: str
    tree: ast.Module | None
    is_package: bool
    names: frozenset[str] = frozenset()

    @property
    def package(self) -> str:
        """The package that its relative imports start from."""
        return self.name if self.is_package else self.name.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class Library:
    """The packages below some directories, in the order in which Python would search them."""

    paths: tuple[str, ...]

    def module(self, name: str) -> Source | None:
        """Return a module by its dotted name, None when it is not there or cannot be read."""
        return _module(self.paths, name)

    def has(self, name: str) -> bool:
        """Whether there is a module of that name, readable or not."""
        return name in sys.builtin_module_names or _spec(self.paths, name) is not None


def library(environment: str = "") -> Library:
    """Return the library of a virtual environment; of this interpreter when none is named.

    The standard library is always this interpreter's. An environment that is not there has no
    packages, so that nothing is said about them.
    """
    standard = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")]
    standard += [str(Path(path) / "lib-dynload") for path in standard]
    if not environment:
        return Library(tuple(dict.fromkeys([*standard, *(path for path in sys.path if path)])))
    root = Path(environment).expanduser()
    places = [*root.glob("lib/python3*/site-packages"), root / "Lib" / "site-packages"]
    found = [str(path) for path in places if path.is_dir()]
    return Library(tuple(dict.fromkeys([*standard, *found])))


@lru_cache(maxsize=_CACHED)
def _module(paths: tuple[str, ...], name: str) -> Source | None:
    if name in sys.builtin_module_names:  # in the interpreter already: nothing is loaded
        return Source(name, None, False, frozenset(dir(importlib.import_module(name))))
    spec = _spec(paths, name)
    if spec is None:
        return None
    if name in _COMPILED and spec.origin == _COMPILED[name].__file__:
        return Source(name, None, False, frozenset(dir(_COMPILED[name])))
    package = spec.submodule_search_locations is not None
    for place in _places(paths, name, spec):
        tree = _tree(place)
        if tree is not None:
            return Source(name, tree, package)
    return None


@lru_cache(maxsize=4 * _CACHED)
def _spec(paths: tuple[str, ...], name: str) -> ModuleSpec | None:
    """Return where a module is, by asking finders of files only; no parent is imported."""
    search: Sequence[str] | None = paths
    parent, _, _ = name.rpartition(".")
    if parent:
        above = _spec(paths, parent)
        search = list(above.submodule_search_locations or []) if above else None
    if not search:
        return None
    try:
        return PathFinder.find_spec(name, search)
    except (ImportError, ValueError, OSError):
        return None


def _places(paths: tuple[str, ...], name: str, spec: ModuleSpec) -> list[Path]:
    top, _, rest = name.partition(".")
    below = rest.replace(".", "/")
    stubs = [Path(path) / f"{top}-stubs" for path in paths]
    found = [stub / below / "__init__.pyi" for stub in stubs]
    found += [stub / f"{below}.pyi" for stub in stubs if below]
    if spec.origin:
        origin = Path(spec.origin)
        found.append(origin.with_name(origin.name.partition(".")[0] + ".pyi"))
        found += [origin] if origin.suffix == ".py" else []
    return found


def _tree(path: Path) -> ast.Module | None:
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return None
        return parsed(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
