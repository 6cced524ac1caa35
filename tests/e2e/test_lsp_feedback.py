"""What a developer says outright, through the real language server to the real signal log."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from broken.editor import INVOKED, Editor
from broken.gateway import Gateway

from penchant_core.config import load
from penchant_core.paths import default_paths
from penchant_core.signals import Rating, Signal
from penchant_core.store import SignalStore

LOOP = "total = reduce(add, prices)"
SUM = "total = sum(prices) + shipping"


@pytest.fixture
def session(home: Path, tmp_path: Path) -> Iterator[tuple[Gateway, Editor]]:
    (tmp_path / "work").mkdir()
    work = tmp_path / "work"
    with Gateway("value") as gateway, Editor(home, gateway.address, workspace=work) as editor:
        gateway.texts = lambda _: [SUM, LOOP, "total"]
        editor.consent("local")
        yield gateway, editor


def _items(editor: Editor) -> tuple[str, list[dict[str, Any]]]:
    uri = editor.workspace.joinpath("a.py").as_uri()
    editor.open(uri, "\n")
    return uri, editor.complete(uri, 0, 0, INVOKED)


def _stored(editor: Editor) -> tuple[list[Signal], list[Rating]]:
    editor.wait_status(lambda status: not status["open"] and not status["waiting"])
    with SignalStore(default_paths().signal_log("ada")) as store:
        return list(store.signals()), store.ratings()


@pytest.mark.parametrize("when", ["open", "settled"])
def test_a_preference_goes_where_its_completion_goes(
    session: tuple[Gateway, Editor], when: str
) -> None:
    _, editor = session
    uri, items = _items(editor)
    if when == "settled":
        editor.accept(uri, items[1])
        editor.wait_status(lambda status: status["recorded"] == 1)
    completion_id, index = items[1]["command"]["arguments"]
    told = {"completionId": completion_id, "index": index, "over": [0, 2]}
    assert editor.command("penchant.prefer", told)["stored"] is True
    if when == "open":
        editor.accept(uri, items[1])
    [signal], ratings = _stored(editor)
    assert signal.completion.candidates[index].text == LOOP
    assert [(r.completion_id, r.kind, r.order) for r in ratings] == [
        (completion_id, "comparison", (1, 0)),
        (completion_id, "comparison", (1, 2)),
    ]


def test_a_ranking_waits_for_its_completion_and_must_fit_it(
    session: tuple[Gateway, Editor],
) -> None:
    _, editor = session
    uri, items = _items(editor)
    completion_id = items[0]["command"]["arguments"][0]
    for order in ([2, 0, 1], [0, 7]):
        editor.command("penchant.rank", {"completionId": completion_id, "order": order})
    editor.accept(uri, items[0])
    _, ratings = _stored(editor)
    assert [(r.kind, r.order) for r in ratings] == [("ranking", (2, 0, 1))]


def test_a_judgement_of_what_is_not_recorded_is_not_recorded(
    session: tuple[Gateway, Editor],
) -> None:
    _, editor = session
    uri, items = _items(editor)
    completion_id = items[0]["command"]["arguments"][0]
    told = {"completionId": completion_id, "rating": "up", "reason": "short"}
    assert editor.command("penchant.rate", told)["stored"] is True
    editor.consent("off")
    assert editor.command("penchant.rate", told)["stored"] is False
    editor.accept(uri, items[0])
    editor.wait_status(lambda status: not status["open"] and not status["waiting"])
    editor.shutdown()
    path = default_paths().signal_log("ada")
    if path.exists():
        with SignalStore(path) as store:
            assert (len(store), store.ratings()) == (0, [])


def test_a_question_waits_is_answered_and_can_be_switched_off(
    session: tuple[Gateway, Editor],
) -> None:
    _, editor = session
    uri, items = _items(editor)
    editor.accept(uri, items[2])
    status = editor.wait_status(lambda status: status["question"], 20)
    assert status["recorded"] == 1, "only what is stored is asked about"
    assert editor.pushed("penchant/status")["question"] is True
    question = editor.command("penchant.question", {"action": "get"})["question"]
    texts = {each["index"]: each["text"] for each in question["candidates"]}
    assert texts == {0: SUM, 1: LOOP}
    assert (question["path"], question["language"], question["before"]) == ("a.py", "python", "")
    told = {"completionId": question["completionId"], "index": 1, "over": [0]}
    assert editor.command("penchant.prefer", told)["stored"] is True
    assert editor.status()["question"] is False
    _, [rating] = _stored(editor)
    assert (rating.kind, rating.order) == ("comparison", (1, 0))
    assert editor.command("penchant.question", {"action": "get"}) == {"question": None}
    editor.command("penchant.question", {"action": "never"})
    assert load().settings.feedback.ask is False


def test_what_nobody_looked_at_was_not_shown(session: tuple[Gateway, Editor]) -> None:
    gateway, editor = session
    gateway.texts = lambda _: ["value"]
    uri = editor.workspace.joinpath("a.py").as_uri()
    editor.open(uri, "x = \ny = \nz = \n")

    def show(line: int, **presence: Any) -> None:
        editor.notify("penchant/didChangePresence", presence)
        [item] = editor.complete(uri, line, 4)
        told = {"item": item, "textDocument": {"uri": uri}}
        editor.notify("textDocument/didShowCompletion", told)

    show(0, focused=False, visible=[uri])
    show(1, focused=True, visible=["file:///other"])
    show(2, focused=True, visible=[uri])
    editor.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    editor.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    signals, _ = _stored(editor)
    seen = [(s.completion.prefix, s.completion.not_shown) for s in signals]
    assert sorted(seen) == [
        ("x = ", "unconfirmed"),
        ("x = \ny = ", "unconfirmed"),
        ("x = \ny = \nz = ", ""),
    ]
