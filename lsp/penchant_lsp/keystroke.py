"""Reads a keystroke's two messages, and writes its answer, without a detour over pygls' types.

A ``didChange`` and an ``inlineCompletion`` come at every key, and turning them into those types
takes longer than what is then done with them. What is not exactly as expected is left to pygls
(None). Pure. Knows nothing of documents and completions.
Source of the shapes: Language Server Protocol 3.18.
"""

from dataclasses import dataclass
from typing import Any

from penchant_lsp.documents import Change
from penchant_lsp.tolerance import INVOKED

Item = dict[str, Any]
"""An ``InlineCompletionItem`` as it is sent."""

Position = tuple[int, int]
"""A line and a character in client units."""

_MOST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Changes:
    """A ``didChange``."""

    uri: str
    version: int
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class Question:
    """An ``inlineCompletion``."""

    uri: str
    position: Position
    invoked: bool


def item(text: str, span: tuple[Position, Position], command: str, *arguments: object) -> Item:
    """Return an item: ``text`` in place of ``span``, and the command that accepting it runs."""
    start, end = ({"line": line, "character": character} for line, character in span)
    return {
        "insertText": text,
        "range": {"start": start, "end": end},
        "command": {"title": "Accepted", "command": command, "arguments": [*arguments]},
    }


def changes(params: object) -> Changes | None:
    """Return what the parameters of a ``didChange`` say."""
    if not isinstance(params, dict):
        return None
    document, content = params.get("textDocument"), params.get("contentChanges")
    if not isinstance(document, dict) or not isinstance(content, list):
        return None
    uri, version = document.get("uri"), document.get("version")
    read = [_change(each) for each in content]
    whole = [each for each in read if each is not None]
    if not isinstance(uri, str) or type(version) is not int or len(whole) < len(read):
        return None
    return Changes(uri, version, whole) if -_MOST <= version <= _MOST else None


def question(params: object) -> Question | None:
    """Return what the parameters of an ``inlineCompletion`` say (trigger kinds put right)."""
    if not isinstance(params, dict):
        return None
    document, context = params.get("textDocument"), params.get("context")
    position = _position(params.get("position"))
    if not isinstance(document, dict) or not isinstance(context, dict) or position is None:
        return None
    uri, kind = document.get("uri"), context.get("triggerKind")
    return Question(uri, position, kind == INVOKED) if isinstance(uri, str) else None


def _change(change: object) -> Change | None:
    if not isinstance(change, dict) or not isinstance(text := change.get("text"), str):
        return None
    if "range" not in change:
        return Change(text)
    where = change["range"]
    if not isinstance(where, dict):
        return None
    start, end = _position(where.get("start")), _position(where.get("end"))
    return None if start is None or end is None else Change(text, start, end)


def _position(position: object) -> Position | None:
    if not isinstance(position, dict):
        return None
    line, character = position.get("line"), position.get("character")
    if type(line) is not int or type(character) is not int:
        return None
    return (line, character) if 0 <= line <= _MOST and 0 <= character <= _MOST else None
