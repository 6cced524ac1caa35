"""Copying from what is nearby: what is proposed after which characters, and how strongly."""

import json
from pathlib import Path

import pytest

from penchant_core.copying import Copier, Copying, Nearby, declared
from penchant_core.errors import FimError

TRUST = Copying(
    prefix_chars=100, suffix_chars=100, context_chars=100, trust={5: 0.2, 16: 0.4, 32: 0.5}
)
ABOVE = "total = price.rounded(2)\n"


def first_letter(text: str) -> list[int]:
    return [ord(char) for char in text]


def shares(prefix: str, *texts: str, written: str = "", one_line: bool = True) -> dict[str, float]:
    copier = Copier(TRUST, Nearby(prefix, texts, one_line), first_letter)
    return {chr(token): part for token, part in copier.shares(written).items()}


def test_what_followed_the_same_characters_is_proposed() -> None:
    assert shares(ABOVE + "other = price.") == {"r": 0.2}
    assert shares("other = price.", "\n", ABOVE) == {"r": 0.2}


def test_a_longer_match_is_trusted_more() -> None:
    assert shares(ABOVE + "the total = price.") == {"r": 0.2}
    assert shares("x\n" + ABOVE + "yx\ntotal = price.") == {"r": 0.4}
    twice = "def gross(price):\n    " + ABOVE
    assert shares(twice + "def gross(price):\n    total = price.") == {"r": 0.5}


def test_only_the_longest_match_counts_and_is_shared_by_how_often() -> None:
    prefix = "a = self.name\nb = self.name\nc = self.size\nd = self."
    assert shares(prefix) == {"n": pytest.approx(0.2 * 2 / 3), "s": pytest.approx(0.2 / 3)}


def test_what_is_being_written_goes_on_as_it_began() -> None:
    assert shares(ABOVE + "other = price.", written="roun") == {"d": 0.2}
    assert shares(ABOVE + "other = price.", written="f") == {}


def test_a_word_that_is_begun_is_completed() -> None:
    assert shares(ABOVE + "x = price.ro") == {"u": 0.2}


def test_the_first_line_ends_it() -> None:
    prefix = ABOVE + "tax = 1\n" + ABOVE
    assert shares(prefix, written="tax = 1")
    assert not shares(prefix, written="tax = 1\ntotal")
    assert shares(prefix.rstrip("\n"), written="\ntax ="), "a line end may come first"


def test_where_several_lines_follow_only_a_sure_match_counts() -> None:
    assert not shares(ABOVE + "other = price.", one_line=False)
    long = "def gross(self, price, tax):\n    "
    assert shares(f"{long}{ABOVE}\n{long}", one_line=False) == {"t": 0.5}


def test_blank_and_short_endings_match_nothing() -> None:
    assert not shares("a = 1\n" + " " * 20 + "b\n" + " " * 20)
    assert not shares("x = y\nx =")
    assert not shares("")


def test_texts_are_kept_apart() -> None:
    assert not shares("other = price.", "total = price.", "rounded")
    assert not shares("other = price.", "total = pri\0ce.")


def test_a_model_declares_it(tmp_path: Path) -> None:
    assert declared(tmp_path) is None
    place = tmp_path / "penchant.json"
    place.write_text('{"name": "plain"}')
    assert declared(tmp_path) is None
    place.write_text(json.dumps({"copying": TRUST.model_dump()}))
    assert declared(tmp_path) == TRUST


@pytest.mark.parametrize(
    "text", ["[]", "{", '{"copying": {"trust": {"5": 0.2}}}', '{"copying": 1}']
)
def test_a_damaged_declaration_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "penchant.json").write_text(text)
    with pytest.raises(FimError, match="damaged"):
        declared(tmp_path)
