"""The real language server over stdio, against a real gateway: a session from start to end."""

from pathlib import Path

import pytest
from broken.editor import INVOKED, Editor
from broken.gateway import Gateway

from penchant_core.paths import default_paths
from penchant_core.signals import OutcomeKind
from penchant_core.store import SignalStore


@pytest.fixture
def uri(tmp_path: Path) -> str:
    (tmp_path / "work").mkdir()
    return (tmp_path / "work" / "shop.py").as_uri()


def test_answers_an_inline_completion(home: Path, uri: str) -> None:
    with Gateway("sum(prices)") as gateway, Editor(home, gateway.address) as editor:
        assert editor.capabilities["inlineCompletionProvider"] == {}
        editor.open(uri, "def total(prices):\n    return \n")
        [item] = editor.complete(uri, 1, 11)
        assert item["insertText"] == "sum(prices)"
        assert item["range"] == {
            "start": {"line": 1, "character": 11},
            "end": {"line": 1, "character": 11},
        }
        completion_id, index = item["command"]["arguments"]
        assert item["command"]["command"] == "penchant.accepted"
        assert (len(completion_id), index) == (32, 0)
        [request] = gateway.requests
        assert request["prompt"] == "def total(prices):\n    return "
        assert request["suffix"] == "\n"
        assert request["model"] == "auto"
        assert request["stream"] is True
        assert request["penchant"]["developer"] == "ada"
        assert editor.shutdown() == 0


def test_an_explicit_request_offers_alternatives(home: Path, uri: str) -> None:
    with Gateway("one", "two", "three") as gateway, Editor(home, gateway.address) as editor:
        editor.open(uri, "x = ")
        items = editor.complete(uri, 0, 4, INVOKED)
        assert [item["insertText"] for item in items] == ["one", "two", "three"]
        greedy, sampled = sorted(gateway.requests, key=lambda request: request["temperature"])
        assert (greedy["n"], greedy["temperature"]) == (1, 0.0)
        assert (sampled["n"], sampled["temperature"]) == (2, 0.6)


def test_an_accepted_suggestion_is_recorded(home: Path, uri: str, tmp_path: Path) -> None:
    workspace = tmp_path / "work"
    with (
        Gateway("sum(prices)") as gateway,
        Editor(home, gateway.address, workspace=workspace) as editor,
    ):
        answer = editor.consent("local")
        assert (answer["level"], answer["asked"]) == ("local", True)
        editor.open(uri, "def total(prices):\n    return \n")
        [item] = editor.complete(uri, 1, 11)
        editor.accept(uri, item)
        editor.wait_status(lambda status: status["recorded"] == 1)
    with SignalStore(default_paths().signal_log("ada")) as store:
        [signal] = store.signals()
    assert signal.outcome.kind is OutcomeKind.ACCEPTED
    assert signal.completion.path == "shop.py"
    assert signal.completion.candidates[0].logprob == -0.5
    assert (signal.completion.adapter, signal.completion.version) == ("dev/ada", "v0001")
    assert signal.outcome.retained_chars == len("sum(prices)")
    assert signal.outcome.flags == ()
