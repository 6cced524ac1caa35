"""Objective ``api``: the attributes and keyword arguments that the text uses really exist.

Looks at attributes of imported modules and classes, imported names, methods called on ``self``,
methods of literals, and keyword arguments of functions and classes of the library or of the same
file. Everything is read from source, nothing is imported or run; whatever cannot be told for sure
is not judged.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from penchant_trainer.rewards.check import Check
from penchant_trainer.rewards.imports import bound, imported
from penchant_trainer.rewards.interfaces import interface
from penchant_trainer.rewards.library import Library, library
from penchant_trainer.rewards.placement import Placement, placed
from penchant_trainer.rewards.resolution import MISSING, UNKNOWN, Class, Resolver, Thing
from penchant_trainer.rewards.signatures import keywords

_LITERALS = {
    ast.JoinedStr: str,
    ast.List: list,
    ast.ListComp: list,
    ast.Dict: dict,
    ast.DictComp: dict,
    ast.Set: set,
    ast.Tuple: tuple,
}


def api(prefix: str, text: str, suffix: str, installed: Library) -> float | None:
    """Return 0 when the text uses something that is not there, 1 when all is, None if unknown."""
    place = placed(prefix, text, suffix)
    if place is None:
        return None
    found = list(_File(place, installed).judged())
    return float(all(found)) if found else None


def api_check(environment: str = "") -> Check:
    """Return the objective for the packages of an environment; empty: this interpreter's."""
    installed = library(environment)
    return Check("api", lambda prefix, text, suffix: api(prefix, text, suffix, installed))


@dataclass
class _File:
    """One file with the text in it, and what its names stand for."""

    place: Placement
    installed: Library

    def judged(self) -> Iterator[bool]:
        """Yield for each use in the text that can be judged whether what it uses exists."""
        for node in ast.walk(self.place.tree):
            if isinstance(node, ast.Attribute) and self._written(*_name_span(node)):
                yield from self._attribute(node)
            elif isinstance(node, ast.ImportFrom):
                yield from self._import(node)
            elif isinstance(node, ast.Call):
                yield from self._call(node)

    def _attribute(self, node: ast.Attribute) -> Iterator[bool]:
        literal = _literal_type(node.value)
        if literal is not None:
            yield hasattr(literal, node.attr)
            return
        owner = self._owner(node)
        found = self.resolver.member(owner, node.attr) if owner is not UNKNOWN else UNKNOWN
        if found is not UNKNOWN and owner is not MISSING:
            yield found is not MISSING

    def _owner(self, node: ast.Attribute) -> Thing:
        """Return what an attribute is taken of: something imported, or the class of ``self``."""
        if isinstance(node.value, ast.Name) and id(node) in self._methods_called:
            return self._methods_called[id(node)]
        return self._named(node.value)

    def _named(self, node: ast.expr) -> Thing:
        if isinstance(node, ast.Attribute):
            owner = self._named(node.value)
            return UNKNOWN if owner is MISSING else self.resolver.member(owner, node.attr)
        if not isinstance(node, ast.Name):
            return UNKNOWN
        if node.id in self._imported:
            target = self._imported[node.id]
            found = UNKNOWN if target.startswith(".") else self.resolver.dotted(target)
            return UNKNOWN if found is MISSING else found
        if self._bindings[node.id] == 1 and node.id in self.resolver.file.definitions:
            return self.resolver.named(node, None)
        return UNKNOWN

    def _import(self, node: ast.ImportFrom) -> Iterator[bool]:
        if node.level or not node.module:
            return
        module = self.resolver.dotted(node.module)
        for alias in node.names:
            start = (alias.lineno, alias.col_offset)
            end = (alias.lineno, alias.col_offset + len(alias.name.encode()))
            if alias.name != "*" and module is not MISSING and self._written(start, end):
                found = self.resolver.member(module, alias.name)
                if found is not UNKNOWN:
                    yield found is not MISSING

    def _call(self, node: ast.Call) -> Iterator[bool]:
        given = [k for k in node.keywords if k.arg and self._written(*_keyword_span(k))]
        if not given:
            return
        called = self._called(node.func)
        taken = keywords(called, self.resolver)
        if taken is not None:
            for keyword in given:
                yield keyword.arg in taken

    def _called(self, function: ast.expr) -> Thing:
        if isinstance(function, ast.Attribute):
            owner = self._owner(function)
            return UNKNOWN if owner is MISSING else self.resolver.member(owner, function.attr)
        return self._named(function)

    def _written(self, start: tuple[int, int], end: tuple[int, int]) -> bool:
        return start < self.place.end and end > self.place.begin

    @cached_property
    def resolver(self) -> Resolver:
        """Looks names up in the installed packages and in this file."""
        return Resolver(self.installed, interface(self.place.tree.body))

    @cached_property
    def _imported(self) -> dict[str, str]:
        return imported(self.place.tree)

    @cached_property
    def _bindings(self) -> Counter[str]:
        return Counter(bound(self.place.tree))

    @cached_property
    def _methods_called(self) -> dict[int, Thing]:
        """Calls on the first parameter of a method, with the class that the method belongs to.

        Left out where the class may go on beyond the window.
        """
        found: dict[int, Thing] = {}
        last = self.place.tree.body[-1]
        for statement in self.place.tree.body:
            whole = statement is not last or not self.place.tail_cut
            if isinstance(statement, ast.ClassDef) and whole:
                for attribute in _called_on_self(statement):
                    found[id(attribute)] = Class(statement, None)
        return found


def _called_on_self(node: ast.ClassDef) -> Iterator[ast.Attribute]:
    for method in node.body:
        if not isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        parameters = [*method.args.posonlyargs, *method.args.args]
        static = any(
            isinstance(d, ast.Name) and d.id == "staticmethod" for d in method.decorator_list
        )
        if not parameters or static:
            continue
        for call in ast.walk(method):
            function = call.func if isinstance(call, ast.Call) else None
            if (
                isinstance(function, ast.Attribute)
                and isinstance(function.value, ast.Name)
                and function.value.id == parameters[0].arg
            ):
                yield function


def _literal_type(node: ast.expr) -> type | None:
    if isinstance(node, ast.Constant):
        return type(node.value) if isinstance(node.value, str | bytes) else None
    return _LITERALS.get(type(node))


def _name_span(node: ast.Attribute) -> tuple[tuple[int, int], tuple[int, int]]:
    line, end = node.end_lineno or node.lineno, node.end_col_offset or 0
    return (line, end - len(node.attr.encode())), (line, end)


def _keyword_span(node: ast.keyword) -> tuple[tuple[int, int], tuple[int, int]]:
    start = (node.lineno, node.col_offset)
    return start, (node.lineno, node.col_offset + len((node.arg or "").encode()))
