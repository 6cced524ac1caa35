"""Answers over HTTP/1.1 arrive whole however they are cut, or end in one of three errors."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from penchant_core.http_stream import BrokenAnswer, Posts

Answering = Callable[["Server", asyncio.StreamWriter], Awaitable[None]]
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\ndata:\r\n7;x=y\r\n one\n\nd\r\n0\r\nTrailer: t\r\n\r\n"
)
COUNTED = b"HTTP/1.1 404 Not Found\r\nContent-Length: 12\r\n\r\ndata: one\n\nd"
UNTIL_CLOSED = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\ndata: one\n\nd"
INFORMED = b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + COUNTED
BODY = b"data: one\n\nd"


@dataclass
class Server:
    """Answers every request with ``answer``; notes what it was sent on which connection."""

    answer: Answering
    url: str = ""
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                size = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                self.requests.append(head + await reader.readexactly(size))
                await self.answer(self, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.gone.set()
        finally:
            writer.close()


@asynccontextmanager
async def serving(answer: bytes | Answering) -> AsyncIterator[tuple[Server, Posts]]:
    async def said(_: Server, writer: asyncio.StreamWriter) -> None:
        assert isinstance(answer, bytes)
        writer.write(answer)
        if b"connection: close" in answer:
            writer.close()

    server = Server(said if isinstance(answer, bytes) else answer)
    running = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{running.sockets[0].getsockname()[1]}"
    posts = Posts(server.url + "/base/", connect_s=5, read_s=5)
    try:
        yield server, posts
    finally:
        posts.close()
        running.close()


async def whole(posts: Posts, body: bytes = b"{}") -> tuple[int, bytes]:
    answer = await posts.post("/v1", body, {"accept": "text/event-stream"})
    return answer.status, b"".join([piece async for piece in answer])


@pytest.mark.parametrize(
    ("answer", "status"),
    [(CHUNKED, 200), (COUNTED, 404), (UNTIL_CLOSED, 200), (INFORMED, 404)],
)
async def test_every_framing_gives_the_body(answer: bytes, status: int) -> None:
    async with serving(answer) as (server, posts):
        assert await whole(posts, b"asked") == (status, BODY)
    assert server.requests[0].startswith(b"POST /base/v1 HTTP/1.1\r\nhost: 127.0.0.1:")
    assert server.requests[0].endswith(b"content-length: 5\r\n\r\nasked")


@pytest.mark.parametrize("answer", [CHUNKED, COUNTED])
async def test_the_body_is_the_same_letter_by_letter(answer: bytes) -> None:
    async def dripping(_: Server, writer: asyncio.StreamWriter) -> None:
        for at in range(len(answer)):
            writer.write(answer[at : at + 1])
            await writer.drain()
            await asyncio.sleep(0)

    async with serving(dripping) as (_, posts):
        assert (await whole(posts))[1] == BODY


async def test_one_connection_serves_one_answer_after_the_other() -> None:
    async with serving(CHUNKED) as (server, posts):
        for _ in range(5):
            await whole(posts)
        assert server.connections == 1
        both = await asyncio.gather(whole(posts), whole(posts))
        assert [body for _, body in both] == [BODY, BODY]
        assert server.connections == 2


async def test_an_answer_that_is_closed_ends_its_connection() -> None:
    async def endless(_: Server, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED.partition(b"\r\n\r\n")[0] + b"\r\n\r\n5\r\ndata:\r\n")

    async with serving(endless) as (server, posts):
        answer = await posts.post("/v1", b"", {})
        assert await answer.read() == b"data:"
        answer.close()
        assert await answer.read() == b""
        await asyncio.wait_for(server.gone.wait(), 5)


async def test_cancelling_ends_the_connection() -> None:
    async def silent(_: Server, __: asyncio.StreamWriter) -> None:
        pass

    async with serving(silent) as (server, posts):
        asking = asyncio.create_task(posts.post("/v1", b"", {}))
        while not server.requests:
            await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.wait_for(server.gone.wait(), 5)


async def test_a_kept_connection_that_the_server_closed_is_replaced() -> None:
    async def once(_: Server, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED)
        await writer.drain()
        writer.close()

    async with serving(once) as (server, posts):
        for count in range(1, 4):
            assert (await whole(posts))[1] == BODY
            assert server.connections == count


async def test_a_connection_that_closes_under_the_question_is_replaced() -> None:
    async def first_only(server: Server, writer: asyncio.StreamWriter) -> None:
        if len(server.requests) == 2:
            writer.close()  # it has taken the question, and says nothing
        else:
            writer.write(CHUNKED)

    async with serving(first_only) as (server, posts):
        assert (await whole(posts))[1] == BODY
        assert (await whole(posts))[1] == BODY
        assert (len(server.requests), server.connections) == (3, 2)


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH\r\n\r\nconnection: close",
        b"HTTP/1.1 2x0 OK\r\n\r\nconnection: close",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nconnection: close",
        b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nconnection: close",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nconnection: close",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\nconnection: close",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000 + b"connection: close",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + b"y" * 200_000,
        b"HTTP/1.1 200 OK connection: close",
    ],
)
async def test_nonsense_is_a_broken_answer(answer: bytes) -> None:
    async with serving(answer) as (_, posts):
        with pytest.raises(BrokenAnswer):
            await whole(posts)


async def test_silence_takes_too_long() -> None:
    async def silent(_: Server, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")

    async with serving(silent) as (server, _):
        posts = Posts(server.url, connect_s=5, read_s=0.05)
        answer = await posts.post("/v1", b"", {})
        with pytest.raises(TimeoutError):
            await answer.read()
        answer.close()


async def test_nobody_answers() -> None:
    async with serving(CHUNKED) as (server, _):
        url = server.url
    with pytest.raises(OSError, match="onnect"):
        await Posts(url, connect_s=5).post("/v1", b"", {})


@pytest.mark.parametrize("url", ["", "ftp://127.0.0.1", "http://", "http://[", "127.0.0.1:1"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"address|URL"):
        Posts(url, connect_s=1)


async def test_a_header_cannot_bring_another() -> None:
    async with serving(CHUNKED) as (server, posts):
        with pytest.raises(ValueError, match="line's end"):
            await posts.post("/v1", b"", {"authorization": "Bearer x\r\nx-other: y"})
        assert server.requests == []
