"""What is learnt from a file, and which files are not learnt from."""

import ast

import pytest

from penchant_trainer.pretrain.cleaning import clean, refusal

CODE = (
    'def add(left, right):\n    """Add.\n\n    Long story.\n    """\n    return left + right\n' * 4
)


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("pip/_vendor/rich/text.py", CODE, "vendored"),
        ("a/thing_pb2.py", CODE, "generated"),
        ("a/b.py", "# This file is AUTO-GENERATED\n" + CODE, "generated"),
        ("a/b.py", "x = 1\n", "size"),
        ("a/b.py", "x = '" + "a" * 600 + "'\n", "minified"),
        ("a/b.py", "table = [\n" + "    10, 20, 31, 40,\n" * 40 + "]\n", "data"),
        ("a/b.py", CODE, None),
    ],
)
def test_refusals(path: str, text: str, reason: str | None) -> None:
    assert refusal(path, text) == reason


def test_docstrings_are_shortened_to_their_summary_and_the_rest_still_parses() -> None:
    text, problem = clean(CODE, full_docstrings=False)
    assert problem is None
    assert '    """Add."""\n    return' in text
    assert "Long story" not in text
    ast.parse(text)


def test_docstrings_can_be_kept() -> None:
    assert "Long story" in clean(CODE, full_docstrings=True)[0]


@pytest.mark.parametrize(
    "docstring", ['"""\n    Ends with a quote"\n    """', 'r"""\n    Back\\\n    slash\n    """']
)
def test_a_docstring_that_cannot_be_shortened_safely_is_kept(docstring: str) -> None:
    text, problem = clean(f"def f():\n    {docstring}\n    return 1\n", full_docstrings=False)
    assert problem is None
    ast.parse(text)
    assert text.count("\n") > 3


def test_addresses_and_licence_headers_go() -> None:
    text, _ = clean(
        "# Copyright A. Person <a.person@mail.org>\n# all\n\n" + CODE, full_docstrings=True
    )
    assert text.startswith("def add")
    text, _ = clean("contact = 'a.person@mail.org'\nc = a @ b\n", full_docstrings=True)
    assert text == "contact = 'name@example.com'\nc = a @ b\n"


def test_a_secret_drops_the_whole_file() -> None:
    text = "key = '" + "AKIA" + "Q4ZJ5WPLX2M7TBNC" + "'\n" + CODE
    assert clean(text, full_docstrings=True) == ("", "secret")


def test_what_does_not_parse_is_left_out() -> None:
    assert clean("print 'two'\n", full_docstrings=True) == ("", "does not parse")
