"""Malformed JSON-RPC at the real process: always answered, never dead, never a pop-up.

Each case is one that pygls 2.1.1 by itself dies of, stays silent at, or answers with a dialog.
"""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from broken.editor import Editor
from broken.gateway import Gateway

URI = "untitled:Untitled-1"
PARAMS = {
    "textDocument": {"uri": URI},
    "position": {"line": 0, "character": 4},
    "context": {"triggerKind": 2},
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """One server for all of it: surviving one case includes being well in the next."""
    home = tmp_path_factory.mktemp("home")
    with Gateway("value") as gateway, Editor(home, gateway.address) as editor:
        editor.open(URI, "x = ")
        yield editor
        assert not [m for m in editor.notifications if m["method"].startswith("window/")]
        assert editor.shutdown() == 0


@pytest.fixture
def editor(shared: Editor) -> Iterator[Editor]:
    """The shared server, which must still work when the case is over."""
    yield shared
    assert shared.complete(URI, 0, 4)[0]["insertText"] == "value"


NUMBERS = count(900)


def _frame(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


@pytest.mark.parametrize("claim", [b"1000000000000", b"10000000000000000000", b"67108865"])
def test_a_huge_content_length(editor: Editor, claim: bytes) -> None:
    editor.raw(b"Content-Length: " + claim + b"\r\n\r\n{}")


@pytest.mark.parametrize(
    "body",
    [b"{not json", b"\xff\xfe\xfa", b"[" * 100_000, b'{"jsonrpc":"2.0",', b"nul"],
    ids=["text", "utf-8", "nesting", "cut", "word"],
)
def test_bad_json_is_answered(editor: Editor, body: bytes) -> None:
    editor.raw(_frame(body))
    assert editor.stray()["error"]["code"] == -32700


@pytest.mark.parametrize("body", [b"null", b"7", b'"x"', b"{}", b'{"jsonrpc":"1.0"}', b"[1]"])
def test_json_that_is_no_message_is_answered(editor: Editor, body: bytes) -> None:
    editor.raw(_frame(body))
    assert editor.stray()["error"]["code"] == -32600


@pytest.mark.parametrize(
    "message",
    [
        {"jsonrpc": "2.0", "id": {"a": 1}, "method": "shutdown"},
        {"jsonrpc": "2.0", "id": 1.5, "method": "shutdown"},
        {"jsonrpc": "2.0", "id": None, "method": "shutdown"},
        {"jsonrpc": "2.0", "method": 7},
        {"jsonrpc": "2.0"},
    ],
    ids=["object id", "float id", "null id", "method", "nothing"],
)
def test_an_envelope_that_does_not_fit(editor: Editor, message: dict[str, Any]) -> None:
    editor.send(message)
    assert editor.stray()["error"]["code"] == -32600


@pytest.mark.parametrize(
    "changes",
    [
        {"textDocument": {}},
        {"textDocument": None},
        {"position": {"line": -1, "character": 0}},
        {"position": "here"},
    ],
    ids=["uri", "document", "negative", "string"],
)
def test_wrong_parameters_get_invalid_params(editor: Editor, changes: dict[str, Any]) -> None:
    number = editor.send_request("textDocument/inlineCompletion", {**PARAMS, **changes})
    assert editor.answer(number, timeout=5)["error"]["code"] == -32602


METHODS = [
    "textDocument/inlineCompletion",
    "workspace/executeCommand",
    "textDocument/hover",
    "completionItem/resolve",
]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("params", [None, 7, [], "x", {"a": [1]}], ids=repr)
def test_every_request_is_answered(editor: Editor, method: str, params: Any) -> None:
    answer = editor.answer(editor.send_request(method, params), timeout=5)
    assert answer["error"]["code"] in (-32601, -32602)


@pytest.mark.parametrize("params", [None, 7, [], {"textDocument": 3}, {"contentChanges": [{}]}])
@pytest.mark.parametrize(
    "method",
    [
        "textDocument/didOpen",
        "textDocument/didChange",
        "textDocument/didClose",
        "textDocument/didShowCompletion",
        "penchant/didChangeReason",
        "workspace/didChangeConfiguration",
        "notebookDocument/didOpen",
        "$/cancelRequest",
        "$/setTrace",
        "$/somethingNew",
        "unknown/thing",
    ],
)
def test_notifications_that_do_not_fit_are_passed_over(
    shared: Editor, method: str, params: Any
) -> None:
    shared.send({"jsonrpc": "2.0", "method": method, "params": params})
    assert shared.complete(URI, 0, 4)[0]["insertText"] == "value"


@pytest.mark.parametrize("kind", [0, 1, 2, 7, -1, None, "automatic", True])
def test_every_trigger_kind_is_answered(shared: Editor, kind: Any) -> None:
    params = {**PARAMS, "context": {"triggerKind": kind}}
    result = shared.request("textDocument/inlineCompletion", params)
    assert result[0]["insertText"] == "value"


def test_a_missing_context_is_answered(shared: Editor) -> None:
    params = {key: value for key, value in PARAMS.items() if key != "context"}
    assert shared.request("textDocument/inlineCompletion", params)[0]["insertText"] == "value"


def _completion(number: int) -> bytes:
    return json.dumps(
        {
            "jsonrpc": "2.0",
            "id": number,
            "method": "textDocument/inlineCompletion",
            "params": PARAMS,
        }
    ).encode()


@pytest.mark.parametrize(
    "header",
    [
        b"content-length: %d\r\n\r\n",
        b"CONTENT-LENGTH:%d\r\n\r\n",
        b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: %d\r\n\r\n",
        b"Content-Length: %d\r\nX-Other: y\r\n\r\n",
        b"Content-Length: %d\n\n",
        b"\r\n\r\nContent-Length: %d\r\n\r\n",
    ],
    ids=["lower", "upper", "type first", "other after", "bare lf", "blank lines"],
)
def test_headers_in_other_shapes(editor: Editor, header: bytes) -> None:
    number = next(NUMBERS)
    body = _completion(number)
    editor.raw(header % len(body) + body)
    assert editor.answer(number)["result"]


@pytest.mark.parametrize("error", [-7, 3, 40, 500])
def test_a_wrong_length_costs_no_other_message(editor: Editor, error: int) -> None:
    wrong, right = next(NUMBERS), next(NUMBERS)
    body = _completion(wrong)
    editor.raw(b"Content-Length: %d\r\n\r\n%s" % (len(body) + error, body))
    editor.raw(_frame(_completion(right)))
    assert editor.answer(right)["result"]
    if error > 0:
        assert "result" in editor.answer(wrong)


def test_messages_in_single_bytes(editor: Editor) -> None:
    number = next(NUMBERS)
    for byte in _frame(_completion(number)):
        editor.raw(bytes([byte]))
    assert editor.answer(number)["result"]


def test_a_batch_is_answered(editor: Editor) -> None:
    one, other = next(NUMBERS), next(NUMBERS)
    editor.raw(_frame(b"[" + _completion(one) + b"," + _completion(other) + b"]"))
    assert "result" in editor.answer(one)
    assert "result" in editor.answer(other)


def test_requests_before_initialize_are_refused(home: Path) -> None:
    with Editor(home, initialize=False) as editor:
        number = editor.send_request("textDocument/inlineCompletion", PARAMS)
        assert editor.answer(number)["error"]["code"] == -32002
        editor.notify("textDocument/didOpen", {"textDocument": {}})
        editor.initialize()
        assert editor.answer(editor.send_request("initialize", {}))["error"]["code"] == -32600
        assert editor.shutdown() == 0


def test_after_shutdown_only_exit_is_heeded(home: Path) -> None:
    with Editor(home) as editor:
        editor.request("shutdown")
        number = editor.send_request("textDocument/inlineCompletion", PARAMS)
        assert editor.answer(number)["error"]["code"] == -32600
        editor.notify("exit", None)
        assert editor.process.wait(5) == 0


def test_exit_without_shutdown_is_an_error(home: Path) -> None:
    with Editor(home) as editor:
        editor.notify("exit", None)
        assert editor.process.wait(5) == 1
