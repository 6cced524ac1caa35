"""Objective ``names``: the text uses no name that is defined nowhere.

Python's own scope analysis (``symtable``) of the whole file tells which names end up global and
unbound, so comprehensions, class bodies, ``global`` and ``nonlocal`` are as Python sees them. A
name that the file uses elsewhere too is not new; where the file has a star import, rebinds its
globals by hand, or goes on beyond the window, nothing is said. Pure; nothing is run.
"""

import ast
import builtins
import symtable
from collections.abc import Iterator

from penchant_trainer.rewards.check import Check
from penchant_trainer.rewards.placement import Placement, placed

_KNOWN = frozenset(dir(builtins)) | {
    "__annotations__", "__builtins__", "__cached__", "__class__", "__dict__", "__doc__",
    "__file__", "__loader__", "__module__", "__name__", "__package__", "__path__", "__qualname__",
    "__spec__", "_", "WindowsError", "reveal_type",
}  # fmt: skip

_DYNAMIC = frozenset({"exec", "globals", "locals", "vars", "NameError"})
"""A file that uses one of these may bind names in ways that no analysis sees."""


def names(prefix: str, text: str, suffix: str) -> float | None:
    """Return 1 when every name of the text is defined, 0 when one is not, None if unknown."""
    place = placed(prefix, text, suffix)
    if place is None:
        return None
    inside, outside = _uses(place)
    if not inside or _dynamic(place.tree):
        return None
    unbound = (_unbound(place.source) & inside.keys()) - outside - _KNOWN
    if not unbound:
        return 1.0
    return 0.0 if any(_surely(inside[name], place) for name in unbound) else None


def _uses(place: Placement) -> tuple[dict[str, list[ast.Name]], set[str]]:
    """Return the names that are read in the text, and those that are read elsewhere."""
    inside: dict[str, list[ast.Name]] = {}
    outside: set[str] = set()
    for node in ast.walk(place.tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
            if place.touches(node):
                inside.setdefault(node.id, []).append(node)
            else:
                outside.add(node.id)
    return inside, outside


def _surely(uses: list[ast.Name], place: Placement) -> bool:
    """Whether a name could not be defined in the part of the file that is not known.

    Above the window may stand anything; below it functions, classes and constants.
    """
    if place.head_cut:
        return False
    if not place.tail_cut:
        return True
    called = {id(n.func) for n in ast.walk(place.tree) if isinstance(n, ast.Call)}
    return any(use.id.islower() and id(use) not in called for use in uses)


def _dynamic(tree: ast.Module) -> bool:
    return any(
        (isinstance(node, ast.ImportFrom) and node.names[0].name == "*")
        or (isinstance(node, ast.Name) and node.id in _DYNAMIC)
        for node in ast.walk(tree)
    )


def _unbound(source: str) -> set[str]:
    """Return the names that some scope takes for global and that no scope binds globally."""
    try:
        top = symtable.symtable(source, "?", "exec")
    except (SyntaxError, ValueError, RecursionError):  # more than the parser checks
        return set()
    bound = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()}
    bound |= {s.get_name() for s in top.get_symbols() if s.is_namespace()}
    wanted: set[str] = set()
    for table in _tables(top):
        for symbol in table.get_symbols():
            name = symbol.get_name()
            if symbol.is_declared_global() and symbol.is_assigned():
                bound.add(name)
            if symbol.is_referenced() and (symbol.is_global() or table is top):
                wanted.add(name)
    return wanted - bound


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


NAMES = Check("names", names)
