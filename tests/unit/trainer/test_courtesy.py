"""A run waits while its developer writes, not for ever, and never for a gateway that is gone."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from penchant_trainer.courtesy import LOOK_S, STRETCH_S, TURN_S, Courtesy


class _Gateway(HTTPServer):
    """Answers with the next of ``answers``, the last of them for ever."""

    def __init__(self, answers: list[object]) -> None:
        super().__init__(("127.0.0.1", 0), _Status)
        self.answers = answers
        self.asked = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Status(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, _Gateway)
        answer = server.answers[min(server.asked, len(server.answers) - 1)]
        server.asked += 1
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def gateway() -> Iterator[_Gateway]:
    with _Gateway([{"idle_s": None}]) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def courtesy(address: str, quiet_s: float = 3.0) -> tuple[Courtesy, Time]:
    time = Time()
    return Courtesy(address, quiet_s, clock=time, sleep=time.sleep), time


def test_it_waits_until_the_writing_pauses(gateway: _Gateway) -> None:
    gateway.answers = [{"idle_s": 0.1}] * 5 + [{"idle_s": 3.5}]
    polite, time = courtesy(gateway.address)
    looked = []
    polite.wait(lambda: looked.append(time.now))
    assert len(looked) == 5
    assert polite.waited_s == pytest.approx(1.25)
    polite.wait()
    assert gateway.asked == 6, "not asked again within a second"
    time.now += LOOK_S
    polite.wait()
    assert gateway.asked == 7


def test_a_day_of_writing_does_not_stop_the_run_for_good(gateway: _Gateway) -> None:
    gateway.answers = [{"idle_s": 0.0}]
    polite, time = courtesy(gateway.address)
    polite.wait()
    assert polite.waited_s == pytest.approx(STRETCH_S, abs=0.5)
    asked = gateway.asked
    time.now += TURN_S - 1
    polite.wait()
    assert gateway.asked == asked, "its turn is not over"
    time.now += 2
    gateway.answers = [{"idle_s": 9.0}]
    polite.wait()
    assert gateway.asked == asked + 1


def test_what_happens_meanwhile_can_end_the_run(gateway: _Gateway) -> None:
    gateway.answers = [{"idle_s": 0.0}]
    polite, _ = courtesy(gateway.address)

    def erased() -> None:
        raise RuntimeError("erased")

    with pytest.raises(RuntimeError, match="erased"):
        polite.wait(erased)


@pytest.mark.parametrize("answer", [{"idle_s": None}, {}, [], "x", {"idle_s": "soon"}])
def test_an_odd_answer_keeps_nobody_waiting(gateway: _Gateway, answer: object) -> None:
    gateway.answers = [answer]
    polite, _ = courtesy(gateway.address)
    polite.wait()
    assert polite.waited_s == 0.0


def test_no_gateway_and_no_wish_to_wait(gateway: _Gateway) -> None:
    gateway.answers = [{"idle_s": 0.0}]
    never, _ = courtesy(gateway.address, quiet_s=0.0)
    never.wait()
    alone, _ = courtesy("http://127.0.0.1:1")
    alone.wait()
    assert never.waited_s == alone.waited_s == 0.0
    assert gateway.asked == 0
