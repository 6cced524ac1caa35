"""What an editor may ask of the real language server, feature by feature."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from broken.editor import INVOKED, Editor
from broken.gateway import Gateway

from penchant_core.paths import default_paths
from penchant_core.signals import OutcomeKind, Signal
from penchant_core.store import SignalStore


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


@pytest.fixture
def session(home: Path, work: Path) -> Iterator[tuple[Gateway, Editor]]:
    with Gateway("value") as gateway, Editor(home, gateway.address, workspace=work) as editor:
        yield gateway, editor


def _signals(editor: Editor) -> list[Signal]:
    editor.wait_status(lambda status: not status["open"] and not status["waiting"])
    with SignalStore(default_paths().signal_log("ada")) as store:
        return list(store.signals())


@pytest.mark.parametrize(("encoding", "character"), [("utf-8", 14), ("utf-16", 10), ("utf-32", 8)])
def test_position_encodings(home: Path, work: Path, encoding: str, character: int) -> None:
    uri = (work / "a.py").as_uri()
    with (
        Gateway("value") as gateway,
        Editor(home, gateway.address, workspace=work, encodings=(encoding,)) as editor,
    ):
        assert editor.capabilities["positionEncoding"] == encoding
        editor.consent("local")
        editor.open(uri, "x\r\n'\U0001f600\U0001f600' + ;\r\ny\r\n")
        [item] = editor.complete(uri, 1, character - 1)
        assert gateway.requests[-1]["prompt"] == "x\n'\U0001f600\U0001f600' + "
        assert gateway.requests[-1]["suffix"] == ";\ny\n"
        assert item["range"]["start"] == {"line": 1, "character": character - 1}
        editor.accept(uri, item)
        [signal] = _signals(editor)
        assert signal.outcome.kind is OutcomeKind.ACCEPTED
        assert editor.shutdown() == 0


def test_typing_along_and_going_back_ask_nobody(session: tuple[Gateway, Editor]) -> None:
    gateway, editor = session
    uri = "untitled:a"
    editor.open(uri, "x = \n")
    [first] = editor.complete(uri, 0, 4)
    took = []
    for index, character in enumerate("val"):
        editor.insert(uri, 0, 4 + index, character)
        begun = time.perf_counter()
        [item] = editor.complete(uri, 0, 5 + index)
        took.append(time.perf_counter() - begun)
        assert item["insertText"] == "value"[index + 1 :]
        assert item["command"]["arguments"] == first["command"]["arguments"]
    editor.change(uri, {"range": _range(0, 6, 7), "text": ""})
    [item] = editor.complete(uri, 0, 6)
    assert item["insertText"] == "lue"
    assert len(gateway.requests) == 1
    assert sorted(took)[1] < 0.05, "a hit waits for nothing"
    assert editor.status()["shown"] == 1


def test_a_new_adapter_version_is_asked_afresh(session: tuple[Gateway, Editor]) -> None:
    gateway, editor = session
    editor.open("untitled:a", "x = \ny = \n")
    editor.complete("untitled:a", 0, 4)
    gateway.served_by["version"] = "v0002"
    gateway.texts = lambda _: ["fresh"]
    assert editor.complete("untitled:a", 1, 4)[0]["insertText"] == "fresh"
    assert editor.complete("untitled:a", 0, 4)[0]["insertText"] == "fresh"
    assert editor.status()["version"] == "v0002"


def test_a_bracket_that_closed_itself_is_replaced(session: tuple[Gateway, Editor]) -> None:
    gateway, editor = session
    gateway.texts = lambda _: ["name):"]
    editor.open("untitled:a", "print()")
    [item] = editor.complete("untitled:a", 0, 6)
    assert item["insertText"] == "name):"
    assert item["range"] == _range(0, 6, 7)


@pytest.mark.parametrize(
    ("text", "many"),
    [("def f():\n    ", True), ("if x:", True), ("x = ", False), ("f(", False)],
)
def test_one_line_or_many(session: tuple[Gateway, Editor], text: str, many: bool) -> None:
    gateway, editor = session
    gateway.texts = lambda _: ["\n    a\n    b"] if text == "if x:" else ["a\n    b"]
    editor.open("untitled:a", text)
    lines = text.split("\n")
    [item] = editor.complete("untitled:a", len(lines) - 1, len(lines[-1]))
    assert ("\n" in item["insertText"]) is many
    assert gateway.requests[-1].get("stop") == (None if many else ["\n"])


def test_nothing_usable_is_recorded_as_not_shown(session: tuple[Gateway, Editor]) -> None:
    gateway, editor = session
    gateway.texts = lambda _: ["a\u202eb"]
    uri = editor.workspace.joinpath("a.py").as_uri()
    editor.consent("local")
    editor.open(uri, "x = ")
    assert editor.complete(uri, 0, 4) == []
    [signal] = _signals(editor)
    assert (signal.completion.shown, signal.completion.not_shown) == (None, "filtered")
    assert signal.outcome is None


# -- settings ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [{"enabled": False}, {"languages": {"python": False}}, {"languages": {"*": False}}],
    ids=["all", "language", "star"],
)
def test_the_editor_switches_off(session: tuple[Gateway, Editor], settings: dict[str, Any]) -> None:
    gateway, editor = session
    editor.open("untitled:a", "x = ")
    editor.notify("workspace/didChangeConfiguration", {"settings": {"penchant": settings}})
    assert editor.complete("untitled:a", 0, 4) == []
    assert gateway.requests == []
    on = {"enabled": True, "languages": {}}
    editor.notify("workspace/didChangeConfiguration", {"settings": {"penchant": on}})
    assert editor.complete("untitled:a", 0, 4)


def test_options_at_the_start(home: Path) -> None:
    options = {"client": "vscode", "settings": {"enabled": False, "debounceMs": 7}}
    with Gateway("value") as gateway, Editor(home, gateway.address, options=options) as editor:
        editor.open("untitled:a", "x = ")
        assert editor.complete("untitled:a", 0, 4) == []
        assert gateway.requests == []


def test_the_editor_does_not_switch_on_what_the_settings_switch_off(home: Path) -> None:
    off = {"PENCHANT_COMPLETION__ENABLED": "false"}
    on = {"client": "vscode", "settings": {"enabled": True, "languages": {"*": True}}}
    with (
        Gateway("value") as gateway,
        Editor(home, gateway.address, environment=off, options=on) as editor,
    ):
        editor.open("untitled:a", "x = ")
        assert editor.complete("untitled:a", 0, 4) == []
        assert gateway.requests == []


@pytest.mark.parametrize(
    ("file", "works"),
    [
        ("[completion]\nenabled = false\n", False),
        ("[completion.languages]\npython = false\n", False),
        ("[completion]\nenabled = true\n", True),
        ("[gateway]\nurl = 'http://127.0.0.1:1'\n", True),
    ],
)
def test_a_workspace_may_only_tighten(
    session: tuple[Gateway, Editor], file: str, works: bool
) -> None:
    _, editor = session
    editor.workspace.joinpath(".penchant.toml").write_text(file)
    uri = editor.workspace.joinpath("a.py").as_uri()
    editor.open(uri, "x = ")
    assert bool(editor.complete(uri, 0, 4)) is works


def test_settings_that_cannot_be_read(home: Path) -> None:
    paths = default_paths()
    paths.config_file.parent.mkdir(parents=True)
    paths.config_file.write_text("[completion]\nenabled = 'perhaps'\n")
    with Gateway("value") as gateway, Editor(home, gateway.address) as editor:
        editor.open("untitled:a", "x = ")
        assert editor.complete("untitled:a", 0, 4) == []
        assert "completion.enabled" in editor.status()["lastError"]
        assert editor.shutdown() == 0


def test_a_large_document_gets_none(home: Path) -> None:
    small = {"PENCHANT_COMPLETION__MAX_DOCUMENT_CHARS": "1000"}
    with (
        Gateway("value") as gateway,
        Editor(home, gateway.address, environment=small) as editor,
    ):
        editor.open("untitled:a", "x = \n" * 300)
        assert editor.complete("untitled:a", 0, 4) == []
        assert gateway.requests == []


# -- commands ------------------------------------------------------------------------------


def test_commands_carry_the_suffix(home: Path) -> None:
    with (
        Gateway("value") as gateway,
        Editor(home, gateway.address, arguments=("--stdio", "--command-suffix", ".7f")) as editor,
    ):
        assert set(editor.capabilities["executeCommandProvider"]["commands"]) == {
            f"penchant.{name}.7f"
            for name in (
                *("accepted", "status", "pause", "consent"),
                *("rate", "prefer", "rank", "question"),
                *("dashboard", "adapter", "samples"),
            )
        }
        editor.open("untitled:a", "x = ")
        [item] = editor.complete("untitled:a", 0, 4)
        assert item["command"]["command"] == "penchant.accepted.7f"


def test_pause_and_resume(session: tuple[Gateway, Editor]) -> None:
    _, editor = session
    editor.open("untitled:a", "x = ")
    assert editor.command("penchant.pause", {"paused": True})["paused"] is True
    assert editor.complete("untitled:a", 0, 4) == []
    assert editor.pushed("penchant/status")["paused"] is True
    assert editor.command("penchant.pause")["paused"] is False
    assert editor.complete("untitled:a", 0, 4)


def test_consent_tells_and_shows(session: tuple[Gateway, Editor]) -> None:
    _, editor = session
    before = editor.command("penchant.consent", {"action": "get"})
    assert (before["level"], before["asked"], before["grantedAt"]) == ("off", False, None)
    sample = editor.command("penchant.consent", {"action": "sample"})["sample"]
    assert sample["completion"]["candidates"][0]["text"] == "sum(prices)"
    after = editor.consent("personal")
    assert (after["level"], after["asked"]) == ("personal", True)
    assert after["grantedAt"].endswith("Z")
    assert "team's server" in after["text"]
    assert editor.consent("everything")["level"] == "personal"
    assert editor.pushed("penchant/status")["consent"] == "personal"


@pytest.mark.parametrize("when", ["open", "settled"])
def test_a_rating_is_stored(session: tuple[Gateway, Editor], when: str) -> None:
    _, editor = session
    uri = editor.workspace.joinpath("a.py").as_uri()
    editor.consent("local")
    editor.open(uri, "x = ")
    [item] = editor.complete(uri, 0, 4)
    completion_id, index = item["command"]["arguments"]
    if when == "settled":
        editor.accept(uri, item)
        editor.wait_status(lambda status: status["recorded"] == 1)
    rating = {"completionId": completion_id, "index": index, "rating": "down", "reason": "long"}
    assert editor.command("penchant.rate", rating)["stored"] is True
    if when == "open":
        editor.accept(uri, item)
    _signals(editor)
    with SignalStore(default_paths().signal_log("ada")) as store:
        [stored] = store.ratings()
    assert (stored.completion_id, stored.value, stored.reason) == (completion_id, -1, "long")


@pytest.mark.parametrize(
    "rating", [{}, {"completionId": "none", "rating": "up"}, {"completionId": 3}, {"rating": "up"}]
)
def test_a_rating_of_nothing_is_not_stored(
    session: tuple[Gateway, Editor], rating: dict[str, Any]
) -> None:
    _, editor = session
    editor.consent("local")
    editor.open("untitled:a", "x = ")
    answer = editor.command("penchant.rate", rating)
    assert answer["stored"] is False
    assert answer["why"]


def test_status_tells_who_answers(session: tuple[Gateway, Editor]) -> None:
    gateway, editor = session
    gateway.training = {"phase": "train", "progress": 0.5}
    status = editor.wait_status(lambda status: status["training"] is not None)
    assert status["training"] == {"phase": "train", "progress": 0.5}
    assert (status["gateway"], status["adapter"], status["version"], status["model"]) == (
        "ok",
        "dev/ada",
        "v0001",
        "tiny",
    )
    assert editor.pushed("penchant/status")["gateway"] == "ok"
    gateway.training = {"phase": "train", "progress": 0.5, "waiting": "you are writing"}
    status = editor.wait_status(lambda status: "waiting" in status["training"])
    assert status["training"]["waiting"] == "you are writing"


def test_a_gateway_without_a_status_route_is_ok(home: Path) -> None:
    with Gateway("value") as gateway:
        gateway.status = False
        with Editor(home, gateway.address) as editor:
            editor.wait_status(lambda status: status["gateway"] == "ok")


# -- what an editor says on top ------------------------------------------------------------


def test_shown_dismissed_and_undone(session: tuple[Gateway, Editor]) -> None:
    _, editor = session
    uri = editor.workspace.joinpath("a.py").as_uri()
    editor.consent("local")
    editor.open(uri, "x = \ny = \n")
    [first] = editor.complete(uri, 0, 4)
    editor.notify("textDocument/didShowCompletion", {"item": first})
    editor.notify("penchant/didDismissCompletion", {"item": first})
    [second] = editor.complete(uri, 1, 4)
    editor.notify("textDocument/didShowCompletion", {"item": second})
    editor.accept(uri, second)
    document = {"uri": uri, "version": editor.versions[uri] + 1}
    editor.notify("penchant/didChangeReason", {"textDocument": document, "reason": "undo"})
    editor.change(uri, {"range": _range(1, 4, 9), "text": ""})
    dismissed, undone = _signals(editor)
    assert dismissed.outcome.kind is OutcomeKind.IGNORED
    assert "dismissed" in dismissed.outcome.flags
    assert undone.outcome.kind is OutcomeKind.UNDONE
    assert "undo" in undone.outcome.flags


def test_partly_accepted(session: tuple[Gateway, Editor]) -> None:
    gateway, editor = session
    gateway.texts = lambda _: ["prices.sum()"]
    uri = editor.workspace.joinpath("a.py").as_uri()
    editor.consent("local")
    editor.open(uri, "x = \n\n")
    [item] = editor.complete(uri, 0, 4)
    editor.insert(uri, 0, 4, "prices")
    told = {"item": item, "acceptedLength": 6}
    editor.notify("textDocument/didPartiallyAcceptCompletion", told)
    editor.insert(uri, 2, 0, "z")
    [signal] = _signals(editor)
    assert signal.outcome.kind is OutcomeKind.PARTIALLY_ACCEPTED
    assert signal.outcome.accepted_chars == 6
    assert "inferred" not in signal.outcome.flags


def test_a_suggestion_that_a_telling_editor_never_showed(session: tuple[Gateway, Editor]) -> None:
    _, editor = session
    uri = editor.workspace.joinpath("a.py").as_uri()
    editor.consent("local")
    editor.open(uri, "x = \ny = \n")
    [first] = editor.complete(uri, 0, 4)
    editor.notify("textDocument/didShowCompletion", {"item": first})
    editor.complete(uri, 1, 4)
    editor.insert(uri, 1, 4, "q")
    editor.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    editor.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    shown, unseen = sorted(_signals(editor), key=lambda signal: signal.completion.at)
    assert shown.outcome.kind is OutcomeKind.IGNORED
    assert (unseen.completion.not_shown, unseen.outcome) == ("unconfirmed", None)


def test_the_second_of_three_candidates(session: tuple[Gateway, Editor]) -> None:
    gateway, editor = session
    gateway.texts = lambda _: ["one", "two", "three"]
    uri = editor.workspace.joinpath("a.py").as_uri()
    editor.consent("local")
    editor.open(uri, "x = ")
    items = editor.complete(uri, 0, 4, INVOKED)
    for item in items[:2]:
        editor.notify("textDocument/didShowCompletion", {"item": item})
    editor.accept(uri, items[1])
    [signal] = _signals(editor)
    assert signal.completion.shown == 1
    assert [candidate.text for candidate in signal.completion.candidates] == ["one", "two", "three"]
    assert "seen:0" in signal.outcome.flags
    assert signal.completion.trigger == "invoked"


def test_notebook_cells_are_documents(session: tuple[Gateway, Editor]) -> None:
    gateway, editor = session
    cells = [f"vscode-notebook-cell:/w/n.ipynb#{index}" for index in range(2)]
    items = [
        {"uri": uri, "languageId": "python", "version": 1, "text": f"cell{index} = "}
        for index, uri in enumerate(cells)
    ]
    notebook = {
        "uri": "file:///w/n.ipynb",
        "notebookType": "jupyter-notebook",
        "version": 1,
        "cells": [{"kind": 2, "document": uri} for uri in cells],
    }
    editor.notify(
        "notebookDocument/didOpen", {"notebookDocument": notebook, "cellTextDocuments": items}
    )
    assert editor.complete(cells[1], 0, 8)
    assert gateway.requests[-1]["prompt"] == "cell1 = "
    at = {"line": 0, "character": 0}
    change = {
        "cells": {
            "textContent": [
                {
                    "document": {"uri": cells[0], "version": 2},
                    "changes": [{"range": {"start": at, "end": at}, "text": "my_"}],
                }
            ]
        }
    }
    identifier = {"uri": "file:///w/n.ipynb", "version": 2}
    editor.notify("notebookDocument/didChange", {"notebookDocument": identifier, "change": change})
    assert editor.complete(cells[0], 0, 11)
    assert gateway.requests[-1]["prompt"] == "my_cell0 = "
    closed = [{"uri": uri} for uri in cells]
    editor.notify(
        "notebookDocument/didClose",
        {"notebookDocument": {"uri": "file:///w/n.ipynb"}, "cellTextDocuments": closed},
    )
    assert editor.complete(cells[0], 0, 3) == []


def _range(line: int, start: int, end: int) -> dict[str, Any]:
    return {
        "start": {"line": line, "character": start},
        "end": {"line": line, "character": end},
    }
