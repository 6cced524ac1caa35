import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant_lsp import trims


@pytest.mark.parametrize(
    ("left", "right", "many"),
    [
        ("", "", True),
        ("    ", "", True),
        ("    ", "  ", True),
        ("if x:", "", True),
        ("def f(", "", False),
        ("x = {", "", True),
        ("items.map(x =>", "", True),
        ("if x; then", "", True),
        ("x = ", "", False),
        ("if x", "", False),
        ("    ", ")", False),
        ("f(", ")", False),
        ("authen", "", False),
        ("def f(x: ", "", False),
        ("def f(x:", "", False),
        ("    count: ", "", False),
        ("    count:", "", False),
        ('    "key":', "", False),
        ("rows[1:", "", False),
        ("    else:", "", True),
        ("try:", "", True),
        ("    case Point(x=0):", "", True),
        ("for x in y:", "", True),
        ("class A:", "", True),
        ("def f(x: int):", "", True),
        ("def f(x) -> ", "", False),
        ("def f(x) -> int:", "", True),
        ("Some(x) => ", "", True),
        ("case x ->", "", True),
        ("fn area(&self) -> ", "", False),
        ("fn area(&self) -> f64 {", "", True),
    ],
)
def test_multi_line(left: str, right: str, many: bool) -> None:
    assert trims.multi_line(left, right) is many


@pytest.mark.parametrize(
    "text",
    ["a\u202eb", "a\u200bb", "\x1b[31mred", "a\x00b", "a\ud800b", "a\u2028b", "\ufeffa", "a\rb"],
)
def test_what_cannot_be_seen_is_refused(text: str) -> None:
    assert trims.visible(text) == ""


@given(st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" \n\t")))
def test_what_can_be_seen_is_not(text: str) -> None:
    assert trims.visible(text) == text


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
    assert trims.on_this_line(text, left) == expected


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
def test_unshifted(text: str, left: str, expected: str) -> None:
    assert trims.unshifted(text, left) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\na\na\na", "a"),
        ("a\nb\nb\nb\nc", "a\nb"),
        ("a\na\nb", "a\na\nb"),
        ("a\n\n\n\nb", "a\n\n\n\nb"),
    ],
)
def test_unrepeated(text: str, expected: str) -> None:
    assert trims.unrepeated(text) == expected


@pytest.mark.parametrize(
    ("text", "left", "expected"),
    [
        ("a\n    b\nc", "    ", "a\n    b"),
        ("\n    b\n    c", "if x:", "\n    b\n    c"),
        ("a\n\n    b", "    ", "a\n\n    b"),
        ("a\nb", "", "a\nb"),
    ],
)
def test_within_scope(text: str, left: str, expected: str) -> None:
    assert trims.within_scope(text, left) == expected


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
def test_without_lines_below(text: str, left: str, below: str, expected: str) -> None:
    assert trims.without_lines_below(text, left, below) == expected


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
    assert trims.without_tail(text, right) == expected


@pytest.mark.parametrize(
    ("text", "right", "size"),
    [("x):", ")", 1), ("x) + (y)", ")", 1), ("bar()", ")", 0), ("x", ")", 0), ("x):", " y)", 0)],
)
def test_replaced(text: str, right: str, size: int) -> None:
    assert trims.replaced(text, right) == size


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
def test_trimmed(text: str, left: str, right: str, below: str, expected: str) -> None:
    many = trims.multi_line(left, right)
    assert trims.trimmed(text, left=left, right=right, below=below, many=many) == expected


@given(text=st.text(), left=st.text(max_size=5), right=st.text(max_size=5), below=st.text())
def test_trimming_never_adds(text: str, left: str, right: str, below: str) -> None:
    found = trims.trimmed(text, left=left, right=right, below=below, many=True)
    assert found in text
    again = trims.trimmed(found, left="x", right="", below="", many=True)
    assert (
        again == found.rstrip()
    )  # blanks at the end stay only where something stands to the right
