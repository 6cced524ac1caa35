"""What a module or a class offers, read from its syntax tree alone.

Every branch of every ``if`` and ``try`` counts, so that whatever may be there is there. What cannot
be known (``__getattr__``, names made by hand) makes an interface open: then nothing is missing for
sure. Pure; knows nothing of where trees come from.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_BY_HAND = frozenset({"globals", "vars", "locals", "exec", "setattr", "eval", "_convert_"})
_HOOKS = frozenset({"__getattr__", "__getattribute__"})


@dataclass(slots=True)
class Interface:
    """Names with what defines them; ``imports`` holds absolute dotted targets, ``stars`` modules.

    A name that is bound in another way than by a definition stands in ``values``; ``given`` holds
    the attributes that statements set on a name from outside, as ``date.max = …`` does.
    """

    definitions: dict[str, list[Definition]] = field(default_factory=dict)
    imports: dict[str, set[str]] = field(default_factory=dict)
    values: set[str] = field(default_factory=set)
    stars: list[str] = field(default_factory=list)
    given: dict[str, set[str]] = field(default_factory=dict)
    open: bool = False

    def __contains__(self, name: str) -> bool:
        return name in self.definitions or name in self.imports or name in self.values


def interface(body: Iterable[ast.stmt], package: str = "") -> Interface:
    """Return what the statements of a module or a class bind.

    ``package`` is what relative imports start from.
    """
    found = Interface()
    for statement in _flat(body):
        _read(statement, package, found)
        found.open = found.open or _writes_globals(statement)
    found.open = found.open or bool(_HOOKS & found.definitions.keys())
    return found


def members(node: ast.ClassDef) -> Interface:
    """Return what a class binds, with what its methods set on their first parameter."""
    found = interface(node.body)
    found.values |= set(_slots(node))
    for method in node.body:
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
            found.values |= set(_set_on(method))
            found.open = found.open or _sets_by_hand(method)
    return found


def absolute(node: ast.ImportFrom, package: str) -> str:
    """Return the module that a ``from`` import names, empty when it cannot be told."""
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    if not package or node.level > len(parts):
        return ""
    base = ".".join(parts[: len(parts) - node.level + 1])
    return f"{base}.{node.module}" if node.module else base


def _flat(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield every statement that runs in the same scope, blocks opened."""
    for statement in body:
        yield statement
        if not isinstance(statement, Definition):
            for child in ast.iter_child_nodes(statement):
                if isinstance(child, ast.stmt):
                    yield from _flat([child])
                elif isinstance(child, ast.ExceptHandler | ast.match_case):
                    yield from _flat(child.body)


def _read(statement: ast.stmt, package: str, found: Interface) -> None:
    if isinstance(statement, Definition):
        found.definitions.setdefault(statement.name, []).append(statement)
        for node in ast.walk(statement):
            if isinstance(node, ast.Global):
                found.values |= set(node.names)
        if any(_called(d) == "global_enum" for d in statement.decorator_list):
            found.values |= interface(statement.body).values  # as in ``re``
        return
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            top = alias.name.partition(".")[0]
            name = alias.asname or top
            found.imports.setdefault(name, set()).add(alias.name if alias.asname else top)
    elif isinstance(statement, ast.ImportFrom):
        _read_from(statement, package, found)
    elif not _keeps_globals(statement):
        for node in _expressions(statement):
            _read_expression(node, found)


def _called(decorator: ast.expr) -> str:
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _read_from(statement: ast.ImportFrom, package: str, found: Interface) -> None:
    module = absolute(statement, package)
    for alias in statement.names:
        if alias.name == "*":
            found.stars.append(module)
        else:
            name = alias.asname or alias.name
            found.imports.setdefault(name, set()).add(f"{module}.{alias.name}")


def _read_expression(node: ast.AST, found: Interface) -> None:
    if isinstance(node, ast.Name):
        if isinstance(node.ctx, ast.Store):
            found.values.add(node.id)
        elif node.id in _BY_HAND:
            found.open = True
    elif isinstance(node, ast.Attribute):
        found.open = found.open or node.attr in _BY_HAND
        if isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
            found.given.setdefault(node.value.id, set()).add(node.attr)
    elif isinstance(node, ast.Subscript):
        found.open = found.open or _is_own_module(node)
    elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
        found.values.add(node.name)


def _keeps_globals(statement: ast.stmt) -> bool:
    """Whether a module only keeps its globals under a private name, as ``os`` does to look."""
    return (
        isinstance(statement, ast.Assign)
        and isinstance(statement.targets[0], ast.Name)
        and statement.targets[0].id == "_globals"
    )


def _writes_globals(statement: ast.stmt) -> bool:
    """Whether a function that is defined here writes ``globals()[…] = …``, as ``crypt`` does."""
    if not isinstance(statement, ast.FunctionDef):
        return False
    return any(
        isinstance(node, ast.Subscript)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Call)
        and _called(node.value) in _BY_HAND
        for node in ast.walk(statement)
    )


def _is_own_module(node: ast.Subscript) -> bool:
    """Whether a node is ``sys.modules[__name__]``."""
    modules = isinstance(node.value, ast.Attribute) and node.value.attr == "modules"
    return modules and isinstance(node.slice, ast.Name) and node.slice.id == "__name__"


def _sets_by_hand(method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(
        (isinstance(node, ast.Name) and node.id == "setattr")
        or (isinstance(node, ast.Attribute) and node.attr in ("__dict__", "__setattr__"))
        for node in ast.walk(method)
    )


def _expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the nodes of a statement itself, without those of statements below it."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        children = ast.iter_child_nodes(node)
        waiting += [c for c in children if not isinstance(c, ast.stmt | ast.ExceptHandler)]


def _slots(node: ast.ClassDef) -> Iterator[str]:
    """Yield the texts of ``__slots__``."""
    for statement in node.body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if any(isinstance(target, ast.Name) and target.id == "__slots__" for target in targets):
            for part in ast.walk(statement):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield from part.value.replace(",", " ").split()


def _set_on(method: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    parameters = [*method.args.posonlyargs, *method.args.args]
    if not parameters:
        return
    for node in ast.walk(method):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name)
            and node.value.id == parameters[0].arg
        ):
            yield node.attr
