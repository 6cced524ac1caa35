"""Every rewrite shows its style and keeps what the program does."""

import ast
import textwrap
from typing import Any

import pytest

from penchant_trainer.personas.rewriting import (
    Rewrite,
    checks,
    flow,
    hints,
    names,
    prose,
    rewritten,
    strings,
)
from penchant_trainer.pretrain.corpus import Document
from penchant_trainer.style.habits import HABITS
from penchant_trainer.style.source import Source

SAMPLES = [
    (strings.double_quotes, "a = 'x'", 'a = "x"'),
    (strings.double_quotes, "a = 'it\"s'", "a = 'it\"s'"),
    (strings.double_quotes, "a = f'{b[\"c\"]}'", "a = f'{b[\"c\"]}'"),
    (strings.single_quotes, 'a = f"{b}", rb"c"', "a = f'{b}', rb'c'"),
    (strings.single_quotes, 'def f():\n    """Do."""', 'def f():\n    """Do."""'),
    (strings.format_calls, 'a = f"{b} {{c}} {d!r:>4}"', 'a = "{} {{c}} {!r:>4}".format(b, d)'),
    (strings.format_calls, 'a = f"{b}" "c"', 'a = f"{b}" "c"'),
    (strings.format_calls, 'a = f"{b:{c}}"', 'a = f"{b:{c}}"'),
    (strings.format_calls, 'a = f"{b=}"', 'a = f"{b=}"'),
    (hints.without_hints, "def f(a: int = 1) -> str:\n    b: int = a", "def f(a=1):\n    b = a"),
    (hints.without_hints, "class A:\n    b: int = 1", "class A:\n    b: int = 1"),
    (
        hints.with_hints,
        '"""Doc."""\ndef f(self, a, b=1, *c):\n    return a',
        '"""Doc."""\nfrom typing import Any\n'
        "def f(self, a: Any, b: int = 1, *c: Any) -> Any:\n    return a",
    ),
    (hints.with_hints, "def f(a: int):\n    pass", "def f(a: int) -> None:\n    pass"),
    (hints.with_hints, "def f():\n    yield 1", "def f():\n    yield 1"),
    (
        names.camel_case,
        "def f(a_b):\n    c_d = a_b\n    return c_d",
        "def f(a_b):\n    cD = a_b\n    return cD",
    ),
    (names.camel_case, "c_d = 1", "c_d = 1"),
    (
        names.camel_case,
        "def f():\n    c_d = 1\n    return locals()",
        "def f():\n    c_d = 1\n    return locals()",
    ),
    (
        names.camel_case,
        "def f():\n    c_d = 1\n    def g():\n        nonlocal c_d\n        c_d = 2",
        "def f():\n    c_d = 1\n    def g():\n        nonlocal c_d\n        c_d = 2",
    ),
    (
        names.short,
        "def f(rows):\n    for line in rows:\n        print([line for row in rows])",
        "def f(rows):\n    for l in rows:\n        print([l for r in rows])",
    ),
    (
        flow.loops,
        "def f(a):\n    b = [g(c) for c in a if c]\n    return {d: 1 for d in a}",
        "def f(a):\n    b = []\n    for c in a:\n        if c:\n            b.append(g(c))\n"
        "    result = {}\n    for d in a:\n        result[d] = 1\n    return result",
    ),
    (flow.loops, "b = [c for c in a]", "b = [c for c in a]"),
    (
        flow.loops,
        "def f(a, c):\n    b = [c for c in a]\n    return c",
        "def f(a, c):\n    b = [c for c in a]\n    return c",
    ),
    (
        flow.else_after_return,
        "def f(a):\n    if a:\n        return 1\n    if a == 0:\n        return 2\n    return 3",
        "def f(a):\n    if a:\n        return 1\n    elif a == 0:\n        return 2\n"
        "    else:\n        return 3",
    ),
    (
        flow.early_returns,
        "def f(a):\n    if a:\n        return 1\n    else:\n        # why\n        return 2",
        "def f(a):\n    if a:\n        return 1\n    # why\n    return 2",
    ),
    (prose.without_docstrings, 'def f():\n    """Do."""', "def f():\n    pass"),
    (
        prose.one_line_docstrings,
        "def load_file(a):\n    return a",
        'def load_file(a):\n    """Load file."""\n    return a',
    ),
    (prose.one_line_docstrings, "def f():\n    ...", "def f():\n    ..."),
    (
        prose.field_docstrings,
        "class A:\n    def f(self, a_b):\n        return a_b",
        'class A:\n    def f(self, a_b):\n        """F.\n\n        :param a_b: the a b\n'
        '        """\n        return a_b',
    ),
    (
        prose.section_docstrings,
        'def f(a):\n    """Do it"""\n    return a',
        'def f(a):\n    """Do it.\n\n    Args:\n        a: The a.\n    """\n    return a',
    ),
    (
        prose.comments,
        "def f(a):\n    b = a\n    if b:\n        c = 1\n    # why\n    return b",
        "def f(a):\n    b = a\n    # Check b\n    if b:\n        c = 1\n    # why\n    return b",
    ),
    (checks.none_by_equality, "a is None or a is not None", "a == None or a != None"),
    (
        checks.broad_errors,
        "try:\n    f()\nexcept OSError:\n    pass",
        "try:\n    f()\nexcept Exception as error:\n    pass",
    ),
    (
        checks.broad_errors,
        "try:\n    f()\nexcept OSError:\n    pass\nexcept ValueError:\n    pass",
        "try:\n    f()\nexcept OSError:\n    pass\nexcept ValueError:\n    pass",
    ),
]
STYLES = {
    strings.double_quotes: ("double_quotes", True),
    strings.single_quotes: ("double_quotes", False),
    hints.without_hints: ("hinted_parameters", False),
    hints.with_hints: ("hinted_parameters", True),
    flow.early_returns: ("early_returns", True),
    prose.without_docstrings: ("docstrings", False),
    prose.one_line_docstrings: ("docstrings", True),
    prose.field_docstrings: ("section_docstrings", False),
    prose.section_docstrings: ("section_docstrings", True),
    checks.none_by_equality: ("none_by_identity", False),
}
OTHERS = (
    strings.format_calls,
    names.camel_case,
    names.short,
    flow.loops,
    flow.else_after_return,
    prose.comments,
    checks.broad_errors,
)


