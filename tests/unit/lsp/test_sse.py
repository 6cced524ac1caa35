import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant_core.errors import GatewayError
from penchant_lsp.sse import LIMIT, EventStream


@given(
    values=st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"))),
    size=st.integers(1, 9),
    end=st.sampled_from([b"\n\n", b"\r\n\r\n"]),
)
def test_whatever_the_chunks(values: list[str], size: int, end: bytes) -> None:
    data = b"".join(b"data: " + value.encode() + end for value in values)
    events, found = EventStream(), []
    for start in range(0, len(data), size):
        found += events.feed(data[start : start + size])
    assert found == [value.strip() for value in values]


def test_other_fields_and_comments_are_passed_over() -> None:
    assert EventStream().feed(b": hello\nevent: x\nid: 1\nretry\ndata:y\n\n") == ["y"]


def test_a_stream_without_end_is_refused() -> None:
    events = EventStream()
    with pytest.raises(GatewayError, match="restart"):
        for _ in range(LIMIT // 1000 + 1):
            events.feed(b"x" * 1000)
