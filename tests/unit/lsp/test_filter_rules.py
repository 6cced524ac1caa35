"""Rules of single filters at their edges; the golden cases show what they are for."""

import pytest

from penchant_lsp.extent import multi_line
from penchant_lsp.filters.below import lines_below
from penchant_lsp.filters.chain import filtered
from penchant_lsp.filters.repetition import repeated_lines
from penchant_lsp.filters.scope import within_block
from penchant_lsp.filters.surroundings import Surroundings
from penchant_lsp.filters.tail import replaced, without_tail
from penchant_lsp.filters.whitespace import on_this_line, single_blank


@pytest.mark.parametrize(
    ("text", "left", "expected"),
    [
        ("\n    return x", "    ", "return x"),
        ("\n\n    return x\n    y", "    ", "return x\n    y"),
        ("\nreturn x", "", "return x"),
        ("\nclass A:", "    ", ""),
        ("\n    return x", "if x:", "\n    return x"),
        ("return x", "    ", "return x"),
    ],
)
def test_on_this_line(text: str, left: str, expected: str) -> None:
    assert on_this_line(text, Surroundings(left)) == expected


@pytest.mark.parametrize(
    ("text", "left", "expected"),
    [
        (" return x", "    ", "return x"),
        (" return x", "", "return x"),
        ("    return x", "", "    return x"),
        (" + 1", "x", " + 1"),
        ("  x", "  ", "  x"),
        (" ", "  ", " "),
    ],
)
def test_single_blank(text: str, left: str, expected: str) -> None:
    assert single_blank(text, Surroundings(left)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\na\na\na", "a"),
        ("a\nb\nb\nb\nc", "a\nb"),
        ("a\na\nb", "a\na\nb"),
        ("a\n\n\n\nb", "a\n\n\n\nb"),
    ],
)
def test_repeated_lines(text: str, expected: str) -> None:
    assert repeated_lines(text, Surroundings()) == expected


@pytest.mark.parametrize(
    ("text", "left", "expected"),
    [
        ("a\n    b\nc", "    ", "a\n    b"),
        ("\n    b\n    c", "if x:", "\n    b\n    c"),
        ("a\n\n    b", "    ", "a\n\n    b"),
        ("a\nb", "", "a\nb"),
    ],
)
def test_within_block(text: str, left: str, expected: str) -> None:
    assert within_block(text, Surroundings(left)) == expected


@pytest.mark.parametrize(
    ("text", "left", "below", "expected"),
    [
        ("a\n    return x", "    ", "\n    return x\n", "a"),
        ("return x", "    ", "    return x\n", ""),
        ("a\nb", "", "c\n", "a\nb"),
        ("return x", "y = ", "y = return x", "return x"),
        ("a", "", "", "a"),
    ],
)
def test_lines_below(text: str, left: str, below: str, expected: str) -> None:
    assert lines_below(text, Surroundings(left, below=below)) == expected


@pytest.mark.parametrize(
    ("text", "right", "expected"),
    [
        ("x)", ")", "x"),
        ("bar()", ")", "bar()"),
        ("x))", "))", "x"),
        ("x)", "))", "x"),
        ("x]", "])", "x"),
        ("name'", "'", "name"),
        ("x, y", ", y", "x"),
        ("b + c", " + c", "b"),
        ("x", "", "x"),
        ("x", "   ", "x"),
        ("x):", ")", "x):"),
    ],
)
def test_without_tail(text: str, right: str, expected: str) -> None:
    assert without_tail(text, Surroundings(right=right)) == expected


@pytest.mark.parametrize(
    ("text", "right", "size"),
    [("x):", ")", 1), ("x) + (y)", ")", 1), ("bar()", ")", 0), ("x", ")", 0), ("x):", " y)", 0)],
)
def test_replaced(text: str, right: str, size: int) -> None:
    assert replaced(text, right) == size


@pytest.mark.parametrize(
    ("text", "left", "right", "below", "expected"),
    [
        ("sum(prices)\n\nprint(1)", "    return ", "", "", "sum(prices)"),
        (" total = 0\n    for x in y:\n", "    ", "", "", "total = 0\n    for x in y:"),
        ("   \n  ", "    ", "", "", ""),
        ("name)", "print(", ")", "", "name"),
        ("go()\nstop()", "f(", ")", "", "go()"),
        ("x = 1\ny = 2", "", "", "y = 2\n", "x = 1"),
    ],
)
def test_filtered(text: str, left: str, right: str, below: str, expected: str) -> None:
    place = Surroundings(left, right, below=below, many=multi_line(left, right))
    assert filtered(text, place) == expected
