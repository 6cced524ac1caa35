"""What a dotted name stands for in a library: a module, a function, a class, or nothing at all.

``MISSING`` is said only where every way in which the name could be there has been looked at, and
``THERE`` where it is but its kind is not clear; in all doubt the answer is ``UNKNOWN``. Knows
nothing of the file that uses the name.
"""

import ast
import builtins
import os
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from penchant_trainer.rewards.interfaces import Interface, interface, members
from penchant_trainer.rewards.library import Library, Source

_DEPTH = 12
_ADD_NOTHING = frozenset({"ABC", "Generic", "Protocol", "object"})
_SAFE_DECORATORS = frozenset({"dataclass", "final", "runtime_checkable", "total_ordering"})
_OF_MODULES = frozenset({*dir(builtins), "__path__", "__file__", "__cached__", "__dict__"})
_ELSEWHERE = frozenset({"nt", "ntpath"} if os.name == "posix" else {"posix", "posixpath"})
"""What ``os`` imports on other systems than this."""


class Verdict(Enum):
    """What is said of a name without a definition."""

    MISSING = "missing"
    THERE = "there"
    UNKNOWN = "unknown"


MISSING, THERE, UNKNOWN = Verdict.MISSING, Verdict.THERE, Verdict.UNKNOWN


@dataclass(frozen=True, slots=True)
class Module:
    """A module of the library, by name."""

    name: str


@dataclass(frozen=True, slots=True)
class Functions:
    """The definitions of one function: several under conditions, or overloads."""

    nodes: tuple[ast.FunctionDef | ast.AsyncFunctionDef, ...]


@dataclass(frozen=True, slots=True)
class Class:
    """A class and the module that it stands in, None for the file at hand."""

    node: ast.ClassDef
    home: Source | None


Thing = Module | Functions | Class | Verdict


@dataclass(frozen=True, slots=True)
class Resolver:
    """Looks names up in a library; ``file`` is the interface of the file at hand."""

    library: Library
    file: Interface

    def dotted(self, name: str, depth: int = 0) -> Thing:
        """Return what ``package.module.name.name`` stands for."""
        parts = name.split(".")
        thing: Thing = Module(parts[0]) if self.library.has(parts[0]) else UNKNOWN
        for part in parts[1:]:
            thing = self.member(thing, part, depth)
        return thing

    def member(self, thing: Thing, name: str, depth: int = 0) -> Thing:
        """Return what ``name`` is of a module or a class; MISSING only when that is sure."""
        if depth > _DEPTH or not isinstance(thing, Module | Class):
            return UNKNOWN
        if isinstance(thing, Module):
            found = self._of_module(thing.name, name, depth)
        else:
            found = self._of_class(thing, name, depth)
        hidden = found is MISSING and name.startswith("_") and name not in ("__init__", "__new__")
        return UNKNOWN if hidden else found  # interpreters and metaclasses add such names

    def _of_module(self, module: str, name: str, depth: int) -> Thing:
        source, submodule = self.library.module(module), f"{module}.{name}"
        if source is None:
            return Module(submodule) if self.library.has(submodule) else UNKNOWN
        if name in _OF_MODULES or name in source.names:
            return THERE
        offered = _interface(source)
        if name in offered:
            found = self._offered(offered, name, source, depth)
            return THERE if found is UNKNOWN else found
        if self.library.has(submodule):
            return Module(submodule)
        return self._starred(offered, name, depth)

    def _starred(self, offered: Interface, name: str, depth: int) -> Thing:
        for star in offered.stars:
            if star not in _ELSEWHERE:
                found = self.member(Module(star), name, depth + 1) if star else UNKNOWN
                if found is not MISSING:
                    return found
        return UNKNOWN if offered.open else MISSING

    def _offered(self, offered: Interface, name: str, home: Source | None, depth: int = 0) -> Thing:
        """Return the one thing that a name surely is, UNKNOWN when it may be several."""
        nodes = offered.definitions.get(name, [])
        targets = offered.imports.get(name, set()) - _ELSEWHERE
        if name in offered.values or (nodes and targets) or len(targets) > 1:
            return UNKNOWN
        if targets:
            found = self.dotted(next(iter(targets)), depth + 1)
            return UNKNOWN if found is MISSING else found
        functions = [n for n in nodes if not isinstance(n, ast.ClassDef)]
        if nodes and len(functions) == len(nodes):
            return Functions(tuple(functions))
        only = nodes[0] if len(nodes) == 1 else None
        return Class(only, home) if isinstance(only, ast.ClassDef) else UNKNOWN

    def _of_class(self, found: Class, name: str, depth: int) -> Thing:
        if hasattr(type, name) and name != "__init__":
            return THERE
        offered = _members(found.node)
        if name in offered:
            own = self._offered(offered, name, found.home, depth)
            return THERE if own is UNKNOWN else own
        home = self.file if found.home is None else _interface(found.home)
        if name in home.given.get(found.node.name, ()):
            return THERE
        decorators = {
            _last(d.func if isinstance(d, ast.Call) else d) for d in found.node.decorator_list
        }
        if offered.open or found.node.keywords or decorators - _SAFE_DECORATORS:
            return UNKNOWN
        for base in found.node.bases:
            inherited = self._inherited(base, found, name, depth)
            if inherited is not MISSING:
                return inherited
        return MISSING

    def _inherited(self, base: ast.expr, child: Class, name: str, depth: int) -> Thing:
        base = base.value if isinstance(base, ast.Subscript) else base
        if _last(base) in _ADD_NOTHING:
            return MISSING
        parent = self.named(base, child.home, depth + 1)
        if isinstance(parent, Class):
            return self.member(parent, name, depth + 1)
        known = getattr(builtins, base.id, None) if isinstance(base, ast.Name) else None
        if parent is MISSING and isinstance(known, type):
            return THERE if hasattr(known, name) else MISSING
        return UNKNOWN

    def named(self, node: ast.expr, home: Source | None, depth: int = 0) -> Thing:
        """Return what an expression such as ``a.B`` stands for in a module; MISSING if unbound."""
        if isinstance(node, ast.Attribute):
            return self.member(self.named(node.value, home, depth + 1), node.attr, depth + 1)
        if not isinstance(node, ast.Name):
            return UNKNOWN
        offered = self.file if home is None else _interface(home)
        if node.id in offered:
            return self._offered(offered, node.id, home, depth)
        return UNKNOWN if offered.open or offered.stars else MISSING


@lru_cache(maxsize=512)
def _interface(source: Source) -> Interface:
    return interface(source.tree.body if source.tree else [], source.package)


@lru_cache(maxsize=512)
def _members(node: ast.ClassDef) -> Interface:
    return members(node)


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
