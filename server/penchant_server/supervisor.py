"""Keeps one engine running: starts it, waits until it is healthy, starts it again when it dies.

The engine hangs on a leash, so it ends with the gateway however that ends. ``engine`` is a client
of the engine while it can serve and None otherwise, and ``generation`` counts its starts: whoever
loaded adapters must load them again when it changes. An engine at a given URL is only watched.
Knows nothing of adapters.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Literal

import httpx

from penchant_core import log
from penchant_server.engine_client import EngineClient, wait_until_healthy
from penchant_server.engines import EngineStart

State = Literal["starting", "ready", "restarting", "unreachable", "stopped"]

HEALTH_EVERY_S = 2.0
UNHEALTHY_AFTER = 5
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STABLE_S = 60.0
STOP_S = 10.0
LAST_WORDS_S = 1.0


class Supervisor:
    """Runs the engine that ``start`` describes, or watches the one at ``url``."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        start: Callable[[], EngineStart] | None = None,
        url: str = "",
        key: str = "",
        health_every_s: float = HEALTH_EVERY_S,
    ) -> None:
        self._http = http
        self._start = start
        self._url, self._key = url, key
        self._health_every_s = health_every_s
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self.state: State = "starting"
        self.engine: EngineClient | None = None
        self.generation = 0
        self.restarts = 0
        self.process_id: int | None = None
        self.last_words = ""

    async def open(self) -> None:
        """Begin; returns at once."""
        run = self._watch() if self._start is None else self._run(self._start)
        self._task = asyncio.create_task(run)

    async def close(self) -> None:
        """Stop the engine and wait until it is gone."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._set("stopped", None)

    async def changed(self) -> None:
        """Wait until the state changes."""
        await self._changed.wait()

    def _set(self, state: State, engine: EngineClient | None) -> None:
        if state != self.state:
            log.event("engine_state", state=state, restarts=self.restarts)
        if engine is not None and self.engine is not engine:
            self.generation += 1
        self.state, self.engine = state, engine
        self._changed.set()
        self._changed = asyncio.Event()

    async def _watch(self) -> None:
        client = EngineClient(self._http, self._url, self._key)
        while True:
            await wait_until_healthy(client)
            # A new object each time: whatever was loaded may be gone.
            client = EngineClient(self._http, self._url, self._key)
            self._set("ready", client)
            await self._unhealthy(client)
            self._set("unreachable", None)

    async def _run(self, start: Callable[[], EngineStart]) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            began = time.monotonic()
            await self._once(start())
            self.restarts += 1
            self._set("restarting", None)
            if time.monotonic() - began > STABLE_S:
                pause_s = FIRST_PAUSE_S
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _once(self, start: EngineStart) -> None:
        """Run the engine until it dies, hangs, or this task is cancelled."""
        leash = [sys.executable, "-m", "penchant_server.leash", *start.command]
        process = await asyncio.create_subprocess_exec(
            *leash,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=start.environment,
            start_new_session=True,
        )
        self.process_id = process.pid
        ended = asyncio.create_task(process.wait())
        serving = asyncio.create_task(self._serve(start))
        listening = asyncio.create_task(self._listen(process))
        try:
            await asyncio.wait({ended, serving}, return_when=asyncio.FIRST_COMPLETED)
            log.event("engine_ended", status=process.returncode)
        finally:
            self.engine = None
            serving.cancel()
            await _end(process, ended)
            await asyncio.wait({listening}, timeout=LAST_WORDS_S)
            listening.cancel()
            self.process_id = None

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        """Keep the last line that a starting engine wrote: the reason if it cannot start.

        Nothing is kept once it serves, because from then on it may quote what it was asked.
        """
        if process.stderr is None:
            return
        self.last_words = ""
        while chunk := await process.stderr.read(8192):
            if self.engine is not None:
                self.last_words = ""
            elif self.state in ("starting", "restarting"):
                lines = [line for line in chunk.decode("utf-8", "replace").splitlines() if line]
                self.last_words = lines[-1].strip()[:300] if lines else self.last_words

    async def _serve(self, start: EngineStart) -> None:
        client = EngineClient(self._http, start.url, start.key)
        try:
            await asyncio.wait_for(wait_until_healthy(client), start.start_s)
        except TimeoutError:
            return
        self.last_words = ""
        self._set("ready", client)
        await self._unhealthy(client)

    async def _unhealthy(self, client: EngineClient) -> None:
        """Return when the engine failed several health checks in a row."""
        failures = 0
        while failures < UNHEALTHY_AFTER:
            await asyncio.sleep(self._health_every_s)
            failures = 0 if await client.healthy() else failures + 1


async def _end(process: asyncio.subprocess.Process, ended: "asyncio.Task[int]") -> None:
    """Close the leash, which ends the engine's whole group; kill the leash if it hangs."""
    if process.stdin:
        process.stdin.close()
    try:
        await asyncio.wait_for(asyncio.shield(ended), STOP_S)
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await ended
