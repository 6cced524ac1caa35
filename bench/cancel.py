"""How long a cancellation takes from the editor to the engine.

The engine is a slow one that notes when its client leaves. Against the bound: one client talking to
that engine directly, cancelling by closing its connection.
"""

import asyncio
import time
from pathlib import Path

import httpx

from bench.samples import Row
from bench.slow_engine import SlowEngine
from penchant_trainer.demo.editor import Editor
from penchant_trainer.demo.stage import gateway

ROUNDS = 40


async def measure(home: Path) -> list[Row]:
    """Return the row: a superseding keystroke until the engine sees the old request leave."""
    async with SlowEngine().serving() as engine:
        settings = {"PENCHANT_ENGINE__URL": engine.url, "PENCHANT_COMPLETION__DEBOUNCE_MS": "0"}
        context = gateway(home, settings)
        stage = await asyncio.to_thread(context.__enter__)
        try:
            (home / "workspace").mkdir()
            async with Editor(home / "workspace", stage.as_developer("bench")) as editor:
                ours = await _through(editor, engine)
        finally:
            await asyncio.to_thread(context.__exit__, None, None, None)
        return [
            Row(
                "cancel reaches the engine",
                ours,
                "closing a direct connection",
                await _direct(engine),
            )
        ]


async def _through(editor: Editor, engine: SlowEngine) -> list[float]:
    """Keep one request in flight; each new keystroke and request must end the one before."""
    spent = []
    editor.open("cancel.py", "x = 1\n", "\n")
    editor.type("value =")
    pending = asyncio.ensure_future(editor.suggest())
    await asyncio.wait_for(engine.streaming.wait(), 20)
    for number in range(ROUNDS):
        engine.reset()
        begun = time.perf_counter()
        editor.type(str(number % 10))
        newer = asyncio.ensure_future(editor.suggest())
        await asyncio.wait_for(engine.gone.wait(), 20)
        spent.append((engine.gone_at - begun) * 1000)
        await asyncio.wait_for(engine.streaming.wait(), 20)
        await asyncio.wait_for(asyncio.gather(pending, return_exceptions=True), 20)
        pending = newer
    pending.cancel()
    return spent


async def _direct(engine: SlowEngine) -> list[float]:
    spent = []
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(ROUNDS):
            engine.reset()
            body = {"model": "base", "prompt": "x", "stream": True}
            async with client.stream("POST", f"{engine.url}/v1/completions", json=body) as answer:
                await anext(answer.aiter_bytes())
                begun = time.perf_counter()
            await asyncio.wait_for(engine.gone.wait(), 20)
            spent.append((engine.gone_at - begun) * 1000)
    return spent
