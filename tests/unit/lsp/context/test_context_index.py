"""The indexing process: what it reads, what it skips, how it follows changes, how it ends."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from penchant_lsp.context.crawl import Crawl
from penchant_lsp.context.ignoring import Ignoring
from penchant_lsp.context.index import STARTS, Found, Index
from penchant_lsp.context.python_imports import Import
from penchant_lsp.context.symbol_table import SymbolTable


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__init__.py").write_text("")
    (tmp_path / "pkg" / "tools.py").write_text("def sharpen(knife, angle=20): ...\n")
    return tmp_path


@pytest.fixture
def index() -> Iterator[Index]:
    made = Index(100, delay_s=0)
    yield made
    made.close()


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def _look(index: Index, root: Path, *names: str, statement: Import | None = None) -> Found:
    imported = [statement] if statement else []
    weights = dict.fromkeys(names, 1.0)
    return index.look(root, "here.py", "python", imported, weights, ["pkg/tools.py"], seconds=10)


def test_it_reads_answers_and_follows(index: Index, root: Path) -> None:
    assert index.watch(root, ())
    _until(lambda: bool(index.state(root).get("crawled")))
    found = _look(index, root, "sharpen(", statement=Import("pkg", "pkg.tools", ""))
    assert [hit.text for hit in found.hits] == ["def sharpen(knife, angle=20):"]
    assert [hit.name for hit in found.outlines] == ["sharpen"]
    assert found.modules == ("pkg/tools.py",)
    index.open(root, "pkg/tools.py", "def polish(x): ...\n")
    assert [hit.name for hit in _look(index, root, "sharpen(", "polish(").hits] == ["polish"]
    index.file(root, "pkg/tools.py")
    assert [hit.name for hit in _look(index, root, "sharpen(", "polish(").hits] == ["sharpen"]
    (root / "pkg" / "tools.py").unlink()
    index.file(root, "pkg/tools.py")
    assert _look(index, root, "sharpen(").hits == ()


def test_a_process_that_dies_is_started_again_a_few_times(index: Index, root: Path) -> None:
    for _ in range(STARTS):
        assert index.watch(root, ())
        _until(lambda: bool(index.state(root, 5.0)))
        os.kill(index.process_id, signal.SIGKILL)
        _until(lambda: index._process.poll() is not None)
        assert _look(index, root, "sharpen(") == Found()
    assert not index.watch(root, ())


def test_a_process_that_hangs_costs_no_more_than_the_wait(index: Index, root: Path) -> None:
    index.watch(root, ())
    _until(lambda: bool(index.state(root)))
    os.kill(index.process_id, signal.SIGSTOP)
    begun = time.monotonic()
    assert index.look(root, "a.py", "python", [], {}, seconds=0.1) == Found()
    assert time.monotonic() - begun < 5
    os.kill(index.process_id, signal.SIGCONT)


def test_it_waits_before_it_starts_and_none_starts_where_none_is_wanted(root: Path) -> None:
    now = [0.0]
    later = Index(100, delay_s=1.0, clock=lambda: now[0])
    assert not later.watch(root, ())
    assert later.process_id is None
    now[0] = 1.5
    assert later.watch(root, ())
    later.close()
    assert not Index(0, delay_s=0).watch(root, ())


def _crawled(root: Path, most: int = 100, globs: tuple[str, ...] = ()) -> tuple[Crawl, SymbolTable]:
    table = SymbolTable()
    crawl = Crawl(root, Ignoring(root, globs), table, most)
    crawl.all()
    return crawl, table


def test_what_is_skipped(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "far.py"
    outside.write_text("def far(): ...\n")
    (root / "link.py").symlink_to(outside)
    (root / "linked").symlink_to(outside.parent)
    (root / "huge.py").write_text("def huge(): ...\n" + "# x\n" * 80_000)
    (root / "minified.js").write_text("function mini(){}" + ";" * 3000)
    (root / "binary.py").write_bytes(b"def binary(): ...\n\0")
    (root / "notes.txt").write_text("def text(): ...")
    (root / "ignored").mkdir()
    (root / "ignored" / "a.py").write_text("def ignored(): ...\n")
    (root / "env").mkdir()
    (root / "env" / "pyvenv.cfg").write_text("")
    (root / "env" / "b.py").write_text("def in_environment(): ...\n")
    os.mkfifo(root / "pipe.py")
    crawl, table = _crawled(root, globs=("ignored/",))
    assert set(table.stamps()) == {
        "pkg/__init__.py", "pkg/tools.py", "huge.py", "minified.js", "binary.py",
    }  # fmt: skip
    assert len(table) == 1
    assert crawl.skipped == 3


def test_only_what_changed_is_read_again(root: Path) -> None:
    crawl, table = _crawled(root)
    assert crawl.all() == 0
    (root / "pkg" / "tools.py").write_text("def sharpen(): ...\ndef hone(): ...\n")
    (root / "pkg" / "__init__.py").unlink()
    assert crawl.all() == 1
    assert (len(table), set(table.stamps())) == (2, {"pkg/tools.py"})


def test_an_open_text_is_not_overwritten_by_the_disk(root: Path) -> None:
    crawl, table = _crawled(root)
    crawl.open("pkg/tools.py", "def unsaved(): ...\n")
    crawl.open("new.py", "def new(): ...\n")
    crawl.all()
    assert [found.definition.name for found in table.outline("pkg/tools.py")] == ["unsaved"]
    assert table.holds("new.py")
    crawl.one("new.py")
    assert not table.holds("new.py")


def test_the_number_of_files_is_bounded(root: Path) -> None:
    for number in range(30):
        (root / f"m{number}.py").write_text("def f(): ...\n")
    _, table = _crawled(root, most=10)
    assert len(table.stamps()) == 10


def test_a_workspace_of_many_files_stays_small_and_keeps_ignored_text_out(tmp_path: Path) -> None:
    for number in range(400):
        directory = tmp_path / f"d{number % 20}" / ("out" if number % 5 == 4 else "in")
        directory.mkdir(parents=True, exist_ok=True)
        kind = "canary" if number % 5 == 4 else "plain"
        (directory / f"m{number}.py").write_text(f"def {kind}_{number}(a, b): ...\n" * 5)
    (tmp_path / ".gitignore").write_text("out/\n")
    _, table = _crawled(tmp_path, most=1000)
    assert len(table) == 320 * 5
    assert not any("out/" in path for path in table.stamps())
    assert table.named("canary_4", "python") == []
