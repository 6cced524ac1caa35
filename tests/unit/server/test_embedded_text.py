"""Incremental text: whole characters only, stops found across tokens, nothing taken back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from serving import base_model
from tokenizers import Tokenizer

from penchant_server.embedded.text import TextStream

TOKENIZER = Tokenizer.from_file(str(base_model().directory / "tokenizer.json"))


def pushed(stream: TextStream, text: str) -> list[str]:
    parts = []
    for token in TOKENIZER.encode(text).ids:
        parts.append(stream.push(token))
        if stream.stopped:
            return parts
    return [*parts, stream.finish()]


@given(st.text(max_size=60))
def test_the_pieces_make_the_whole(text: str) -> None:
    whole = TOKENIZER.decode(TOKENIZER.encode(text).ids)
    parts = pushed(TextStream(TOKENIZER, [], []), text)
    assert "".join(parts) == whole.rstrip("\ufffd")


@given(
    st.text(alphabet="ab\n é😀", max_size=40), st.text(alphabet="ab\n é", min_size=1, max_size=4)
)
def test_a_stop_ends_the_text_wherever_tokens_break(text: str, stop: str) -> None:
    parts = pushed(TextStream(TOKENIZER, [], [stop]), text)
    assert "".join(parts) == text.split(stop, maxsplit=1)[0]


@pytest.mark.parametrize("text", ["naïve 😀 中文", "x = '👩‍👩‍👧'\n", "é" * 9])
def test_no_piece_holds_half_a_character(text: str) -> None:
    parts = pushed(TextStream(TOKENIZER, [], []), text)
    assert "\ufffd" not in "".join(parts)
    assert "".join(parts) == text


def test_half_a_character_at_the_end_is_dropped() -> None:
    numbers = TOKENIZER.encode("a😀").ids
    stream = TextStream(TOKENIZER, [], [])
    parts = [stream.push(token) for token in numbers[:-1]]
    assert "".join([*parts, stream.finish()]) == "a"


def test_the_prompt_before_it_leaves_no_trace() -> None:
    stream = TextStream(TOKENIZER, TOKENIZER.encode("def f(x): return 😀").ids, [])
    assert "".join(pushed(stream, " x + 1")) == " x + 1"


def test_the_earliest_of_several_stops_wins() -> None:
    stream = TextStream(TOKENIZER, [], ["return", "\n\n", ""])
    assert "".join(pushed(stream, "x = 1\n\n    return x")) == "x = 1"
