"""The gateway is broken in every way: an empty answer in time, and the next one is right."""

import string
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from broken.editor import Editor
from broken.gateway import Gateway

URI = "untitled:Untitled-1"
DEADLINE_S = 0.6


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, Editor]]:
    settings = {"PENCHANT_COMPLETION__DEADLINE_MS": str(int(DEADLINE_S * 1000))}
    with (
        Gateway("value") as gateway,
        Editor(tmp_path_factory.mktemp("home"), gateway.address, environment=settings) as editor,
    ):
        editor.open(URI, "x = \n" * 50)
        editor.complete(URI, 0, 4)
        yield gateway, editor
        assert not [m for m in editor.notifications if m["method"].startswith("window/")]
        assert editor.shutdown() == 0


@pytest.mark.parametrize("mode", ["hangs", "garbage", "resets", "closes", "refuses", "floods"])
def test_a_broken_gateway_costs_no_more_than_the_deadline(
    session: tuple[Gateway, Editor], mode: str
) -> None:
    gateway, editor = session
    editor.change(URI, {"text": f"{mode} = \n"})
    gateway.mode = mode
    for _ in range(5):
        begun = time.monotonic()
        assert editor.complete(URI, 0, len(mode) + 3) == []
        assert time.monotonic() - begun < DEADLINE_S + 0.5
    status = editor.status()
    assert status["lastError"]
    assert mode not in status["lastError"]
    gateway.mode = "answers"
    end = time.monotonic() + 5
    while not (items := editor.complete(URI, 0, len(mode) + 3)):
        assert time.monotonic() < end, "it never came back"
        time.sleep(0.05)
    assert items[0]["insertText"] == "value"
    assert editor.status()["lastError"] is None


def test_after_three_failures_nothing_is_asked_for_a_while(
    session: tuple[Gateway, Editor],
) -> None:
    gateway, editor = session
    gateway.mode = "refuses"
    before = len(gateway.requests)
    editor.change(URI, {"text": "breaker = \n"})
    for _ in range(10):
        assert editor.complete(URI, 0, 10) == []
    assert len(gateway.requests) - before == 3
    gateway.mode = "answers"
    end = time.monotonic() + 5
    while not editor.complete(URI, 0, 10):
        assert time.monotonic() < end
        time.sleep(0.05)


def test_an_engine_that_drips_gives_what_has_arrived(session: tuple[Gateway, Editor]) -> None:
    gateway, editor = session
    gateway.mode = "drips"
    editor.change(URI, {"text": "drip = \n"})
    begun = time.monotonic()
    [item] = editor.complete(URI, 0, 7)
    assert time.monotonic() - begun < DEADLINE_S + 0.5
    assert item["insertText"].startswith("a")
    assert set(item["insertText"]) <= set(string.ascii_lowercase)
    assert gateway.wait(lambda: "drip = " in gateway.hung_up)
    gateway.mode = "answers"


def test_a_gateway_that_does_not_stream_is_understood(session: tuple[Gateway, Editor]) -> None:
    gateway, editor = session
    gateway.mode = "plain"
    editor.change(URI, {"text": "plain = \n"})
    [item] = editor.complete(URI, 0, 8)
    assert item["insertText"] == "value"
    gateway.mode = "answers"


def test_nobody_listens_and_then_somebody_does(home: Path) -> None:
    with Gateway("value") as first:
        port = first.port
    with Editor(home, f"http://127.0.0.1:{port}") as editor:
        editor.open(URI, "x = ")
        for _ in range(4):
            assert editor.complete(URI, 0, 4) == []
        assert "penchant up" in editor.status()["lastError"]
        assert editor.status()["gateway"] == "down"
        with Gateway("value", port=port):
            end = time.monotonic() + 6
            while not editor.complete(URI, 0, 4):
                assert time.monotonic() < end
                time.sleep(0.05)
