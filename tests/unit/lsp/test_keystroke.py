"""Keystrokes are read as pygls reads them, or left to it."""

import copy
import json
from typing import Any

import pytest
from lsprotocol import converters, types

from penchant_lsp.documents import Change
from penchant_lsp.keystroke import Changes, Question, changes, question

EDIT = {
    "textDocument": {"uri": "file:///a.py", "version": 3},
    "contentChanges": [
        {
            "range": {
                "start": {"line": 1, "character": 2},
                "end": {"line": 1, "character": 4},
            },
            "rangeLength": 2,
            "text": "é",
        },
        {"text": "all of it"},
    ],
}
ASKED = {
    "textDocument": {"uri": "file:///a.py"},
    "position": {"line": 7, "character": 0},
    "context": {"triggerKind": 2},
}
CONVERTER = converters.get_converter()


def test_an_edit() -> None:
    expected = [Change("é", (1, 2), (1, 4)), Change("all of it")]
    assert changes(EDIT) == Changes("file:///a.py", 3, expected)


@pytest.mark.parametrize(("kind", "invoked"), [(1, True), (2, False)])
def test_a_question(kind: int, *, invoked: bool) -> None:
    asked = {**ASKED, "context": {"triggerKind": kind}}
    assert question(asked) == Question("file:///a.py", (7, 0), invoked)


def _broken(whole: Any) -> list[Any]:
    """Return copies of which one value each is missing or of another kind."""
    found: list[Any] = []

    def walk(path: list[Any], value: Any) -> None:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, each in list(items):
            if key == "rangeLength":
                continue
            for other in (None, [], {}, "x", 1.5, -1, True, 2**31):
                changed = copy.deepcopy(whole)
                place = changed
                for step in path:
                    place = place[step]
                place[key] = other
                found.append(changed)
            if isinstance(each, dict | list):
                walk([*path, key], each)

    walk([], whole)
    return found


@pytest.mark.parametrize("params", _broken(EDIT), ids=json.dumps)
def test_an_edit_is_read_as_by_pygls_or_not_at_all(params: Any) -> None:
    read = changes(params)
    if read is not None:
        theirs = CONVERTER.structure(params, types.DidChangeTextDocumentParams)
        assert (read.uri, read.version) == (theirs.text_document.uri, theirs.text_document.version)
        assert [each.text for each in read.changes] == [e.text for e in theirs.content_changes]


@pytest.mark.parametrize("params", _broken(ASKED), ids=json.dumps)
def test_a_question_is_read_as_by_pygls_or_not_at_all(params: Any) -> None:
    read = question(params)
    if read is not None and params["context"] == ASKED["context"]:
        theirs = CONVERTER.structure(params, types.InlineCompletionParams)
        assert read.uri == theirs.text_document.uri
        assert read.position == (theirs.position.line, theirs.position.character)


@pytest.mark.parametrize("params", [None, [], "x", 3, {}])
def test_what_has_no_parameters_is_left_to_pygls(params: Any) -> None:
    assert changes(params) is None
    assert question(params) is None
