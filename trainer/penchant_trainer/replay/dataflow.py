"""The data-flow graph of a piece of Python: which variable's value comes from which.

As in CodeBLEU (Ren et al., arXiv 2009.10297, section 3.4): an edge says that a variable's value
comes from certain others, and names are replaced by the order in which they turn up, so that a
renamed variable flows the same. Works on trees, and knows nothing of texts.
"""

import ast
from collections import Counter
from collections.abc import Iterator

Edge = tuple[str, str]


def edges(tree: ast.AST) -> Counter[Edge]:
    """Return the edges (variable, variable it comes from) with how often each occurs."""
    names: dict[str, str] = {}
    found: Counter[Edge] = Counter()
    for target, sources in _flows(tree):
        for source in sources:
            found[_known(target, names), _known(source, names)] += 1
    return found


def match(candidate: ast.AST | None, reference: ast.AST) -> float | None:
    """Return which share of the reference's edges the candidate has; None if there are none."""
    wanted = edges(reference)
    if not wanted:
        return None
    have = edges(candidate) if candidate is not None else Counter()
    return sum(min(count, have[edge]) for edge, count in wanted.items()) / wanted.total()


def _flows(tree: ast.AST) -> Iterator[tuple[str, list[str]]]:
    """Yield what each assignment, loop, argument and call makes flow, outer ones first."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets, value=value):
                yield from ((name, _loads(value)) for t in targets for name in _stores(t))
            case ast.AugAssign(target=target, value=value):
                yield from ((name, [name, *_loads(value)]) for name in _stores(target))
            case (
                ast.AnnAssign(target=target, value=ast.AST() as value)
                | ast.NamedExpr(target=target, value=value)
            ):
                yield from ((name, _loads(value)) for name in _stores(target))
            case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
                yield from ((name, _loads(value)) for name in _stores(target))
            case ast.withitem(context_expr=value, optional_vars=ast.AST() as target):
                yield from ((name, _loads(value)) for name in _stores(target))
            case ast.Return(value=ast.AST() as value):
                yield "return", _loads(value)
            case ast.Expr(value=ast.Call() as value):
                yield "call", _loads(value)


def _stores(node: ast.AST) -> list[str]:
    return [n.id for n in ast.walk(node) if isinstance(n, ast.Name)]


def _loads(node: ast.AST) -> list[str]:
    inside = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
    return [n.id for n in sorted(inside, key=lambda n: (n.lineno, n.col_offset))]


def _known(name: str, names: dict[str, str]) -> str:
    if name in ("return", "call"):
        return name
    return names.setdefault(name, f"v{len(names)}")
