"""A learned show filter in the real language server, from its file to what is on the screen."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from broken.editor import INVOKED, Editor
from broken.gateway import Gateway

from penchant_core.config import load
from penchant_core.paths import default_paths
from penchant_core.show_filter import weights
from penchant_core.show_filter.habits import Habits
from penchant_core.show_filter.weights import ShowFilter, Stage, Term, past_of
from penchant_core.store import SignalStore

URI = "untitled:a"


@pytest.fixture
def short_ones_hidden(home: Path) -> None:
    """A filter for which a suggestion is the better the longer it is."""
    longer = {"chars": Term(mean=2.0, scale=0.2, weight=5.0)}
    weights.save(
        load().paths.show_filter("ada"),
        ShowFilter(
            created_at=1.0,
            learned_from=200,
            last_seq=200,
            before=Stage(bias=0.0, terms={}, threshold=0.0),
            after=Stage(bias=0.0, terms=longer, threshold=0.5),
            past=past_of(Habits()),
        ),
    )


@pytest.fixture
def session(
    home: Path, short_ones_hidden: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Gateway, Editor, str]]:
    monkeypatch.setenv("PENCHANT_COMPLETION__EXPLORATION", "0")
    work = tmp_path / "work"
    work.mkdir()
    uri = (work / "a.py").as_uri()
    with Gateway("ab") as gateway, Editor(home, gateway.address, workspace=work) as editor:
        editor.consent("local")
        editor.open(uri, "x = \ny = \n")
        yield gateway, editor, uri


def test_what_is_hidden_is_recorded_once_and_comes_when_asked_for(
    session: tuple[Gateway, Editor, str],
) -> None:
    gateway, editor, uri = session
    assert editor.complete(uri, 0, 4) == []
    assert editor.complete(uri, 0, 4) == []
    assert len(gateway.requests) == 1, "the answer is known, and stays hidden"
    editor.wait_status(lambda status: status["recorded"] == 1 and not status["waiting"])
    with SignalStore(default_paths().signal_log("ada")) as store:
        [signal] = store.signals()
    assert (signal.completion.not_shown, signal.outcome) == ("hidden", None)
    assert editor.status()["shown"] == 0
    [item, *_] = editor.complete(uri, 0, 4, INVOKED)
    assert item["insertText"] == "ab"


def test_what_is_shown_stays_while_it_is_typed(session: tuple[Gateway, Editor, str]) -> None:
    gateway, editor, uri = session
    gateway.texts = lambda _: ["quantity_of_it"]
    [item] = editor.complete(uri, 1, 4)
    for index, character in enumerate("quantity_of_"):
        editor.insert(uri, 1, 4 + index, character)
        [item] = editor.complete(uri, 1, 5 + index)
    assert item["insertText"] == "it", "the rest is as short as what is hidden elsewhere"
    assert editor.status()["shown"] == 1


def test_what_was_sent_away_does_not_come_back_by_itself(home: Path, tmp_path: Path) -> None:
    with Gateway("value") as gateway, Editor(home, gateway.address, workspace=tmp_path) as editor:
        editor.open(URI, "x = \n")
        [item] = editor.complete(URI, 0, 4)
        editor.notify("textDocument/didShowCompletion", {"item": item})
        editor.notify("penchant/didDismissCompletion", {"item": item})
        assert editor.complete(URI, 0, 4) == []
        editor.insert(URI, 0, 4, "v")
        assert editor.complete(URI, 0, 5) == []
        [item, *_] = editor.complete(URI, 0, 5, INVOKED)
        assert item["insertText"] == "value", "whoever asks is answered"
