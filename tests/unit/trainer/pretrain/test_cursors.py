"""Cuts lie where cursors stand."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant_trainer.pretrain.cursors import Case, block_end, column, draw

LINE = "        value = self.find(name, 12)"


def columns(case: Case) -> set[int | None]:
    return {column(LINE, case, random.Random(seed)) for seed in range(300)}


def test_after_the_indentation_is_one_place() -> None:
    assert columns("indentation") == {8}


def test_identifiers_end_and_are_cut_inside() -> None:
    ends = {LINE[:c] for c in columns("identifier_end") if c}
    assert {end.split()[-1] for end in ends} == {
        "value", "self", "self.find", "self.find(name",
    }  # fmt: skip
    for inside in columns("mid_identifier"):
        assert inside is not None
        assert LINE[inside - 1].isalpha()
        assert LINE[inside].isalpha()


def test_mid_line_is_inside_the_line_at_an_edge_of_a_token() -> None:
    found = columns("mid_line")
    assert 8 not in found
    assert len(LINE) not in found
    assert len("        value = ") in found


@pytest.mark.parametrize("case", ["indentation", "mid_line", "line_end"])
def test_a_blank_line_has_no_cursor(case: Case) -> None:
    assert column("    ", case, random.Random(1)) is None


def test_a_block_ends_where_the_indentation_does() -> None:
    text = "def f():\n    a = 1\n    if a:\n        b = 2\n\n    return b\nx = 3\n"
    start = text.index("    if a")
    assert text[start : block_end(text, start)] == "    if a:\n        b = 2"
    start = text.index("    return")
    assert text[start : block_end(text, start)] == "    return b"


@given(st.text(alphabet="ab_ ():\n.=", min_size=1), st.integers(0, 500), st.integers())
def test_every_cut_lies_inside_the_text(text: str, near: int, seed: int) -> None:
    cut = draw(text, min(near, len(text) - 1), random.Random(seed))
    assert cut is None or 0 <= cut.begin <= cut.end <= len(text)