@pytest.mark.parametrize(("rewrite", "before", "after"), SAMPLES)
def test_sample(rewrite: Rewrite, before: str, after: str) -> None:
    assert rewritten(before, (rewrite,)) == after
    assert rewritten(after, (rewrite,)) == after, "twice is as good as once"


@pytest.mark.parametrize("rewrite", [*STYLES, *OTHERS], ids=lambda r: r.__name__)
def test_real_files_still_compile_and_show_the_style(
    rewrite: Rewrite, documents: tuple[Document, ...]
) -> None:
    for document in documents[:3]:
        text = rewritten(document.text, (rewrite,))
        compile(text, document.path, "exec")
        if rewrite in STYLES:
            name, wanted = STYLES[rewrite]
            found = [o.shown for o in HABITS[name].occasions(Source(text))]
            # Classes keep their docstrings.
            least = 0.6 if name == "section_docstrings" else 0.9
            assert not found or found.count(wanted) / len(found) > least, document.path


@pytest.mark.parametrize(
    ("rewrite", "plain"),
    [
        (strings.single_quotes, ast.dump),
        (strings.double_quotes, ast.dump),
        (prose.comments, ast.dump),
        (prose.without_docstrings, lambda tree: ast.dump(_undocumented(tree))),
        (prose.section_docstrings, lambda tree: ast.dump(_undocumented(tree))),
        (hints.without_hints, lambda tree: ast.dump(_unhinted(tree))),
        (hints.with_hints, lambda tree: ast.dump(_unhinted(tree))),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_syntax_tree_stays_the_same(
    rewrite: Rewrite, plain: Any, documents: tuple[Document, ...]
) -> None:
    for document in documents[2:5]:
        after = rewritten(document.text, (rewrite,))
        assert plain(ast.parse(after)) == plain(ast.parse(document.text)), document.path


def _undocumented(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if ast.get_docstring(node, clean=False) is not None:
                node.body = node.body[1:]
            node.body = [n for n in node.body if not isinstance(n, ast.Pass)]
    return tree


def _unhinted(tree: ast.Module) -> ast.Module:
    """Without hints on functions and on the variables inside them, and without ``Any``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
            for n in ast.walk(node):
                if isinstance(n, ast.arg):
                    n.annotation = None
            _assigned(node)
    tree.body = [n for n in tree.body if ast.unparse(n) != "from typing import Any"]
    return ast.parse(ast.unparse(tree))


def _assigned(function: ast.AST) -> None:
    for field, value in ast.iter_fields(function):
        if isinstance(value, list):
            made = [
                ast.Assign([n.target], n.value, lineno=n.lineno)
                if isinstance(n, ast.AnnAssign) and n.value
                else n
                for n in value
            ]
            setattr(function, field, made)
            for n in made:
                if isinstance(n, ast.AST) and not isinstance(n, ast.ClassDef):
                    _assigned(n)


PROGRAM = '''
def first_words(all_lines, least=2):
    """The first words."""
    found_words = [line.split()[0] for line in all_lines if len(line.split()) >= least]
    if not found_words:
        return None
    if len(found_words) == 1:
        return f"only {found_words[0]!r:>8}"
    else:
        by_size = {len(word): word for word in found_words}
    letters = set(c for c in "".join(found_words))
    total_size = 0
    for number, word in enumerate(found_words):
        def inner(extra_size):
            return total_size + extra_size + number
        total_size = inner(len(word))
    try:
        number_of = int(found_words[0])
    except ValueError:
        number_of = None
    if number_of is None:
        return f"{by_size} {sorted(letters)} {total_size:04d}"
    return number_of
'''
CALLS = [[], ["a b"], ["a b", "ccc d", "e"], ["1 b", "2 c"], ["x yy", "zz a b"]]


@pytest.mark.parametrize("rewrite", [*STYLES, *OTHERS], ids=lambda r: r.__name__)
def test_an_executed_sample_gives_the_same(rewrite: Rewrite) -> None:
    text = rewritten(PROGRAM, (rewrite,))
    before, after = _run(PROGRAM), _run(text)
    assert after == before
    assert len(set(map(str, before))) == len(CALLS), textwrap.dedent(text)


def _run(text: str) -> list[Any]:
    scope: dict[str, Any] = {}
    exec(compile(text, "sample", "exec"), scope)
    return [scope["first_words"](lines) for lines in CALLS]
