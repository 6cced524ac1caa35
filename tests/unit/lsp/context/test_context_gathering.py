"""From an open document to snippets: in time, clean, within the room, and never blocking."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from penchant_core.context_settings import SOURCES, ContextSettings
from penchant_core.wire import Window
from penchant_lsp.context.gathering import Gathering
from penchant_lsp.context.index import Index
from penchant_lsp.context.kept import Kept
from penchant_lsp.context.search import Search
from penchant_lsp.documents import Change, Document

SECRET = "AKIA" + "QYLPMN5HFIQR7XYA"
MANY = "import os\n\n\ndef convert_currency(amount, euro):\n    return amount * euro\n"


class Bench:
    """A gathering without an index (a process takes a second), and its documents."""

    def __init__(self, root: Path, **settings: object) -> None:
        self.root, self.trusted, self.globs = root, True, ()
        chosen = ContextSettings(**{"deadline_ms": 200, **settings})
        self.gathering = Gathering(chosen, lambda: self._search(chosen), lambda: [root])

    def _search(self, settings: ContextSettings) -> Search:
        kept = Kept(self.root / "none.db", lambda _: True)
        return Search(
            settings, Index(0), kept, globs=lambda _: self.globs, trusted=lambda: self.trusted
        )

    def open(self, name: str, text: str) -> Document:
        uri = (self.root / name).as_uri()
        document = Document.opened(uri, "python", 1, text, "utf-16")
        self.gathering.changed(document)
        return document

    async def ask(self, document: Document, window: Window | None = None) -> list[str]:
        line = len(document.lines) - 1
        text = document.text
        asked = self.gathering.ask(document, text, "", line, window=window)
        return [snippet.text for snippet in await self.gathering.found(asked)]

    async def until(
        self, document: Document, wished: Callable[[list[str]], bool], *, pause_s: float = 0.05
    ) -> list[str]:
        end = time.monotonic() + 20
        while not wished(found := await self.ask(document)):
            assert time.monotonic() < end, found
            await asyncio.sleep(pause_s)
        return found


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.gathering.close()


async def test_another_open_file_helps(bench: Bench) -> None:
    bench.open("a.py", MANY)
    here = bench.open("b.py", "result = convert_currency(")
    [text] = await bench.until(here, bool)
    assert "return amount * euro" in text


async def test_a_neighbour_that_nobody_opened_helps(bench: Bench) -> None:
    (bench.root / "a.py").write_text(MANY)
    here = bench.open("b.py", "result = convert_currency(")
    [text] = await bench.until(here, bool, pause_s=0.5)  # it is read in a pause
    assert "return amount * euro" in text


async def test_in_an_untrusted_workspace_nothing_is_read_from_the_disk(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(MANY)
    bench = Bench(tmp_path)
    bench.trusted = False
    here = bench.open("b.py", "result = convert_currency(")
    other = bench.open("c.py", MANY.replace("euro", "dollar"))
    found = await bench.until(here, bool)
    await asyncio.sleep(0.7)  # longer than the pause after which neighbours would be read
    found += await bench.ask(here)
    assert "euro" not in "".join(found)
    assert "dollar" in other.text
    bench.gathering.close()


async def test_secrets_and_ignored_files_never_leave(bench: Bench) -> None:
    bench.globs = ("private/*",)
    (bench.root / ".gitignore").write_text("generated.py\n")
    call = "result = convert_currency(amount, canary)\n"
    for name in ("private/x.py", "generated.py", ".env.py", "conf.secrets.py"):
        bench.open(name, call)
    bench.open("key.py", f"aws_key = '{SECRET}'  # convert_currency(amount\n")
    bench.open("fine.py", MANY)
    here = bench.open("b.py", "result = convert_currency(amount")
    found = "".join(await bench.until(here, bool))
    assert "amount * euro" in found
    assert "canary" not in found
    assert SECRET not in found


async def test_nothing_is_gathered_for_an_ignored_or_unnamed_document(bench: Bench) -> None:
    bench.open("a.py", MANY)
    await bench.until(bench.open("b.py", "convert_currency("), bool)
    assert await bench.ask(bench.open(".env", "convert_currency(")) == []
    unnamed = Document.opened("untitled:1", "python", 1, "convert_currency(", "utf-16")
    bench.gathering.changed(unnamed)
    assert bench.gathering.ask(unnamed, "x", "", 0) is None


async def test_the_window_of_the_model_bounds_it(bench: Bench) -> None:
    bench.open("a.py", MANY * 3)
    here = bench.open("b.py", "result = convert_currency(")
    await bench.until(here, bool)
    small = Window(prefix_chars=10, suffix_chars=10, context_chars=50)
    assert 0 < sum(map(len, await bench.ask(here, small))) <= 50
    assert await bench.ask(here, Window(prefix_chars=9, suffix_chars=9, context_chars=0)) == []


async def test_what_the_model_sees_anyway_is_left_out(bench: Bench) -> None:
    bench.open("a.py", MANY)
    await bench.until(bench.open("b.py", "result = convert_currency("), bool)
    found = await bench.ask(bench.open("c.py", MANY + "convert_currency("))
    assert "euro" not in "".join(found)


@pytest.mark.parametrize("settings", [{"sources": []}, {"max_chars": 0}])
async def test_switched_off_there_is_no_thread(tmp_path: Path, settings: dict[str, object]) -> None:
    bench = Bench(tmp_path, **settings)
    bench.open("a.py", MANY)
    assert await bench.ask(bench.open("b.py", "convert_currency(")) == []
    assert not bench.gathering._thread.is_alive()


@pytest.mark.parametrize("name", SOURCES)
async def test_each_source_can_be_alone(tmp_path: Path, name: str) -> None:
    bench = Bench(tmp_path, sources=[name])
    bench.open("a.py", MANY)
    here = bench.open("b.py", "convert_currency(")
    asked = bench.gathering.ask(here, here.text, "", 0)
    assert asked is not None
    pieces = await asyncio.wait_for(asyncio.wrap_future(asked.pieces), 20)
    assert {piece.source for piece in pieces} <= {name}
    bench.gathering.close()


async def test_a_late_thread_costs_the_deadline_and_no_more(tmp_path: Path) -> None:
    gate = threading.Event()

    class Slow(Bench):
        def _search(self, settings: ContextSettings) -> Search:
            gate.wait(20)
            return super()._search(settings)

    bench = Slow(tmp_path, deadline_ms=20)
    bench.open("a.py", MANY)
    here = bench.open("b.py", "convert_currency(")
    begun = time.monotonic()
    assert await bench.ask(here) == []
    assert time.monotonic() - begun < 2
    gate.set()
    await bench.until(here, bool)
    bench.gathering.close()


async def test_a_newer_question_replaces_one_that_waits(tmp_path: Path) -> None:
    gate = threading.Event()

    class Slow(Bench):
        def _search(self, settings: ContextSettings) -> Search:
            gate.wait(20)
            return super()._search(settings)

    bench = Slow(tmp_path)
    here = bench.open("b.py", "convert_currency(")
    asked = [bench.gathering.ask(here, f"{n}", "", 0) for n in range(3)]
    gate.set()
    await asyncio.wrap_future(asked[-1].pieces)
    assert [each.pieces.cancelled() for each in asked] == [True, True, False]
    bench.gathering.close()


async def test_an_edit_before_the_thread_is_there_is_not_lost(tmp_path: Path) -> None:
    bench = Bench(tmp_path, sources=["edits"])
    other = bench.open("a.py", "x\n\n")
    other.apply(Change("def fresh_one(): ...", (1, 0), (1, 0)))
    bench.gathering.changed(other)
    found = await bench.until(bench.open("b.py", "y"), bool)
    assert found == ["def fresh_one(): ..."]
    bench.gathering.close()
