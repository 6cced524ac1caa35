"""Typing what the answer says while it comes costs no second request; anything else does."""

from collections.abc import Iterator

import pytest
from broken.editor import Editor
from broken.gateway import Gateway

URI = "untitled:Untitled-1"


@pytest.fixture
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, Editor]]:
    with (
        Gateway("value + 1") as gateway,
        Editor(tmp_path_factory.mktemp("home"), gateway.address) as editor,
    ):
        editor.open(URI, "warm = ")
        assert editor.complete(URI, 0, 7)
        gateway.mode = "spells"
        editor.change(URI, {"text": "x = "})
        yield gateway, editor
        gateway.mode = "answers"
        assert editor.shutdown() == 0


def asked(gateway: Gateway) -> list[str]:
    return [request["prompt"] for request in gateway.requests if "warm" not in request["prompt"]]


def under_way(gateway: Gateway, editor: Editor) -> int:
    number = editor.ask(URI, 0, 4)
    assert gateway.wait(lambda: bool(gateway.requests) and asked(gateway) == ["x = "])
    return number


def test_typing_along_keeps_the_stream(session: tuple[Gateway, Editor]) -> None:
    gateway, editor = session
    older = under_way(gateway, editor)
    editor.insert(URI, 0, 4, "v")
    newer = editor.ask(URI, 0, 5)
    assert editor.answer(older)["result"] == []
    gateway.letters.release(100)
    assert editor.answer(newer)["result"][0]["insertText"] == "alue + 1"
    assert asked(gateway) == ["x = "]


def test_an_editor_that_cancels_first_gets_the_same(session: tuple[Gateway, Editor]) -> None:
    gateway, editor = session
    older = under_way(gateway, editor)
    editor.insert(URI, 0, 4, "v")
    editor.notify("$/cancelRequest", {"id": older})
    newer = editor.ask(URI, 0, 5)
    assert editor.answer(older)["error"]["code"] == -32800
    gateway.letters.release(100)
    assert editor.answer(newer)["result"][0]["insertText"] == "alue + 1"
    assert asked(gateway) == ["x = "]


def test_typing_something_else_asks_anew_once_the_answer_says_so(
    session: tuple[Gateway, Editor],
) -> None:
    gateway, editor = session
    under_way(gateway, editor)
    editor.insert(URI, 0, 4, "w")
    newer = editor.ask(URI, 0, 5)  # nothing has come yet: it could be what is typed
    gateway.letters.release()
    assert gateway.wait(lambda: asked(gateway) == ["x = ", "x = w"])
    assert gateway.wait(lambda: gateway.hung_up == ["x = "])
    gateway.letters.release(100)
    assert editor.answer(newer)["result"][0]["insertText"] == "value + 1"


def test_a_cancel_that_arrives_with_the_next_question_does_not_end_that(
    session: tuple[Gateway, Editor], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy server reads both at once: the older question ends, the newer one is answered."""
    gateway, editor = session
    older = under_way(gateway, editor)
    gateway.letters.release()
    pending: list[bytes] = []
    with monkeypatch.context() as held:
        held.setattr(editor, "raw", pending.append)
        editor.insert(URI, 0, 4, "w")
        editor.notify("$/cancelRequest", {"id": older})
        newer = editor.ask(URI, 0, 5)
    editor.raw(b"".join(pending))
    assert gateway.wait(lambda: asked(gateway) == ["x = ", "x = w"])
    gateway.letters.release(100)
    assert editor.answer(newer)["result"][0]["insertText"] == "value + 1"


def test_a_cancelled_request_that_nobody_claims_ends(session: tuple[Gateway, Editor]) -> None:
    gateway, editor = session
    older = under_way(gateway, editor)
    editor.insert(URI, 0, 4, "v")
    editor.notify("$/cancelRequest", {"id": older})
    assert gateway.wait(lambda: gateway.hung_up == ["x = "])


def test_what_came_although_nobody_waited_is_remembered(session: tuple[Gateway, Editor]) -> None:
    gateway, editor = session
    older = under_way(gateway, editor)
    editor.insert(URI, 0, 4, "v")
    newer = editor.ask(URI, 0, 5)
    assert editor.answer(older)["result"] == []
    gateway.letters.release(100)
    assert editor.answer(newer)["result"]
    editor.change(URI, {"text": "x = "})
    assert editor.complete(URI, 0, 4)[0]["insertText"] == "value + 1"
    assert asked(gateway) == ["x = "]
