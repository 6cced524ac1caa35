"""Which names of a file stand for what was imported, and what a dotted expression means.

A name that the file also binds in another way (a parameter, an assignment, a definition) stands for
nothing sure and is left out. Pure functions of a syntax tree; nothing is imported.
"""

import ast
from collections.abc import Iterator, Mapping


def imported(tree: ast.Module) -> dict[str, str]:
    """Return what each surely imported name stands for: ``np`` → ``numpy``.

    Relative imports keep their dots (``.models.Order``), for the reader to pass over.
    """
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                found.setdefault(name, set()).add(alias.name if alias.asname else name)
        elif isinstance(node, ast.ImportFrom):
            origin = "." * node.level + (node.module or "")
            for alias in node.names:
                if alias.name != "*":
                    target = f"{origin}.{alias.name}" if node.module else origin + alias.name
                    found.setdefault(alias.asname or alias.name, set()).add(target)
    rebound = set(bound(tree))
    return {
        name: next(iter(targets))
        for name, targets in found.items()
        if len(targets) == 1 and name not in rebound
    }


def bound(tree: ast.Module) -> Iterator[str]:
    """Yield every name that the file binds otherwise than by an import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name


def dotted(node: ast.expr, names: Mapping[str, str]) -> str | None:
    """Return what an expression such as ``np.linalg.norm`` stands for, None if it is unknown."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in names:
        return None
    return ".".join([names[node.id], *reversed(parts)])
