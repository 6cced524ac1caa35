"""Finds JSON-RPC messages in a stream of bytes, whatever is wrong with the stream.

Pure: bytes in, message bodies out. Header names are read in any case, unknown headers are skipped,
a message that claims more than ``limit`` bytes is passed over without being held. A raw line end
cannot stand inside a JSON string, so a ``Content-Length`` line inside a body proves that its length
was wrong: the body ends there. Knows nothing of JSON's contents.
Source of the format: Language Server Protocol 3.18, base protocol.
"""

import re

LIMIT = 64 * 1024 * 1024
HEADER_LIMIT = 8 * 1024

_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*(\d{1,30})[ \t]*\r?\n", re.IGNORECASE)
_BLANK = re.compile(rb"\n\r?\n")
_LONGEST_LINE = 64
_NAME = "content-length"
_CUT = re.compile(
    rb"[}\]]\s*("
    + "|".join(_NAME[:size] for size in range(1, len(_NAME))).encode()
    + rb"|content-length[ \t]*:?[ \t]*\d*\r?)\Z",
    re.IGNORECASE,
)
"""The beginning of a header line that a wrong length has cut off."""


class Framer:
    """Collects bytes and yields bodies. ``resyncs`` counts how often the stream was wrong."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit = limit
        self.resyncs = 0
        self._buffer = bytearray()
        self._length: int | None = None
        self._searched = 0
        self._dropping = False

    def feed(self, data: bytes) -> list[bytes]:
        """Take bytes in; return the bodies that they complete."""
        self._buffer += data
        bodies: list[bytes] = []
        while True:
            if self._length is None and not self._header():
                return bodies
            body = self._body()
            if body is None:
                return bodies
            if body.strip():
                bodies.append(body)

    def _header(self) -> bool:
        found = _LENGTH.search(self._buffer)
        end = _BLANK.search(self._buffer, found.end() - 1) if found else None
        if found is None or end is None:
            if len(self._buffer) > HEADER_LIMIT:
                self.resyncs += 1
                del self._buffer[:-_LONGEST_LINE]
            return False
        if not _headers(bytes(self._buffer[: found.start()])):
            self.resyncs += 1
        self._length = int(found[1])
        self._dropping = self._length > self.limit
        self._searched = 0
        del self._buffer[: end.end()]
        return True

    def _body(self) -> bytes | None:
        """Return the body that is complete (``b""`` when it is passed over), else None."""
        length = self._length or 0
        window = min(length, len(self._buffer))
        early = _LENGTH.search(self._buffer, self._searched, window)
        if early is None and window < length:
            self._searched = max(0, window - _LONGEST_LINE)
            if self._dropping:
                self._let_go(self._searched)
            return None
        if early is None:
            early = _CUT.search(self._buffer, max(0, length - _LONGEST_LINE), length)
            size = early.start(1) if early else length
        else:
            size = early.start()
        if early or self._dropping:
            self.resyncs += 1
        body = b""
        if not self._dropping:
            with memoryview(self._buffer)[:size] as whole:
                body = bytes(whole)
        del self._buffer[:size]
        self._length = None
        return body

    def _let_go(self, count: int) -> None:
        """Forget ``count`` bytes of a body that is too long to hold."""
        del self._buffer[:count]
        self._length = (self._length or 0) - count
        self._searched = 0


def _headers(data: bytes) -> bool:
    """Whether these are whole header lines, or none."""
    lines = data.strip(b"\r\n").split(b"\n")
    return not data or (data.endswith(b"\n") and all(b":" in line for line in lines if line))
