"""Huge documents: a 20 MB file, a line of 5 MB. They get no suggestions, and harm no other one."""

import time
from collections.abc import Callable, Iterator
from itertools import cycle
from statistics import median

import psutil
import pytest
from broken.editor import Editor
from broken.gateway import Gateway

from penchant_lsp.documents import MOST_CHARS, MOST_LINE

SMALL, KEYS, ROUNDS = "untitled:small.py", 200, 15
LINE = "value = compute(1, 2)  # \u00e9\n"
DOCUMENTS = {
    "a 20 MB file": LINE * (20_000_000 // len(LINE)),
    "a line of 5 MB": "x = [" + "1, " * 1_700_000 + "]\n",
    "as much as is held": LINE * ((MOST_CHARS - 10_000) // len(LINE)),
    "as long a line as is held": LINE * 2000 + "x = '" + "\u00e9" * (MOST_LINE - 10_000) + "'\n",
}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gateway, Editor]]:
    with (
        Gateway("value") as gateway,
        Editor(tmp_path_factory.mktemp("home"), gateway.address) as editor,
    ):
        editor.open(SMALL, "warm = 1\n" * 100 + "y = ")
        assert editor.complete(SMALL, 100, 4)
        yield gateway, editor
        assert editor.shutdown() == 0


def _waits(editor: Editor, beside: Callable[[], object]) -> float:
    """How long a completion in the small document takes, with ``beside`` before each."""
    waits = []
    for _ in range(ROUNDS):
        beside()
        line = f"\nx{editor.versions[SMALL]} = "
        editor.insert(SMALL, 0, 0, line + "\n")
        begun = time.perf_counter()
        assert editor.complete(SMALL, 1, len(line) - 1)
        waits.append(time.perf_counter() - begun)
    return median(waits)


def _typing_s(editor: Editor, uri: str, places: list[tuple[int, int]]) -> float:
    """How much processor time the server spends on typing at places of a document."""
    process = psutil.Process(editor.process.pid)
    editor.status()  # everything before is over
    before = process.cpu_times()
    for _, place in zip(range(KEYS), cycle(places), strict=False):
        editor.insert(uri, *place, "k")
    editor.status()
    after = process.cpu_times()
    return after.user + after.system - before.user - before.system


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_huge_document_harms_no_other(session: tuple[Gateway, Editor], name: str) -> None:
    gateway, editor = session
    text, uri = DOCUMENTS[name], f"untitled:{name}.py"
    process = psutil.Process(editor.process.pid)
    usual_s, usual_cpu_s = _waits(editor, lambda: None), _typing_s(editor, SMALL, [(50, 0)])
    memory = process.memory_info().rss

    names = [uri, f"{uri}2", f"{uri}3", f"{uri}4", f"{uri}5"]
    grown = []
    for each in names:
        editor.open(each, text)
        editor.status()
        grown.append(process.memory_info().rss - memory)
    if len(text) > MOST_CHARS:  # none of them is held, however many there are
        assert grown[0] < 6 * len(text)
        assert grown[-1] - grown[1] < 2 * len(text)
    lines = text.count("\n")

    keys = _waits(editor, lambda: editor.insert(uri, lines // 2, 0, "k"))
    assert keys < 4 * usual_s + 0.02
    longest = max(enumerate(text.split("\n")), key=lambda each: len(each[1]))[0]
    places = [(lines // 2, 3), (lines, 0), (longest, MOST_LINE // 2)]
    assert _typing_s(editor, uri, places) < 4 * usual_cpu_s + 0.3
    asked = len(gateway.requests)
    for line, character in places:
        assert editor.complete(uri, line, character) == []
    assert len(gateway.requests) == asked
    editor.notify("textDocument/didSave", {"textDocument": {"uri": uri}})

    editor.change(uri, {"text": "z = "})
    assert editor.complete(uri, 0, 4), "a document that has become small is served again"
    editor.change(uri, {"text": text})
    assert editor.complete(uri, 0, 4) == []
    for each in names:
        editor.notify("textDocument/didClose", {"textDocument": {"uri": each}})
    assert _waits(editor, lambda: None) < 4 * usual_s + 0.02
