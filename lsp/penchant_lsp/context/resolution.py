"""Where an imported Python name is defined, among the files of a workspace.

Follows re-exports through ``__init__`` and star imports a few steps. A module may lie below any
directory (``src``, ``lib`` …): the one with the shortest way there wins. What is not in the
workspace is not found. Knows nothing of text.
Source: the import system of the Python language reference, narrowed to source files.
"""

from collections.abc import Iterable

from penchant_lsp.context.python_imports import Import
from penchant_lsp.context.symbol_table import Found, SymbolTable

STEPS = 4
_ENDS = (".py", "/__init__.py", ".pyi")


class Resolution:
    """Looks things up in one table."""

    def __init__(self, table: SymbolTable) -> None:
        self._table = table

    def module(self, name: str, path: str) -> str | None:
        """Return the file of a module that ``path`` imports under ``name``."""
        if name.startswith("."):
            return self._relative(name, path)
        stem = name.replace(".", "/")
        here = path.split("/")
        return min(
            (
                each
                for each in self._table.with_tail(stem.rpartition("/")[2])
                if any(self._importable(each, stem + end) for end in _ENDS)
            ),
            key=lambda each: (_apart(each.split("/"), here), each),
            default=None,
        )

    def _importable(self, file: str, wanted: str) -> bool:
        """Whether ``file`` is the module ``wanted`` below a directory that is no package itself."""
        if file == wanted:
            return True
        base = file.removesuffix("/" + wanted)
        return base != file and not self._table.holds(f"{base}/__init__.py")

    def _relative(self, name: str, path: str) -> str | None:
        rest = name.lstrip(".")
        directory = path.split("/")[: -(len(name) - len(rest))]
        if len(name) - len(rest) > path.count("/") + 1:
            return None
        if rest:
            stem = "/".join([*directory, *rest.split(".")])
            tries = [stem + end for end in _ENDS]
        else:
            tries = ["/".join([*directory, "__init__.py"])]
        return next((each for each in tries if self._table.holds(each)), None)

    def definition(self, imported: Import, path: str) -> list[Found]:
        """Return the definitions that an import of ``path`` means: of one name."""
        return self._seek(imported.module, imported.name, path, STEPS, set())

    def _seek(
        self, module: str, name: str, path: str, steps: int, seen: set[tuple[str, str]]
    ) -> list[Found]:
        file = self.module(module, path) if name and name != "*" else None
        if file is None or steps == 0 or (file, name) in seen:
            return []
        seen.add((file, name))
        here = self._table.within(file, name)
        if here:
            return here
        stars: list[Import] = []
        for each in self._table.imports(file):
            if each.local == name and each.name:
                return self._seek(each.module, each.name, file, steps - 1, seen)
            if each.name == "*":
                stars.append(each)
        return self._through(stars, name, file, steps, seen)

    def _through(
        self, stars: Iterable[Import], name: str, file: str, steps: int, seen: set[tuple[str, str]]
    ) -> list[Found]:
        for star in stars:
            found = self._seek(star.module, name, file, steps - 1, seen)
            if found:
                return found
        return []

    def submodule(self, imported: Import, path: str) -> str | None:
        """Return the file of an import that means a module: ``import a.b``, ``from a import b``."""
        if not imported.name:
            return self.module(imported.module, path)
        if imported.name == "*":
            return None
        dot = "" if imported.module.endswith(".") else "."
        return self.module(f"{imported.module}{dot}{imported.name}", path)


def _apart(one: list[str], other: list[str]) -> int:
    """Return the number of steps between two paths in the tree of directories."""
    shared = 0
    for a, b in zip(one[:-1], other[:-1], strict=False):
        if a != b:
            break
        shared += 1
    return len(one) + len(other) - 2 * shared
