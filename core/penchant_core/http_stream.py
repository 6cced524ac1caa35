"""Posts a body over HTTP/1.1 and streams the answer: the little of HTTP that a keystroke needs.

A general client takes longer to send a question than a language server may add to its answer. This
one speaks to one address, keeps connections for the next question, and ends a question's connection
the moment that nobody wants its answer. No redirects, no compression, no proxies. Raises OSError
where nobody answers, TimeoutError where an answer takes too long, and BrokenAnswer where it makes
no sense or breaks off. Knows nothing of completions.
Source: RFC 9112 (HTTP/1.1).
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ssl import SSLContext
from urllib.parse import urlsplit

from penchant_core.errors import PenchantError

HEAD_BYTES = 64 * 1024
PIECE_BYTES = 64 * 1024
KEPT = 8
PORTS = {"http": 80, "https": 443}
_BREAKS = (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError)


class BrokenAnswer(PenchantError):
    """What came is not HTTP, or ends before it is over."""


@dataclass(slots=True)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    used: bool = False

    @property
    def usable(self) -> bool:
        return not (self.reader.at_eof() or self.writer.transport.is_closing())

    def end(self) -> None:
        """Close at once, whatever is under way."""
        self.writer.transport.abort()


class Posts:
    """Posts to the server at ``url`` (its path is put before every other).

    ``read_s`` bounds each wait for more of an answer. Belongs to one event loop from its first use
    on. Raises ValueError for a URL that names no server.
    """

    def __init__(
        self,
        url: str,
        *,
        connect_s: float,
        read_s: float | None = None,
        ssl: SSLContext | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("the address is no http:// or https:// address")
        self._host, self._port = parts.hostname, parts.port or PORTS[parts.scheme]
        self._path, self._named = parts.path.rstrip("/"), parts.netloc.rpartition("@")[2]
        self._ssl, self._connect_s, self._read_s = ssl, connect_s, read_s
        self._idle: list[_Connection] = []

    async def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> "Streamed":
        """Send ``body`` and return the answer once its head has come."""
        lines = [f"POST {self._path}{path} HTTP/1.1", f"host: {self._named}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if any("\r" in line or "\n" in line for line in lines):
            raise ValueError("a header must not hold a line's end")
        lines += [f"content-length: {len(body)}", "", ""]
        message = "\r\n".join(lines).encode("latin-1") + body
        while True:
            connection = await self._connected()
            try:
                return await self._exchange(connection, message)
            except _Stale:
                connection.end()  # the server let go of it just now: it has not read the question
            except BaseException:
                connection.end()
                raise

    def close(self) -> None:
        """Let go of the connections that wait for another question."""
        while self._idle:
            self._idle.pop().end()

    async def _connected(self) -> _Connection:
        while self._idle:
            kept = self._idle.pop()
            if kept.usable:
                return kept
            kept.end()
        try:
            async with asyncio.timeout(self._connect_s):
                found = await asyncio.open_connection(
                    self._host, self._port, ssl=self._ssl, limit=HEAD_BYTES
                )
        except TimeoutError as error:
            raise ConnectionError("no connection in time") from error
        return _Connection(*found)

    async def _exchange(self, connection: _Connection, message: bytes) -> "Streamed":
        try:
            connection.writer.write(message)
            async with asyncio.timeout(self._read_s):
                await connection.writer.drain()
                status, headers = await _head(connection)
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            if connection.used and not getattr(error, "partial", b""):
                raise _Stale from error
            raise BrokenAnswer("the answer broke off before it began") from error
        return Streamed(status, headers, connection, self._read_s, self._kept)

    def _kept(self, connection: _Connection) -> None:
        connection.used = True
        if connection.usable and len(self._idle) < KEPT:
            self._idle.append(connection)
        else:
            connection.end()


class Streamed:
    """An answer: its status, its headers (lower case), and its body, piece by piece as it comes.

    Read to its end, its connection serves another question; ``close`` ends it before.
    """

    def __init__(
        self,
        status: int,
        headers: Mapping[str, str],
        connection: _Connection,
        read_s: float | None,
        keep: Callable[[_Connection], None],
    ) -> None:
        self.status, self.headers = status, headers
        self._connection: _Connection | None = connection
        self._read_s, self._keep = read_s, keep
        self._chunked = "chunked" in headers.get("transfer-encoding", "").lower()
        self._begun = False
        self._left: int | None = 0 if self._chunked else None
        if "content-length" in headers and not self._chunked:
            self._left = _number(headers["content-length"].encode("latin-1"), 10)

    def __aiter__(self) -> "Streamed":
        """Return itself: there is one body."""
        return self

    async def __anext__(self) -> bytes:
        """Return the next piece."""
        piece = await self.read()
        if not piece:
            raise StopAsyncIteration
        return piece

    async def read(self) -> bytes:
        """Return more of the body, nothing at its end; whatever goes wrong ends the answer."""
        connection = self._connection
        if connection is None:
            return b""
        try:
            async with asyncio.timeout(self._read_s):
                piece = await self._piece(connection.reader)
        except BaseException as error:
            self.close()
            if isinstance(error, _BREAKS) and not isinstance(error, TimeoutError):
                raise BrokenAnswer("the answer broke off") from error
            raise
        if not piece:
            self._over(connection)
        return piece

    def close(self) -> None:
        """End the answer; what has not come will not."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.end()

    def _over(self, connection: _Connection) -> None:
        self._connection = None
        lasts = self._left is not None
        if lasts and "close" not in self.headers.get("connection", "").lower():
            self._keep(connection)
        else:
            connection.end()

    async def _piece(self, reader: asyncio.StreamReader) -> bytes:
        if self._chunked and not self._left:
            self._left = await self._chunk(reader)
        if self._left == 0:
            return b""
        piece = await reader.read(min(self._left or PIECE_BYTES, PIECE_BYTES))
        if self._left is not None:
            if not piece:
                raise asyncio.IncompleteReadError(b"", self._left)
            self._left -= len(piece)
        return piece

    async def _chunk(self, reader: asyncio.StreamReader) -> int:
        """Return the next chunk's size; after the last one the trailers are passed over."""
        if self._begun:
            await reader.readuntil(b"\n")
        self._begun = True
        line = await reader.readuntil(b"\n")
        size = _number(line.partition(b";")[0].strip(), 16)
        while not size and (await reader.readuntil(b"\n")).strip():
            pass
        return size


class _Stale(Exception):
    """A connection that was kept had been closed by the server."""


async def _head(connection: _Connection) -> tuple[int, dict[str, str]]:
    """Read status and headers; informational answers are passed over."""
    while True:
        try:
            head = await connection.reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError as error:
            raise BrokenAnswer("the answer's head has no end") from error
        first, *lines = head.decode("latin-1").split("\r\n")
        version, _, rest = first.partition(" ")
        if not version.startswith("HTTP/1."):
            raise BrokenAnswer("the answer is not HTTP")
        status = _number(rest[:3].encode("latin-1"), 10)
        headers: dict[str, str] = {}
        for line in filter(None, lines):
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        if version == "HTTP/1.0":
            headers.setdefault("connection", "close")
        if status >= 200:
            return status, headers


def _number(digits: bytes, base: int) -> int:
    try:
        if not digits.isalnum():
            raise ValueError
        return int(digits, base)
    except ValueError as error:
        raise BrokenAnswer("the answer is not HTTP") from error
