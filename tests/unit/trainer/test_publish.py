"""Publishing and promoting, with and without a gateway (a real little HTTP server)."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from penchant_core.adapters import AdapterStore, Version
from penchant_trainer import publish as publishing


@dataclass
class Gateway:
    """Answers every request with ``status`` and ``body``; remembers what was asked."""

    status: int = 200
    body: str = "{}"
    asked: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""

    @contextmanager
    def running(self) -> Iterator["Gateway"]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers["Content-Length"])).decode()
                outer.asked.append((self.path, text))
                self._answer()

            def do_GET(self) -> None:
                outer.asked.append((self.path, ""))
                self._answer()

            def _answer(self) -> None:
                self.send_response(outer.status)
                self.end_headers()
                self.wfile.write(outer.body.encode())

            def log_message(self, *_: Any) -> None: ...

        with HTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            self.address = f"http://127.0.0.1:{server.server_port}"
            try:
                yield self
            finally:
                server.shutdown()
                thread.join()


NOBODY = "http://127.0.0.1:1"


@pytest.fixture
def version(adapters: AdapterStore, publish: Callable[..., str]) -> Version:
    return adapters.get("dev/ada", publish("dev/ada"))


def test_the_gateway_is_asked_first(adapters: AdapterStore, version: Version) -> None:
    with Gateway().running() as gateway:
        outcome = publishing.promote(adapters, version, gateway.address, "better")
    assert outcome == publishing.Promotion(True, "gateway")
    ((path, body),) = gateway.asked
    assert path == "/v1/adapters/dev/ada/v0001/promote"
    assert json.loads(body) == {"reason": "better"}
    assert adapters.pointer("dev/ada").version is None, "moving it is the gateway's own work"


def test_without_a_gateway_the_pointer_is_moved_here(
    adapters: AdapterStore, version: Version
) -> None:
    outcome = publishing.promote(adapters, version, NOBODY, "better")
    assert outcome == publishing.Promotion(True, "store")
    pointer = adapters.pointer("dev/ada")
    assert (pointer.version, pointer.reason) == ("v0001", "better")
    assert publishing.promote(adapters, version, NOBODY, "again").live
    assert adapters.pointer("dev/ada").previous == [None], "promoted once"


@pytest.mark.parametrize(
    ("status", "body", "word"),
    [
        (409, '{"error": {"message": "NaN in layer 3"}}', "NaN in layer 3"),
        (500, "<html>", "HTTP 500"),
    ],
)
def test_what_the_gateway_refuses_does_not_go_live(
    adapters: AdapterStore, version: Version, status: int, body: str, word: str
) -> None:
    with Gateway(status, body).running() as gateway:
        outcome = publishing.promote(adapters, version, gateway.address, "better")
    assert not outcome.live
    assert word in outcome.reason
    assert adapters.pointer("dev/ada").version is None


def test_what_is_loaded_is_never_collected(
    adapters: AdapterStore, publish: Callable[..., str]
) -> None:
    for _ in range(5):
        publish("dev/ada")
    adapters.promote("dev/ada", "v0005")
    models = json.dumps({"data": [{"id": "base"}, {"id": "dev-ada-v0001"}]})
    with Gateway(body=models).running() as gateway:
        gone = publishing.collect(adapters, "dev/ada", gateway.address, 2)
    assert gone == ["v0002", "v0003"]


def test_a_gateway_that_does_not_say_what_is_loaded_stops_the_collection(
    adapters: AdapterStore, publish: Callable[..., str]
) -> None:
    for _ in range(5):
        publish("dev/ada")
    for gateway in (Gateway(500), Gateway(body="[]"), Gateway(body="?")):
        with gateway.running():
            assert publishing.collect(adapters, "dev/ada", gateway.address, 2) == []
    assert publishing.collect(adapters, "dev/ada", NOBODY, 2) == ["v0001", "v0002", "v0003"]
