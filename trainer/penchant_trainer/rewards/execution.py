"""Objective ``runs``: the statement that the text completes does not raise when it is tried.

Off unless ``judging.execute`` is on. Tries only what reads as harmless: the file up to
that statement, if it imports nothing but a few pure modules of the standard library and reaches for
nothing that touches the machine; and only where the text itself is then run (at the top level, or
in a function that can be called without arguments). Everything else gets no opinion.
"""

import ast

from penchant_trainer.rewards import sandbox
from penchant_trainer.rewards.check import Check
from penchant_trainer.rewards.danger import dangers
from penchant_trainer.rewards.placement import Placement, placed

MODULES = frozenset(
    {
        "__future__", "abc", "base64", "bisect", "cmath", "collections", "collections.abc",
        "contextlib", "copy", "dataclasses", "datetime", "decimal", "enum", "fractions",
        "functools", "heapq", "itertools", "json", "math", "numbers", "operator", "re",
        "statistics", "string", "textwrap", "typing", "unicodedata",
    }
)  # fmt: skip
"""What a snippet may import: nothing that touches files, processes, the network or time."""

_BEHIND = {"datetime": ("_strptime",)}
_FORBIDDEN = frozenset(
    {
        "__builtins__", "__import__", "__loader__", "__spec__", "breakpoint", "compile", "delattr",
        "eval", "exec", "exit", "getattr", "globals", "help", "input", "locals", "memoryview",
        "open", "quit", "setattr", "vars",
    }
)  # fmt: skip
_DUNDERS = frozenset({"__init__", "__name__", "__doc__", "__post_init__", "__len__"})
_MOST_CHARS = 20_000


def runs(prefix: str, text: str, suffix: str) -> float | None:
    """Return 1 when the statement runs, 0 when it raises and what is before it does not."""
    place = placed(prefix, text, suffix)
    if place is None or place.head_cut:
        return None
    index = _index(place)
    if index is None:
        return None
    statements = place.tree.body[: index + 1]
    call = _call(statements[-1], place)
    if call is None or not harmless(statements):
        return None
    program = _text(place, statements) + call
    if len(program) > _MOST_CHARS:
        return None
    return _tried(program, _text(place, statements[:-1]), _modules(statements))


def harmless(statements: list[ast.stmt]) -> bool:
    """Whether statements read as if they could touch nothing beyond themselves."""
    module = ast.Module(statements, [])
    if any(True for _ in dangers(module)):
        return False
    return all(_allowed(node) for node in ast.walk(module))


def _allowed(node: ast.AST) -> bool:
    match node:
        case ast.Import(names=names):
            return all(alias.name in MODULES for alias in names)
        case ast.ImportFrom(module=module, level=level, names=names):
            return not level and module in MODULES and names[0].name != "*"
        case ast.Name(id=name):
            return name not in _FORBIDDEN
        case ast.Attribute(attr=name):
            return not name.startswith("__") or name in _DUNDERS
    return True


def _tried(program: str, before: str, modules: tuple[str, ...]) -> float | None:
    found = sandbox.attempt(program, modules)
    if found.outcome == "ran":
        return 1.0
    if found.outcome != "raised":
        return None  # too slow, too large, or it reached for what it must not
    return 0.0 if sandbox.attempt(before, modules).outcome == "ran" else None


def _index(place: Placement) -> int | None:
    """Return the number of the one top-level statement that the text is a part of."""
    touched = [n for n, statement in enumerate(place.tree.body) if place.touches(statement)]
    return touched[0] if len(touched) == 1 else None


def _call(statement: ast.stmt, place: Placement) -> str | None:
    """Return what must follow to run the text itself: nothing, a call, or None if it cannot be."""
    if isinstance(statement, ast.ClassDef | ast.AsyncFunctionDef):
        return None
    if not isinstance(statement, ast.FunctionDef):
        return ""
    arguments = statement.args
    needed = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
    needed += sum(default is None for default in arguments.kw_defaults)
    inside = any(place.touches(line) for line in statement.body)
    if not inside or needed or statement.decorator_list:
        return None
    return f"\n{statement.name}()\n"


def _text(place: Placement, statements: list[ast.stmt]) -> str:
    if not statements:
        return ""
    lines = place.source.split("\n")
    return "\n".join(lines[: statements[-1].end_lineno]) + "\n"


def _modules(statements: list[ast.stmt]) -> tuple[str, ...]:
    found: set[str] = set()
    for node in ast.walk(ast.Module(statements, [])):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    behind = {name for module in found for name in _BEHIND.get(module, ())}
    return tuple(sorted(found | behind))


RUNS = Check("runs", runs)
