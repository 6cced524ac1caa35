"""``python -m bench peers``: Penchant beside tabby-agent and refact-lsp, in one run, on one engine.

All of them ask the bundled model in the same embedded engine, each through a door of its own that
counts (``bench/engine_door.py``); Penchant through its language server over stdio and its gateway.
Prints a table of ratios and writes ``bench/peers.json``. A peer that cannot be fetched or
started is named and left out. Nothing here fails a test run.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean
from typing import Any, TypeVar

import psutil

from bench import peer_install, peer_refact, peer_tabby
from bench.context import paired
from bench.context_positions import drawn, workspaces
from bench.engine_door import Door, RefactDoor, doors
from bench.keystroke import engine
from bench.peer import Peer, PeerFailed, Penchant
from bench.peer_table import print_table
from bench.peer_trials import Quality, Replies, Trials, Typing
from bench.samples import spread
from bench.typing_trace import Passage, distinct, passages
from penchant_core import models
from penchant_trainer.demo.editor import Editor
from penchant_trainer.demo.stage import gateway
from penchant_trainer.pretrain.questions import Question, questions

F = TypeVar("F")
RESULTS = Path(__file__).with_name("peers.json")
SEED = 23
SETTLED_S = 30.0


@dataclass(slots=True)
class Cast:
    """Who takes part: as shipped, and without a pause of their own; and who could not."""

    shipped: list[Peer] = field(default_factory=list)
    prompt: list[Peer] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Script:
    """What everybody is asked, in files of their own."""

    places: list[Question]
    passages: list[Passage]
    positions: list[Question]

    def everywhere(self) -> Iterator[tuple[str, str, str]]:
        """Yield package, path and text of every file, with what is asked for missing."""
        for asked in (*self.places, *self.positions):
            yield asked.package, asked.path, asked.prefix + asked.suffix
        for passage in self.passages:
            yield passage.package, passage.path, passage.before + passage.after


def main(arguments: Sequence[str] = ()) -> None:
    """Measure, print, and write ``bench/peers.json``."""
    parser = argparse.ArgumentParser(prog="bench peers", description=__doc__)
    parser.add_argument("--places", type=int, default=16, help="of reply times")
    parser.add_argument("--passages", type=int, default=7, help="of typing")
    parser.add_argument("--keys", type=int, default=32, help="in each passage")
    parser.add_argument("--positions", type=int, default=100, help="held out, for exact match")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path, default=RESULTS)
    asked = parser.parse_args(arguments)
    from bench.__main__ import machine

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that everybody is ended, too
    with tempfile.TemporaryDirectory(prefix="penchant-bench-") as home:
        try:
            figures = {**machine(), **asyncio.run(measure(Path(home), asked))}
        except PeerFailed as error:
            print(f"the comparison broke off: {error}")
            return
    print_table(figures)
    asked.out.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    print(f"written to {asked.out}")


async def measure(home: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Return every figure of the comparison."""
    script = written(home, asked)
    base = models.resolve("bundled")
    async with engine(home) as url, doors(url, base) as found, cast(home, found) as on:
        await settled()
        trials = Trials(found)
        replies = await trials.replies(on.prompt, script.places)
        shipped = await trials.replies(on.shipped, script.places)
        typing = await trials.typing(on.shipped, script.passages)
        quality = await trials.quality(on.prompt, script.positions)
        return {
            "versions": {"tabby-agent": peer_install.TABBY, "refact-lsp": peer_install.REFACT},
            "missing": on.missing,
            "telemetry": {name: door.meter.telemetry for name, door in found.items()},
            "no_pause": _named(on.prompt, replies, _times),
            "as_shipped": _named(on.shipped, shipped, _times),
            "typing": _named(on.shipped, typing, _costs),
            "held_out": _named(on.prompt, quality, lambda each: _shares(each, quality[0])),
        }


def written(home: Path, asked: argparse.Namespace) -> Script:
    """Draw the script, and write the workspace: no file in it holds what is asked for."""
    found = workspaces(home / "packages")
    documents = [document for each in found for document in each.documents]
    taken: set[tuple[str, str]] = set()
    blocks = questions(documents, 4 * asked.passages, asked.seed)[-4 * asked.passages :]
    several = 3 * (asked.places + asked.positions)  # most files are drawn more than once
    drawn_lines = (question for _, question in drawn(found, several, asked.seed))
    lines = [question for question in drawn_lines if question.prefix.strip()]  # a key to press
    random.Random(asked.seed).shuffle(lines)  # they come kind by kind
    script = Script(
        passages=passages(_first(distinct(blocks, taken), asked.passages), asked.keys, asked.seed),
        places=_first(distinct(lines, taken), asked.places),
        positions=_first(distinct(lines, taken), asked.positions),
    )
    for package, path, text in script.everywhere():
        (home / "packages" / package / path).write_text(text, "utf-8")
    return script


