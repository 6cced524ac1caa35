"""A keystroke through language server and gateway against the same prompt on the bare engine.

Both ask the same engine process for the same number of tokens and stop at the same places. The
first rows leave context of other files and looking ahead out, so that the prompt is the same; a
last one has them, as shipped, and shows what a longer prompt costs on this engine. The suffix of
every request is unique and, in the bundled model's order, comes first in the prompt: so no answer
profits from another's key-value cache. Ours and theirs alternate, and take turns at being first.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from bench.samples import Row
from penchant_core import models
from penchant_lsp.extent import multi_line
from penchant_trainer.demo.code import LEARNING_NOUNS, Module, modules
from penchant_trainer.demo.editor import Editor
from penchant_trainer.demo.stage import gateway

ROUNDS = 60
MAX_TOKENS = 24


@asynccontextmanager
async def engine(home: Path) -> AsyncIterator[str]:
    """Start the embedded engine alone and yield its URL when it answers."""
    port = free_port()
    model = models.resolve("bundled").directory
    process = subprocess.Popen(  # noqa: ASYNC220 - starts at once; only waiting would block
        [
            sys.executable,
            "-m",
            "penchant_server.embedded",
            "--model",
            str(model),
            "--port",
            str(port),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.PIPE,
        env={**os.environ, "PENCHANT_HOME": str(home)},
    )
    url = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            for _ in range(1200):
                if process.poll() is not None:
                    raise RuntimeError("the embedded engine did not start")
                try:
                    if (await client.get(f"{url}/health", timeout=1)).status_code == 200:
                        break
                except httpx.HTTPError:
                    await asyncio.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    """Return a loopback port that is free right now."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


SAME_PROMPT = {"PENCHANT_CONTEXT__SOURCES": "[]", "PENCHANT_COMPLETION__LOOK_AHEAD": "false"}


async def measure(home: Path) -> list[Row]:
    """Return the rows: uncached, cached, typed through; uncached with context."""
    async with engine(home) as url:
        rows = await _measured(home / "same", url, SAME_PROMPT)
        shipped, *_ = await _measured(home / "shipped", url, {})
        name, against = "the same with context, looking ahead", "the bare engine, without context"
        return [*rows, replace(shipped, name=name, against=against)]


async def _measured(home: Path, url: str, chosen: dict[str, str]) -> list[Row]:
    settings = {
        "PENCHANT_ENGINE__URL": url,
        "PENCHANT_COMPLETION__MAX_TOKENS": str(MAX_TOKENS),
        "PENCHANT_COMPLETION__DEBOUNCE_MS": "0",
        **chosen,
    }
    workspace = home / "workspace"
    workspace.mkdir(parents=True)
    with gateway(home, settings) as stage:
        developer = stage.as_developer("bench")
        async with Editor(workspace, developer) as editor:
            return await _rounds(editor, url)


async def _rounds(editor: Editor, url: str) -> list[Row]:
    base = models.resolve("bundled")
    uncached: list[float] = []
    bare: list[float] = []
    cached: list[float] = []
    typed: list[float] = []
    written = modules(LEARNING_NOUNS, seed=3)
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        for number in range(ROUNDS + 2):
            module = written[number % len(written)]
            prefix, suffix = _place(module, number)
            below = suffix.replace("unique", "engine")
            order = {
                "prompt": base.renderer.render(prefix, below),
                "copy_from": {"prefix": prefix, "texts": [below]},
                "stop": _stops(prefix, suffix, base.renderer.template.stops),
            }
            if number % 2:
                theirs = await _bare(client, url, order)
                ours = await _ours(editor, module.name, prefix, suffix)
            else:
                ours = await _ours(editor, module.name, prefix, suffix)
                theirs = await _bare(client, url, order)
            if number >= 2 and ours is not None:  # the first two warm everything up
                uncached.append(ours)
                bare.append(theirs)
                again, forward = await _hits(editor)
                cached.append(again)
                typed += forward
            editor.close()
    return [
        Row("keystroke to answer, uncached", uncached, "the bare engine, same prompt", bare),
        Row("the same position again", cached, "the bare engine, same prompt", bare),
        Row("typed through", typed, "the bare engine, same prompt", bare),
    ]


def _place(module: Module, number: int) -> tuple[str, str]:
    pause = module.pauses[(3 + number) % len(module.pauses)]
    prefix = f"# unique {number}\n" + module.header + module.text[:pause]
    return prefix, f"\n\n# unique {number}\n{module.footer}"


def _stops(prefix: str, suffix: str, marks: Sequence[str]) -> list[str]:
    """Where the bare engine stops: at the line's end where the language server would, too."""
    many = multi_line(prefix.rpartition("\n")[2], suffix.partition("\n")[0])
    return [*marks] if many else [*marks, "\n"]


async def _ours(editor: Editor, name: str, prefix: str, suffix: str) -> float | None:
    editor.open(name, prefix[:-1], suffix)
    begun = time.perf_counter()
    editor.type(prefix[-1])
    offered = await editor.suggest()
    spent = (time.perf_counter() - begun) * 1000
    return spent if offered else None


async def _hits(editor: Editor) -> tuple[float, list[float]]:
    begun = time.perf_counter()
    offered = await editor.suggest()
    again = (time.perf_counter() - begun) * 1000
    forward: list[float] = []
    text = offered[0].text if offered else ""
    if len(text) > 2:
        begun = time.perf_counter()
        editor.type(text[0])
        await editor.suggest()
        forward.append((time.perf_counter() - begun) * 1000)
    return again, forward


async def _bare(client: httpx.AsyncClient, url: str, order: dict[str, Any]) -> float:
    """Stream one answer from the engine, copies included."""
    body = {
        "model": (await _model(client, url)),
        "max_tokens": MAX_TOKENS,
        "temperature": 0.0,
        "logprobs": 1,
        "stream": True,
        **order,
    }
    begun = time.perf_counter()
    async with client.stream("POST", f"{url}/v1/completions", json=body) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("data: {"):
                json.loads(line[6:])
    return (time.perf_counter() - begun) * 1000


_names: dict[str, str] = {}


async def _model(client: httpx.AsyncClient, url: str) -> str:
    if url not in _names:
        listed = (await client.get(f"{url}/v1/models")).json()
        _names[url] = listed["data"][0]["id"]
    return _names[url]
