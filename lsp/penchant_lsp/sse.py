"""Reads a stream of server-sent events: bytes in, the data of each event out.

Splits at line feeds only: a JSON string may hold the other characters that ``str.splitlines``
takes for line ends. Knows nothing of completions.
Source of the format: WHATWG HTML, "Server-sent events".
"""

from penchant_core.errors import GatewayError

LIMIT = 1024 * 1024
DONE = "[DONE]"


class EventStream:
    """Collects bytes; ``feed`` returns the ``data:`` values that they complete.

    Raises GatewayError when one line, or the stream, is longer than ``LIMIT`` bytes.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._seen = 0

    def feed(self, data: bytes) -> list[str]:
        """Take bytes in; return complete data values, in order."""
        self._seen += len(data)
        if self._seen > LIMIT:
            raise GatewayError("the gateway sent more than a completion can be; restart it")
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [value for line in lines if (value := _value(line)) is not None]


def _value(line: bytes) -> str | None:
    name, colon, value = line.rstrip(b"\r").partition(b":")
    if name != b"data" or not colon:
        return None
    return value.decode("utf-8", "replace").strip()
