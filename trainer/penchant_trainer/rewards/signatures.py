"""Which keyword arguments a function or a class takes, read from its definition.

None means any: ``**kwargs``, an unknown decorator, a class whose constructor is not plain to see.
Pure; nothing is run.
"""

import ast

from penchant_trainer.rewards.interfaces import interface
from penchant_trainer.rewards.resolution import Class, Functions, Resolver, Thing

_TRANSPARENT = frozenset(
    {"staticmethod", "classmethod", "abstractmethod", "override", "overload", "final", "wraps"}
)


def keywords(thing: Thing, resolver: Resolver) -> frozenset[str] | None:
    """Return the names that may be given by keyword; None where any may be."""
    if isinstance(thing, Functions):
        found = [_parameters(node) for node in thing.nodes]
        return None if None in found else frozenset().union(*(f for f in found if f is not None))
    return _of_class(thing, resolver) if isinstance(thing, Class) else None


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str] | None:
    names = {_name(decorator) for decorator in node.decorator_list}
    if node.args.kwarg or names - _TRANSPARENT:
        return None
    return frozenset(a.arg for a in (*node.args.args, *node.args.kwonlyargs))


def _of_class(found: Class, resolver: Resolver) -> frozenset[str] | None:
    node = found.node
    if node.keywords or "__new__" in interface(node.body):
        return None
    if node.decorator_list:
        return _fields(node)
    constructor = resolver.member(found, "__init__")
    if isinstance(constructor, Functions):
        return keywords(constructor, resolver)
    return None


def _fields(node: ast.ClassDef) -> frozenset[str] | None:
    """Return the fields of a plain data class without bases; None for any other."""
    if {_name(d) for d in node.decorator_list} != {"dataclass"} or node.bases:
        return None
    own = interface(node.body)
    if "__init__" in own:
        return None
    return frozenset(
        statement.target.id
        for statement in node.body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    )


def _name(decorator: ast.expr) -> str:
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
