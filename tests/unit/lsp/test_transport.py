"""What is written to a pipe arrives whole and in order, and never blocks the writer."""

import os
import threading
from collections.abc import Iterator

import pytest

from penchant_lsp.transport import Writer


@pytest.fixture
def pipe() -> Iterator[tuple[int, Writer]]:
    read, write = os.pipe()
    stream = os.fdopen(write, "wb", buffering=0)
    yield read, Writer(stream)
    stream.close()
    os.close(read)


def _read(descriptor: int, count: int) -> bytes:
    found = b""
    while len(found) < count:
        found += os.read(descriptor, count - len(found))
    return found


def test_a_short_message_is_there_when_write_returns(pipe: tuple[int, Writer]) -> None:
    read, writer = pipe
    os.set_blocking(read, False)
    writer.write(b"short")
    assert os.read(read, 100) == b"short"


def test_whatever_the_sizes_messages_arrive_whole_and_in_order(pipe: tuple[int, Writer]) -> None:
    read, writer = pipe
    messages = [bytes([65 + n % 26]) * size for n, size in enumerate([3, 9000, 5, 1, 70_000] * 8)]
    whole = b"".join(messages)
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(_read(read, len(whole))))
    reader.start()
    for message in messages:
        writer.write(message)
    reader.join(10)
    assert found == [whole]


def test_nobody_reads_and_nothing_blocks(pipe: tuple[int, Writer]) -> None:
    read, writer = pipe
    for number in range(2000):  # far more than a pipe holds
        writer.write(b"%06d" % number * 20)
    assert _read(read, 2000 * 120) == b"".join(b"%06d" % number * 20 for number in range(2000))


def test_a_reader_that_is_gone_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb", buffering=0) as stream:
        writer = Writer(stream)
        writer.write(b"nobody hears this")
        writer.write(b"x" * 100_000)
        writer.close()
