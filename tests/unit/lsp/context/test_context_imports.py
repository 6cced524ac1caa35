"""Golden cases: what an import statement says, and which definition it means."""

import pytest

from penchant_lsp.context.lookup import Lookup
from penchant_lsp.context.python_imports import Import, imports
from penchant_lsp.context.resolution import Resolution
from penchant_lsp.context.symbol_table import SymbolTable
from penchant_lsp.context.symbols import definitions

FILES = {
    "src/shop/__init__.py": "from .model import Invoice as Bill\nfrom .money import *\n",
    "src/shop/model.py": (
        'class Invoice:\n    """Owed."""\n    cents: int = 0\n'
        "    def pay(self, cents: int) -> bool:\n        return True\n"
        "\n\ndef load(path):\n    pass\n"
    ),
    "src/shop/money.py": "from .deep.coins import Coin\n\nRATE = 3\n\ndef rounded(cents): ...\n",
    "src/shop/deep/__init__.py": "",
    "src/shop/deep/coins.py": "class Coin: ...\n\ndef load(file): ...\n",
    "src/shop/types.py": "class Kind: ...\n",
    "src/shop/loop.py": "from .loop import gone\n",
    "tools/script.py": "def main(): ...\n",
}


@pytest.fixture(scope="module")
def table() -> SymbolTable:
    made = SymbolTable()
    for path, text in FILES.items():
        made.put(path, "python", "1", definitions(text, "python"), imports(text))
    return made


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import os", [("os", "os", "")]),
        ("import a.b as c, d.e", [("c", "a.b", ""), ("d.e", "d.e", "")]),
        ("from a.b import C", [("C", "a.b", "C")]),
        ("    from .x import A as B  # why", [("B", ".x", "A")]),
        ("from ... import y", [("y", "...", "y")]),
        ("from a import (\n    B,  # first\n    C as D,\n)", [("B", "a", "B"), ("D", "a", "C")]),
        ("from a import B, \\\n    C", [("B", "a", "B"), ("C", "a", "C")]),
        ("from a import *", [("*", "a", "*")]),
        ("from a import (\n    B,\n    C", [("B", "a", "B"), ("C", "a", "C")]),
        ("from a import B; import c", [("B", "a", "B")]),
        ("from a import", []),
        ("import", []),
        ("important = from_here", []),
        ("x = 'from a import b'", []),
        ("def broken(:\nimport json", [("json", "json", "")]),
    ],
)
def test_what_a_statement_imports(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert imports(text) == [Import(*each) for each in expected]


@pytest.mark.parametrize(
    ("path", "statement", "file", "line"),
    [
        ("src/shop/till.py", "from .model import Invoice", "src/shop/model.py", 0),
        ("src/shop/till.py", "from shop.model import load", "src/shop/model.py", 7),
        ("src/shop/till.py", "from shop import Bill", "src/shop/model.py", 0),
        ("src/shop/till.py", "from . import Bill as B", "src/shop/model.py", 0),
        ("src/shop/till.py", "from shop import rounded", "src/shop/money.py", 4),
        ("src/shop/till.py", "from shop import Coin", "src/shop/deep/coins.py", 0),
        ("src/shop/deep/x.py", "from ..money import RATE", "src/shop/money.py", 2),
        ("src/shop/deep/x.py", "from .coins import load", "src/shop/deep/coins.py", 2),
        ("tools/run.py", "from script import main", "tools/script.py", 0),
        ("src/shop/till.py", "from shop.model import Nothing", None, 0),
        ("src/shop/till.py", "from numpy import array", None, 0),
        ("src/shop/till.py", "from types import Kind", None, 0),  # the standard library's
        ("src/shop/till.py", "from .... import Bill", None, 0),
        ("src/shop/loop.py", "from .loop import gone", None, 0),
    ],
)
def test_which_definition_is_meant(
    table: SymbolTable, path: str, statement: str, file: str | None, line: int
) -> None:
    [imported] = imports(statement)
    found = Resolution(table).definition(imported, path)
    assert [(each.path, each.definition.line) for each in found] == ([(file, line)] if file else [])


def _hits(table: SymbolTable, statement: str, names: dict[str, float]) -> dict[str, str]:
    hits = Lookup(table).hits("src/shop/till.py", "python", names, imports(statement))
    return {f"{hit.path.rpartition('/')[2]}:{hit.name}": hit.text for hit in hits if hit.imported}


def test_a_class_comes_with_its_members(table: SymbolTable) -> None:
    [text] = _hits(table, "from .model import Invoice", {"Invoice(": 1.0}).values()
    assert text == (
        'class Invoice:\n    """Owed."""\n    cents: int = 0\n'
        "    def pay(self, cents: int) -> bool:"
    )


@pytest.mark.parametrize(
    "statement",
    ["import shop.model as m", "from shop import model as m", "from . import model as m"],
)
def test_names_behind_a_module(table: SymbolTable, statement: str) -> None:
    assert list(_hits(table, statement, {"m.load(": 1.0})) == ["model.py:load"]


def test_a_dotted_module_is_used_by_its_whole_name(table: SymbolTable) -> None:
    assert list(_hits(table, "import shop.model", {"shop.model.load(": 1.0})) == ["model.py:load"]


def test_nearer_uses_weigh_more_and_unused_ones_hardly(table: SymbolTable) -> None:
    text = "from .model import Invoice, load\nfrom .money import rounded"
    names = {"rounded(": 0.9, "load": 0.2}
    hits = Lookup(table).hits("src/shop/till.py", "python", names, imports(text))
    assert [hit.name for hit in hits] == ["rounded", "load", "Invoice"]
    assert hits[-1].weight < 0.1


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ({"main(": 1.0}, ["main"]),
        ({"main": 1.0}, []),  # a variable, most likely
        ({"Kind": 1.0}, ["Kind"]),
        ({"invoice.pay(": 1.0}, ["pay"]),
        ({"pay(": 1.0}, []),  # a method is not called by itself
        ({"os.main(": 1.0}, []),  # another module's
        ({"load(": 1.0}, ["load"]),  # two; the one in the same directory
    ],
)
def test_names_that_are_not_imported(
    table: SymbolTable, names: dict[str, float], found: list[str]
) -> None:
    hits = Lookup(table).hits("src/shop/till.py", "python", names, imports("import os"))
    assert [hit.name for hit in hits if not hit.imported] == found
    assert all(hit.path.startswith("src/shop/model") for hit in hits if hit.name == "load")


def test_a_file_that_is_put_again_or_removed_leaves_nothing() -> None:
    table = SymbolTable(most=3)
    text = "def a(): ...\ndef b(): ...\n"
    for _ in range(3):
        table.put("x.py", "python", "1", definitions(text, "python"), imports("import z"))
    assert len(table) == 2
    table.put("y.py", "python", "1", definitions(text, "python"))
    table.put("z.py", "python", "1", definitions(text, "python"))
    assert len(table) == 4, "the bound is kept to within a file"
    table.remove("x.py")
    assert (len(table), table.holds("x.py"), table.imports("x.py")) == (2, False, [])
