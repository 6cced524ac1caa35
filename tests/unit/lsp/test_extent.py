import pytest

from penchant_lsp.extent import multi_line


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
    assert multi_line(left, right) is many
