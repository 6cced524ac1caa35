"""What meets at the cursor."""

import pytest

from penchant_core.show_filter.seam import of_seam

SEAMS = [
    ("x = 1\n    return ", "self.items", "return", "self"),
    ("", "", "start", "nothing"),
    ("a\n    ", '"""Say it."""', "start", '"""'),
    ("total = ", "Total(1)", "=", "Name"),
    ("x = _secret_thing", "(1)", "_name", "("),
    ("x = ", "LIMIT", "=", "NAME"),
    ("x = 7", "  + 1", "number", "+"),
    ("x = 'é", "→", "name", "sign"),
]


@pytest.mark.parametrize(("prefix", "text", "left", "first"), SEAMS)
def test_kinds_left_and_right_of_the_cursor(prefix: str, text: str, left: str, first: str) -> None:
    found = of_seam(prefix, text)
    assert found == {f"left={left}": 1.0, f"first={first}": 1.0, f"seam={left} {first}": 1.0}


def test_no_name_of_a_developer_becomes_a_feature() -> None:
    found = of_seam("my_secret_project = launch_codes", "AcmeRocket.fire(")
    assert not any("acme" in name.lower() or "secret" in name for name in found)
