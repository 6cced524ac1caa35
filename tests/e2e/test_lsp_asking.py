"""When the gateway is asked, and when that would be a waste: bursts, and what was refused."""

import time
from collections.abc import Iterator

import pytest
from broken.editor import INVOKED, Editor
from broken.gateway import Gateway

URI = "untitled:Untitled-1"
LOOP = "f(a, b) or " * 8
PAUSE_S = 1.0


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with Gateway() as gateway:
        yield gateway


def asked(gateway: Gateway) -> list[str]:
    return [request["prompt"] for request in gateway.requests]


@pytest.fixture
def editor(tmp_path_factory: pytest.TempPathFactory, gateway: Gateway) -> Iterator[Editor]:
    with Editor(tmp_path_factory.mktemp("home"), gateway.address) as editor:
        yield editor
        assert editor.shutdown() == 0


def test_along_what_was_refused_nothing_is_asked(gateway: Gateway, editor: Editor) -> None:
    gateway.texts = lambda request: ["right" if request["prompt"].endswith("=  ") else LOOP]
    editor.open(URI, "x = ")
    assert editor.complete(URI, 0, 4) == []
    for column, letter in enumerate("f(a", start=4):
        editor.insert(URI, 0, column, letter)
        assert editor.complete(URI, 0, column + 1) == []
    assert asked(gateway) == ["x = "]
    editor.change(URI, {"text": "x =  "})
    assert editor.complete(URI, 0, 5)[0]["insertText"] == "right"
    assert asked(gateway) == ["x = ", "x =  "]


def test_a_key_that_asks_is_answered_by_the_gateway_all_the_same(
    gateway: Gateway, editor: Editor
) -> None:
    gateway.texts = lambda _: [LOOP]
    editor.open(URI, "x = ")
    assert editor.complete(URI, 0, 4) == []
    assert editor.complete(URI, 0, 4) == []
    assert len(gateway.requests) == 1
    editor.complete(URI, 0, 4, INVOKED)
    assert len(gateway.requests) > 1


def test_a_loop_within_a_line_is_ended(gateway: Gateway, editor: Editor) -> None:
    gateway.mode, gateway.texts = "spells", lambda _: [LOOP * 20]
    gateway.letters.release(len(LOOP))
    editor.open(URI, "x = ")
    assert editor.complete(URI, 0, 4) == []
    assert gateway.wait(lambda: gateway.hung_up == ["x = "])
    gateway.mode = "answers"


def test_after_a_rest_a_key_asks_at_once_and_a_burst_at_its_end(
    tmp_path_factory: pytest.TempPathFactory, gateway: Gateway
) -> None:
    pause = {"PENCHANT_COMPLETION__DEBOUNCE_MS": str(round(PAUSE_S * 1000))}
    home = tmp_path_factory.mktemp("home")
    with Editor(home, gateway.address, environment=pause) as editor:
        editor.wait_status(lambda status: status["gateway"] == "ok")
        editor.open(URI, "x")
        begun = time.monotonic()
        assert editor.complete(URI, 0, 1)
        assert time.monotonic() - begun < PAUSE_S
        for column, letter in enumerate("yzq", start=1):
            editor.insert(URI, 0, column, letter)
            number = editor.ask(URI, 0, column + 1)
        assert editor.answer(number)["result"]
        assert asked(gateway) == ["x", "xyzq"]
        assert editor.shutdown() == 0
