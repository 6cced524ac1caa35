"""Mutated messages straight into the protocol: whatever comes, nothing raises and it goes on."""

import asyncio
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from penchant_lsp.server import App

URI = "file:///w/a.py"
POSITION = {"line": 0, "character": 2}
RANGE = {"start": POSITION, "end": POSITION}
ITEM = {"insertText": "x", "command": {"title": "", "command": "c", "arguments": ["id", 0]}}
DOCUMENT = {"uri": URI, "version": 2}
MESSAGES: list[dict[str, Any]] = [
    {"method": "textDocument/didOpen",
     "params": {"textDocument": {**DOCUMENT, "languageId": "python", "text": "a\r\nb"}}},
    {"method": "textDocument/didChange",
     "params": {"textDocument": DOCUMENT, "contentChanges": [{"range": RANGE, "text": "x"}]}},
    {"method": "textDocument/didChange",
     "params": {"textDocument": DOCUMENT, "contentChanges": [{"text": "all"}]}},
    {"method": "textDocument/didSave", "params": {"textDocument": {"uri": URI}}},
    {"method": "textDocument/didClose", "params": {"textDocument": {"uri": URI}}},
    {"id": 7, "method": "textDocument/inlineCompletion",
     "params": {"textDocument": {"uri": URI}, "position": POSITION,
                "context": {"triggerKind": 2}}},
    {"id": 8, "method": "workspace/executeCommand",
     "params": {"command": "penchant.accepted", "arguments": ["id", 0]}},
    {"id": 9, "method": "workspace/executeCommand",
     "params": {"command": "penchant.pause", "arguments": [{"paused": False}]}},
    {"method": "$/cancelRequest", "params": {"id": 7}},
    {"method": "textDocument/didShowCompletion", "params": {"item": ITEM}},
    {"method": "textDocument/didPartiallyAcceptCompletion",
     "params": {"item": ITEM, "acceptedLength": 1}},
    {"method": "penchant/didDismissCompletion", "params": {"item": ITEM}},
    {"method": "penchant/didChangeReason", "params": {"textDocument": DOCUMENT, "reason": "undo"}},
    {"method": "workspace/didChangeConfiguration",
     "params": {"settings": {"penchant": {"enabled": True, "debounceMs": 3}}}},
    {"id": 10, "result": None},
    {"id": 11, "error": {"code": 1, "message": "m"}},
]  # fmt: skip
SCALARS = st.sampled_from(
    [None, True, -1, 0, 1, 2**31, 1.5, 1e308, "", "x", URI, "\ud800", [], [None], {}, {"a": 1}]
)


def _mutated(draw: st.DrawFn, value: Any) -> Any:
    """Replace, remove or add something somewhere."""
    if isinstance(value, dict) and value and draw(st.integers(0, 3)):
        key = draw(st.sampled_from(sorted(value)))
        changed = dict(value)
        if draw(st.integers(0, 5)) == 0:
            del changed[key]
        else:
            changed[key] = _mutated(draw, value[key])
        return changed
    if isinstance(value, list) and value and draw(st.booleans()):
        return [_mutated(draw, value[0]), *value]
    return draw(SCALARS)


@st.composite
def mutations(draw: st.DrawFn) -> dict[str, Any]:
    message = {"jsonrpc": "2.0", **draw(st.sampled_from(MESSAGES))}
    for _ in range(draw(st.integers(0, 3))):
        mutated = _mutated(draw, message)
        message = mutated if isinstance(mutated, dict) else message
    return message


class _Sink:
    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def write(self, data: bytes) -> None:
        self.sent.append(json.loads(data.partition(b"\r\n\r\n")[2]))

    def close(self) -> None: ...


@given(messages=st.lists(mutations(), min_size=1, max_size=12))
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_raises_and_every_request_is_answered(messages: list[dict[str, Any]]) -> None:
    asyncio.run(_play([m for m in messages if m.get("method") not in ("shutdown", "exit")]))


async def _play(messages: list[dict[str, Any]]) -> None:
    app, sink = App(""), _Sink()
    app.protocol.set_writer(sink)
    app.session.ready.set()  # without parts: no file, no network
    start = {"processId": None, "rootUri": None, "capabilities": {}}
    for message in [
        {"jsonrpc": "2.0", "id": "i", "method": "initialize", "params": start},
        *messages,
        {"jsonrpc": "2.0", "id": "last", "method": "workspace/executeCommand",
         "params": {"command": "penchant.status"}},
    ]:  # fmt: skip
        app.protocol.receive(json.dumps(message).encode())
    for _ in range(20):
        await asyncio.sleep(0)
    answered = [each["id"] for each in sink.sent if "id" in each]
    assert answered[0] == "i"
    assert "last" in answered
    for message in messages:
        usable = isinstance(message.get("id"), int | str) and not isinstance(message["id"], bool)
        if usable and isinstance(message.get("method"), str):
            assert message["id"] in answered, message
    assert not [each for each in sink.sent if str(each.get("method")).startswith("window/")]
