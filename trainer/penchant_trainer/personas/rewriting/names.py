"""Rewrites names of local variables; parameters, attributes and globals keep theirs.

One old name becomes one new name in the whole module, never one that the module already holds, so
that scopes cannot get into each other's way.
"""

import builtins
import keyword
from collections.abc import Callable, Collection
from itertools import chain

import libcst as cst
from libcst.metadata import (
    Access,
    Assignment,
    ComprehensionScope,
    FunctionScope,
    MetadataWrapper,
    Scope,
    ScopeProvider,
)

_LOOKING = frozenset({"locals", "vars", "eval", "exec", "globals"})
_TAKEN = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins)}
Naming = Callable[[str, Collection[str]], str | None]


def camel_case(module: cst.Module) -> cst.Module:
    """Write local names of several words in camelCase."""
    return _renamed(module, _camel)


def short(module: cst.Module) -> cst.Module:
    """Write local names in one or two letters, as far as there are any free."""
    return _renamed(module, _short)


def _camel(name: str, taken: Collection[str]) -> str | None:
    first, *rest = name.split("_")
    new = first + "".join(word.capitalize() for word in rest)
    return None if not first or not all(rest) or new in taken else new


def _short(name: str, taken: Collection[str]) -> str | None:
    if len(name) <= 2:
        return None
    letters = [word[0] for word in name.split("_") if word]
    initials = "".join(letters[:2])
    tries = chain([initials, name[0], name[:2]], (name[0] + c for c in name[1:] if c.isalpha()))
    return next((new for new in tries if new.isidentifier() and new not in taken), None)


def _renamed(module: cst.Module, naming: Naming) -> cst.Module:
    wrapper = MetadataWrapper(module)
    names = _Names()
    wrapper.module.visit(names)
    if names.all & _LOOKING:
        return module
    scopes = {s for s in wrapper.resolve(ScopeProvider).values() if s is not None}
    taken = names.all | _TAKEN
    chosen: dict[str, str] = {}
    nodes: dict[cst.Name, str] = {}
    local = [(name, found) for scope in _ordered(scopes) for name, found in _locals(scope)]
    frozen = names.declared | _elsewhere(scopes)
    for name, found in local:
        if name in frozen or name.startswith("_") or name.isupper():
            continue
        new = chosen.get(name) or naming(name, taken)
        if new and new != name:
            chosen[name] = new
            taken.add(new)
            nodes.update(dict.fromkeys(found, new))
    return wrapper.module.visit(_Rename(nodes))


class _Names(cst.CSTVisitor):
    """Every name in a module, and those declared global or nonlocal."""

    def __init__(self) -> None:
        super().__init__()
        self.all: set[str] = set()
        self.declared: set[str] = set()

    def visit_Name(self, node: cst.Name) -> None:
        self.all.add(node.value)

    def visit_NameItem(self, node: cst.NameItem) -> None:
        self.declared.add(node.name.value)


class _Rename(cst.CSTTransformer):
    def __init__(self, nodes: dict[cst.Name, str]) -> None:
        super().__init__()
        self.nodes = nodes

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        new = self.nodes.get(original_node)
        return updated_node.with_changes(value=new) if new else updated_node


def _ordered(scopes: set[Scope]) -> list[Scope]:
    """Return the function-like scopes in an order that does not hang on addresses."""
    local = [s for s in scopes if isinstance(s, FunctionScope | ComprehensionScope)]
    return sorted(local, key=lambda s: sorted({a.name for a in s.assignments}))


def _locals(scope: Scope) -> list[tuple[str, list[cst.Name]]]:
    """Return the plain variables of a scope with every node that names them."""
    found = []
    for name in sorted({assignment.name for assignment in scope.assignments}):
        nodes = _mentions(scope, name)
        if nodes:
            found.append((name, nodes))
    return found


def _mentions(scope: Scope, name: str) -> list[cst.Name]:
    nodes: list[cst.Name] = []
    for assignment in scope.assignments[name]:
        if not isinstance(assignment, Assignment) or not isinstance(assignment.node, cst.Name):
            return []
        nodes.append(assignment.node)
        for access in assignment.references:
            mention = _name_of(access)
            if mention is None:
                return []
            nodes.append(mention)
    return nodes


def _name_of(access: Access) -> cst.Name | None:
    node: cst.CSTNode = access.node
    while isinstance(node, cst.Attribute):
        node = node.value
    return node if isinstance(node, cst.Name) else None


def _elsewhere(scopes: set[Scope]) -> set[str]:
    """Return names that a module or a class binds, or that are parameters somewhere."""
    found: set[str] = set()
    for scope in scopes:
        local = isinstance(scope, FunctionScope | ComprehensionScope)
        for assignment in scope.assignments:
            if not local or not isinstance(getattr(assignment, "node", None), cst.Name):
                found.add(assignment.name)
    return found
