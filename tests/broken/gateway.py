"""A tiny real gateway: speaks the wire contract on loopback, or breaks in one chosen way.

``mode`` says how it behaves; it may be changed while it runs. It notes every request, and every
client that hung up before the answer was over.
"""

import contextlib
import itertools
import json
import select
import socket
import string
import struct
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODES = (
    "answers",
    "drips",
    "hangs",
    "garbage",
    "resets",
    "closes",
    "refuses",
    "floods",
    "plain",
    "spells",
)
SERVED_BY = {
    "adapter": "dev/ada",
    "version": "v0001",
    "base_model": "tiny",
    "base_fingerprint": "0" * 16,
}


class Gateway:
    """Use as a context manager; ``texts`` returns the candidates for a request."""

    def __init__(self, *texts: str, mode: str = "answers", port: int = 0) -> None:
        self.mode = mode
        self.texts: Callable[[dict[str, Any]], list[str]] = lambda _: list(texts or ["pass"])
        self.served_by = dict(SERVED_BY)
        self.training: dict[str, Any] | None = None
        self.status = True
        self.requests: list[dict[str, Any]] = []
        self.hung_up: list[str] = []
        self.connections = 0
        self.changed = threading.Condition()
        self.letters = threading.Semaphore(0)
        self.stopping = threading.Event()
        handler = type("Handler", (_Handler,), {"gateway": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def port(self) -> int:
        return int(self._server.server_port)

    def __enter__(self) -> "Gateway":
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def note(self, kind: str, value: Any) -> None:
        with self.changed:
            getattr(self, kind).append(value)
            self.changed.notify_all()

    def wait(self, condition: Callable[[], bool], seconds: float = 30.0) -> bool:
        with self.changed:
            return self.changed.wait_for(condition, seconds)


class _Handler(BaseHTTPRequestHandler):
    gateway: Gateway
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.gateway.connections += 1
        with contextlib.suppress(ConnectionError):  # the client is gone: that is its right
            super().handle()

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path.startswith("/v1/status") and self.gateway.status:
            self._json({**self.gateway.served_by, "training": self.gateway.training})
        elif self.path.startswith("/healthz"):
            self._json({"ok": True})
        else:
            self._json({"error": {"message": "no such route"}}, 404)

    def do_POST(self) -> None:
        length = int(self.headers["content-length"])
        request = json.loads(self.rfile.read(length))
        self.gateway.note("requests", request)
        getattr(self, f"_{self.gateway.mode}")(request)

    # -- ways to answer --------------------------------------------------------------------

    def _answers(self, request: dict[str, Any]) -> None:
        self._start()
        for index, text in self._candidates(request):
            self._event(index, text, "stop")
        self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")

    def _plain(self, request: dict[str, Any]) -> None:
        choices = [
            {"index": index, "text": text, "finish_reason": "stop"}
            for index, text in self._candidates(request)
        ]
        self._json({"id": "c", "choices": choices, "penchant": self.gateway.served_by})

    def _drips(self, request: dict[str, Any]) -> None:
        """One letter every 20 ms, for ever; notes when the client hangs up."""
        self._start()
        prompt = request["prompt"]
        for letter in itertools.cycle(string.ascii_lowercase):
            if self.gateway.stopping.is_set():
                return
            if self._gone():
                self.gateway.note("hung_up", prompt)
                return
            try:
                self._event(0, letter, None)
            except OSError:
                self.gateway.note("hung_up", prompt)
                return
            time.sleep(0.02)

    def _spells(self, request: dict[str, Any]) -> None:
        """One letter of the answer each time the test releases one of ``letters``."""
        self._start()
        [(_, text)] = self._candidates({**request, "n": 1})
        for letter in text:
            while not self.gateway.letters.acquire(timeout=0.02):
                if self._gone() or self.gateway.stopping.is_set():
                    self.gateway.note("hung_up", request["prompt"])
                    self.close_connection = True
                    return
            self._event(0, letter, None)
        self._event(0, "", "stop")
        self._chunk(b"data: [DONE]\n\n")
        self._chunk(b"")

    def _hangs(self, request: dict[str, Any]) -> None:
        """Takes the request and says nothing."""
        while not self.gateway.stopping.is_set():
            if self._gone(0.02):
                self.gateway.note("hung_up", request["prompt"])
                self.close_connection = True
                return

    def _garbage(self, _: dict[str, Any]) -> None:
        self._start()
        self._chunk(b"data: {not json at all\n\n")
        self._chunk(b"")

    def _floods(self, _: dict[str, Any]) -> None:
        self._start()
        try:
            for _ in range(200):
                self._chunk(b"data: " + b"y" * 65536)
        except OSError:
            self.close_connection = True

    def _resets(self, _: dict[str, Any]) -> None:
        self._start()
        self._event(0, "half an ans", None)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def _closes(self, _: dict[str, Any]) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)
        self.close_connection = True

    def _refuses(self, _: dict[str, Any]) -> None:
        self._json({"error": {"message": "broken", "type": "server_error", "code": 500}}, 500)

    # -- the wire --------------------------------------------------------------------------

    def _candidates(self, request: dict[str, Any]) -> list[tuple[int, str]]:
        texts = self.gateway.texts(request)
        first = 0 if not request.get("temperature") else 1
        chosen = [texts[min(first + i, len(texts) - 1)] for i in range(request.get("n", 1))]
        stops = request.get("stop") or []
        return [(i, _stopped(text, stops)) for i, text in enumerate(chosen)]

    def _gone(self, wait: float = 0.0) -> bool:
        readable, _, _ = select.select([self.connection], [], [], wait)
        try:
            return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)
        except ConnectionError:  # it closed with letters of ours unread
            return True

    def _start(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def _event(self, index: int, text: str, finish_reason: str | None) -> None:
        choice = {
            "index": index,
            "text": text,
            "finish_reason": finish_reason,
            "logprobs": {"tokens": [text], "token_logprobs": [-0.5]},
        }
        body = {"id": "c", "choices": [choice], "penchant": self.gateway.served_by}
        self._chunk(b"data: " + json.dumps(body, ensure_ascii=False).encode() + b"\n\n")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _json(self, value: object, status: int = 200) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _stopped(text: str, stops: list[str]) -> str:
    for stop in stops:
        text = text.partition(stop)[0]
    return text