def _first(asked: Iterator[Question], count: int) -> list[Question]:
    return [question for question, _ in zip(asked, range(count), strict=False)]


@asynccontextmanager
async def cast(home: Path, found: dict[str, Door]) -> AsyncIterator[Cast]:
    """Start everybody who can be had, each in a workspace of their own."""
    on = Cast()
    async with AsyncExitStack() as stack:
        await _penchant(stack, home, found["penchant"].url, on)
        for name, start in (("tabby-agent", _tabby), ("refact-lsp", _refact)):
            try:
                await start(stack, home, found, on)
            except (PeerFailed, peer_install.PeerMissing) as error:
                on.missing[name] = str(error)
                print(f"{name} is left out: {error}")
        yield on


def _workspace(home: Path, name: str) -> Path:
    return Path(shutil.copytree(home / "packages", home / name / "workspace"))


async def _penchant(stack: AsyncExitStack, home: Path, url: str, on: Cast) -> None:
    context = gateway(home, {"PENCHANT_ENGINE__URL": url})
    stage = await asyncio.to_thread(context.__enter__)
    stack.push_async_callback(asyncio.to_thread, context.__exit__, None, None, None)
    for name, settings, others in (
        ("Penchant", {}, on.shipped),
        ("Penchant, no pause", {"PENCHANT_COMPLETION__DEBOUNCE_MS": "0"}, on.prompt),
    ):
        workspace = _workspace(home, name.replace(", ", "-").replace(" ", "-"))
        environment = {**stage.as_developer("bench"), **settings}
        editor = await stack.enter_async_context(Editor(workspace, environment))
        others.append(Penchant(editor, name))


async def _tabby(stack: AsyncExitStack, home: Path, found: dict[str, Door], on: Cast) -> None:
    command = await asyncio.to_thread(peer_install.tabby)
    workspace = _workspace(home, "tabby")
    running = peer_tabby.running(command, home / "tabby", found["tabby"].url)
    agent = await stack.enter_async_context(running)
    on.shipped.append(peer_tabby.Tabby(agent, workspace, manual=False))
    on.prompt.append(peer_tabby.Tabby(agent, workspace, manual=True))


async def _refact(stack: AsyncExitStack, home: Path, found: dict[str, Door], on: Cast) -> None:
    command = await asyncio.to_thread(peer_install.refact)
    workspace = _workspace(home, "refact")
    if isinstance(door := found["refact"], RefactDoor):
        door.root = str(workspace)
    running = peer_refact.running(command, home / "refact", workspace, found["refact"].url)
    peer = peer_refact.Refact(await stack.enter_async_context(running), workspace)
    on.shipped.append(peer)  # its plug-ins pause nowhere
    on.prompt.append(peer)


async def settled() -> None:
    """Wait until nobody reads the workspace any more (half a minute at most)."""
    before = _cpu_s()
    for _ in range(round(SETTLED_S)):
        await asyncio.sleep(1)
        now = _cpu_s()
        if now - before < 0.1:
            return
        before = now


def _cpu_s() -> float:
    spent = 0.0
    for process in psutil.Process(os.getpid()).children(recursive=True):
        try:
            times = process.cpu_times()
        except psutil.Error:  # it has ended
            continue
        spent += times.user + times.system
    return spent


def _named(
    peers: Sequence[Peer], found: Sequence[F], figures: Callable[[F], dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    return {peer.name: figures(each) for peer, each in zip(peers, found, strict=True)}


def _times(found: Replies) -> dict[str, Any]:
    rows = {
        "uncached": found.uncached,
        "the same place again": found.cached,
        "typed through": found.typed,
        "after backspace": found.back,
    }
    figures = {}
    for name, times in rows.items():
        p50, p95 = (round(ms, 2) for ms in spread(times)) if times else (None, None)
        figures[name] = {"p50_ms": p50, "p95_ms": p95, "n": len(times)}
    return figures


def _costs(found: Typing) -> dict[str, Any]:
    per = 100 / found.keys
    return {
        "keys": found.keys,
        "requests": round(found.requests * per, 1),
        "cut off": round(found.left * per, 1),
        "tokens": round(found.tokens * per, 1),
        "shown": round(found.shown * per, 1),
        "right": round(found.right * per, 1),
        "seen_p50_ms": round(spread(found.seen_ms)[0], 1) if found.seen_ms else None,
    }


def _shares(found: Quality, ours: Quality) -> dict[str, Any]:
    return {
        "n": len(found.exact),
        "shown": round(100 * found.shown / len(found.exact), 1),
        "exact": round(100 * mean(found.exact), 1),
        "similarity": round(100 * mean(found.similarity), 1),
        "exact_difference": _percent(paired(ours.exact, found.exact)),
        "similarity_difference": _percent(paired(ours.similarity, found.similarity)),
    }


def _percent(interval: Sequence[float]) -> list[float]:
    return [round(100 * each, 1) for each in interval]
