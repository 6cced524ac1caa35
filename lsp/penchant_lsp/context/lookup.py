"""Which definitions of a workspace matter at a place: what it imports, and what it names.

Runs in the indexing process, beside the table. Python's imports are resolved; names that are not
imported are looked up by themselves, which is all there is for other languages. Knows nothing of
the editor.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from penchant_lsp.context.python_imports import Import
from penchant_lsp.context.resolution import Resolution
from penchant_lsp.context.symbol_table import Found, SymbolTable

AMBIGUOUS = 6
MOST_NAMES, MOST_HITS = 60, 40
MEMBERS_CHARS = 360
UNUSED = 0.06


@dataclass(frozen=True, slots=True)
class Hit:
    """A definition that may help; ``weight`` runs from 0 to 1."""

    imported: bool
    path: str
    line: int
    name: str
    text: str
    weight: float


class Lookup:
    """Answers for one table."""

    def __init__(self, table: SymbolTable) -> None:
        self._table = table
        self._resolution = Resolution(table)

    def hits(
        self,
        path: str,
        family: str,
        names: Mapping[str, float],
        imports: Iterable[Import],
    ) -> list[Hit]:
        """Return the definitions behind names (as ``words.names_near`` has them) and imports.

        The best come first, each definition once.
        """
        ordered = sorted(names.items(), key=lambda each: -each[1])[:MOST_NAMES]
        plain = [(name.rstrip("("), weight) for name, weight in ordered]
        found: dict[tuple[str, int], Hit] = {}
        imported = list(imports)
        known = {each.local for each in imported}
        for hit in (
            *self._imported(imported, plain, path),
            *self._named(ordered, known, path, family),
        ):
            key = (hit.path, hit.line)
            if key not in found or found[key].weight < hit.weight:
                found[key] = hit
        return sorted(found.values(), key=lambda hit: -hit.weight)[:MOST_HITS]

    def outline(self, path: str) -> list[Hit]:
        """Return what stands at the top of a file, all alike."""
        return [_hit(each, False, 0.0) for each in self._table.outline(path)]

    def modules(self, path: str, imports: Iterable[Import]) -> list[str]:
        """Return the files of the workspace that a file imports from, each once."""
        found: dict[str, None] = {}
        for each in imports:
            file = self._resolution.submodule(each, path) or (
                self._resolution.module(each.module, path) if each.name else None
            )
            if file is not None and file != path:
                found[file] = None
        return list(found)

    # -- imports ---------------------------------------------------------------------------

    def _imported(
        self, imports: list[Import], names: list[tuple[str, float]], path: str
    ) -> Iterator[Hit]:
        for each in imports:
            uses = {
                name[len(each.local) :].lstrip("."): weight
                for name, weight in names
                if name == each.local or name.startswith(each.local + ".")
            }
            defined = self._resolution.definition(each, path)
            if defined:
                weight = max(uses.values(), default=UNUSED)
                for found in defined[:2]:
                    yield self._described(found, weight, uses, imported=True)
            elif uses:
                yield from self._of_module(each, uses, path)

    def _of_module(self, each: Import, uses: Mapping[str, float], path: str) -> Iterator[Hit]:
        """Names used through a module: ``import x as y`` … ``y.name``."""
        file = self._resolution.submodule(each, path)
        if file is None:
            return
        for use, weight in uses.items():
            name = use.partition(".")[0]
            for found in self._table.within(file, name)[:2] if name else ():
                yield self._described(found, weight, {use.partition(".")[2]: weight}, imported=True)

    # -- names -----------------------------------------------------------------------------

    def _named(
        self, names: list[tuple[str, float]], known: set[str], path: str, family: str
    ) -> Iterator[Hit]:
        for written, weight in names:
            name = written.rstrip("(")
            last = name.rpartition(".")[2]
            # A small name that nobody calls is a variable, most often.
            telling = written.endswith("(") or last != last.lower()
            if not telling or name.partition(".")[0] in known or len(last) < 3:
                continue
            attribute = "." in name
            found = [
                each
                for each in self._table.named(last, family)
                if bool(each.definition.container) == attribute
            ]
            if not found or len(found) > AMBIGUOUS:
                continue
            near = min(_distance(each.path, path) for each in found)
            fitting = [each for each in found if _distance(each.path, path) == near]
            share = weight * (0.9 if len(fitting) == 1 else 0.6 / len(fitting))
            for each in fitting[:2]:
                yield self._described(each, share, {}, imported=False)

    # -- texts -----------------------------------------------------------------------------

    def _described(
        self, found: Found, weight: float, uses: Mapping[str, float], *, imported: bool
    ) -> Hit:
        hit = _hit(found, imported, weight)
        if found.definition.kind not in ("class", "trait", "abstract"):
            return hit
        members = self._table.members(found.path, found.definition.name)
        return replace(hit, text=_portrait(hit.text, members, uses))


def _hit(found: Found, imported: bool, weight: float) -> Hit:
    what = found.definition
    return Hit(imported, found.path, what.line, what.name, what.text, min(1.0, weight))


def _portrait(head: str, members: Iterable[Found], uses: Mapping[str, float]) -> str:
    """Return a class with its members' signatures, those in use first, as many as fit."""
    used = {use.partition(".")[0] for use in uses}
    chosen: dict[int, str] = {}
    left = MEMBERS_CHARS
    ranked = sorted(members, key=lambda each: _rank(each.definition.name, used))
    for each in ranked:
        text = "    " + _code_line(each.definition.text)
        if len(text) + 1 <= left:
            left -= len(text) + 1
            chosen[each.definition.line] = text
    return "\n".join([head, *(chosen[line] for line in sorted(chosen))])


def _rank(name: str, used: set[str]) -> tuple[bool, bool, bool]:
    return name not in used, name != "__init__", name.startswith("_")


def _code_line(text: str) -> str:
    """Return the line of a definition's text that is neither documentation nor decorator."""
    lines = text.split("\n")
    return next((line for line in lines if not line.startswith(("//", "@"))), lines[0])


def _distance(one: str, other: str) -> int:
    """Return 0 for the same file, 1 for the same directory, 2 for any other."""
    if one == other:
        return 0
    return 1 if one.rpartition("/")[0] == other.rpartition("/")[0] else 2
