import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant_lsp.framing import Framer


def _frame(body: bytes, error: int = 0) -> bytes:
    return b"Content-Length: %d\r\n\r\n%s" % (len(body) + error, body)


BODY = b'{"a": [1, "Content-Length: 5"]}'


def test_one_message() -> None:
    framer = Framer()
    assert framer.feed(_frame(BODY)) == [BODY]
    assert framer.resyncs == 0


@given(
    bodies=st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=40)), max_size=5),
    sizes=st.lists(st.integers(1, 30), min_size=1, max_size=10),
)
def test_whatever_the_chunks(bodies: list[dict[str, str]], sizes: list[int]) -> None:
    encoded = [json.dumps(body).encode() for body in bodies]
    data = b"".join(map(_frame, encoded))
    framer, found = Framer(), []
    while data:
        size = sizes[len(data) % len(sizes)]
        found += framer.feed(data[:size])
        data = data[size:]
    assert found == encoded
    assert framer.resyncs == 0


@pytest.mark.parametrize("error", range(-20, 90))
def test_a_wrong_length_costs_at_most_its_own_message(error: int) -> None:
    framer = Framer()
    found = framer.feed(_frame(BODY, error) + _frame(b'{"b": 2}') + _frame(b'{"c": 3}'))
    assert found[-1] == b'{"c": 3}'
    if error <= 50:
        assert b'{"b": 2}' in found
    if 0 < error <= 50:
        assert found[0].strip() == BODY
    assert (framer.resyncs > 0) is (error != 0)


@given(st.lists(st.binary(max_size=200), max_size=6))
def test_noise_never_raises_and_a_message_after_it_is_found(noise: list[bytes]) -> None:
    framer = Framer()
    for each in noise:
        framer.feed(each)
    found = framer.feed(b"\r\n" + _frame(b'{"b": 2}') + _frame(b'{"c": 3}'))
    assert found[-1:] == [b'{"c": 3}']


def test_a_message_over_the_limit_is_not_held() -> None:
    framer = Framer(limit=1000)
    assert framer.feed(b"Content-Length: 1000000\r\n\r\n") == []
    for _ in range(100):
        assert framer.feed(b"x" * 10_000) == []
        assert len(framer._buffer) < 20_000
    assert framer.feed(_frame(BODY)) == [BODY]
    assert framer.resyncs == 1


def test_a_claim_beyond_all_memory_is_passed_over() -> None:
    framer = Framer()
    assert framer.feed(b"Content-Length: " + b"9" * 29 + b"\r\n\r\n{}" + _frame(BODY)) == [BODY]


def test_headers_without_end_are_not_held() -> None:
    framer = Framer()
    for _ in range(100):
        framer.feed(b"X-Header: " + b"y" * 5000)
    assert len(framer._buffer) < 20_000
    assert framer.feed(b"\r\n" + _frame(BODY)) == [BODY]
