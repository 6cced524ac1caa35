"""A request is overtaken or cancelled: its stream to the engine is closed at once."""

import time
from collections.abc import Iterator

import pytest
from broken.editor import Editor
from broken.gateway import Gateway

URI = "untitled:Untitled-1"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, Editor]]:
    with (
        Gateway("value") as gateway,
        Editor(tmp_path_factory.mktemp("home"), gateway.address) as editor,
    ):
        editor.open(URI, "warm = ")
        assert editor.complete(URI, 0, 7)
        yield gateway, editor
        assert editor.shutdown() == 0


@pytest.mark.parametrize("mode", ["drips", "hangs"])
def test_the_newest_request_wins(session: tuple[Gateway, Editor], mode: str) -> None:
    gateway, editor = session
    gateway.mode = mode
    editor.change(URI, {"text": f"old_{mode} = "})
    older = editor.ask(URI, 0, len(mode) + 7)
    assert gateway.wait(lambda: gateway.requests[-1]["prompt"] == f"old_{mode} = ")
    gateway.mode = "answers"
    editor.change(URI, {"text": f"new_{mode} = "})
    begun = time.monotonic()
    newer = editor.ask(URI, 0, len(mode) + 7)
    assert editor.answer(older)["result"] == []
    assert editor.answer(newer)["result"][0]["insertText"] == "value"
    assert gateway.wait(lambda: f"old_{mode} = " in gateway.hung_up)
    assert time.monotonic() - begun < 1.0


@pytest.mark.parametrize("mode", ["drips", "hangs"])
def test_a_cancelled_request_stops_the_engine(session: tuple[Gateway, Editor], mode: str) -> None:
    gateway, editor = session
    gateway.mode = mode
    editor.change(URI, {"text": f"cancel_{mode} = "})
    number = editor.ask(URI, 0, len(mode) + 10)
    assert gateway.wait(lambda: gateway.requests[-1]["prompt"] == f"cancel_{mode} = ")
    editor.notify("$/cancelRequest", {"id": number})
    assert editor.answer(number)["error"]["code"] == -32800
    assert gateway.wait(lambda: f"cancel_{mode} = " in gateway.hung_up)


def test_two_documents_do_not_cancel_each_other(session: tuple[Gateway, Editor]) -> None:
    gateway, editor = session
    gateway.mode = "hangs"
    editor.open("untitled:Untitled-2", "two = ")
    editor.change(URI, {"text": "one = "})
    one = editor.ask(URI, 0, 6)
    assert gateway.wait(lambda: gateway.requests[-1]["prompt"] == "one = ")
    gateway.mode = "answers"
    assert editor.complete("untitled:Untitled-2", 0, 6)
    assert "one = " not in gateway.hung_up
    editor.notify("$/cancelRequest", {"id": one})
    assert editor.answer(one)["error"]["code"] == -32800


def test_closing_the_document_stops_the_engine(session: tuple[Gateway, Editor]) -> None:
    gateway, editor = session
    gateway.mode = "hangs"
    editor.open("untitled:Untitled-3", "three = ")
    number = editor.ask("untitled:Untitled-3", 0, 8)
    assert gateway.wait(lambda: gateway.requests[-1]["prompt"] == "three = ")
    editor.notify("textDocument/didClose", {"textDocument": {"uri": "untitled:Untitled-3"}})
    assert editor.answer(number)["result"] == []
    assert gateway.wait(lambda: "three = " in gateway.hung_up)
    gateway.mode = "answers"


def test_fifty_keystrokes_in_a_row_leave_nothing_running(
    session: tuple[Gateway, Editor],
) -> None:
    gateway, editor = session
    gateway.mode = "hangs"
    editor.change(URI, {"text": ""})
    numbers = []
    for index in range(50):
        editor.insert(URI, 0, index, "y")
        numbers.append(editor.ask(URI, 0, index + 1))
    *overtaken, last = numbers
    assert all(editor.answer(number)["result"] == [] for number in overtaken)
    editor.notify("$/cancelRequest", {"id": last})
    assert editor.answer(last)["error"]["code"] == -32800
    asked = {request["prompt"] for request in gateway.requests if set(request["prompt"]) == {"y"}}
    assert gateway.wait(lambda: asked <= set(gateway.hung_up))
    gateway.mode = "answers"
