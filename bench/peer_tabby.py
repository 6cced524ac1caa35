"""tabby-agent as Tabby's own plug-ins run it: a Node process that is asked in lines of JSON.

Its usage tracking is switched off, its server is a door to our engine, and
``bench/loopback_only.cjs`` refuses whatever else it may try to reach. A question is automatic, with
the agent's own pause before every answer, or manual, which it answers without one.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bench.peer import Document, PeerFailed, ended

GUARD = Path(__file__).with_name("loopback_only.cjs")
START_S = 30.0
LINE_LIMIT = 1 << 24


class Agent:
    """The process; ``refused`` counts connections that would have left the machine."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.refused = 0
        self._process = process
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._number = 0
        self._readers = [
            asyncio.create_task(self._answers()),
            asyncio.create_task(self._complaints()),
        ]

    async def call(self, function: str, *arguments: Any) -> Any:
        """Call one of the agent's functions; the answer to a superseded question is None."""
        self._number += 1
        number = self._number
        done = self._waiting[number] = asyncio.get_running_loop().create_future()
        assert self._process.stdin
        call = [number, {"func": function, "args": list(arguments)}]
        self._process.stdin.write(json.dumps(call).encode() + b"\n")
        try:
            return await done
        finally:
            self._waiting.pop(number, None)

    async def end(self) -> None:
        """End the process and stop listening to it."""
        await ended(self._process)
        for reader in self._readers:
            reader.cancel()

    async def _answers(self) -> None:
        assert self._process.stdout
        async for line in self._process.stdout:
            number, answer = json.loads(line)
            waiting = self._waiting.get(number)
            if waiting is not None and not waiting.done():
                waiting.set_result(answer)
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(PeerFailed("tabby-agent ended"))

    async def _complaints(self) -> None:
        assert self._process.stderr
        async for line in self._process.stderr:
            self.refused += line.startswith(b"refused:")


class Tabby(Document):
    """A document in an editor with Tabby's agent."""

    door = "tabby"
    aborts = False

    def __init__(self, agent: Agent, workspace: Path, *, manual: bool) -> None:
        super().__init__(workspace)
        self.name = "tabby-agent, manual" if manual else "tabby-agent"
        self._agent = agent
        self._manual = manual

    async def ask(self) -> str:
        position = _utf16(self.before)
        answer = await self._agent.call(
            "provideCompletions",
            {
                "filepath": str(self.path),
                "language": "python",
                "text": self.before + self.after,
                "position": position,
                "manually": self._manual,
            },
            {"signal": True},
        )
        for choice in (answer or {}).get("choices", ()):
            gone = position - choice["replaceRange"]["start"]
            return str(choice["text"])[gone:]
        return ""


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@asynccontextmanager
async def running(command: Sequence[str], home: Path, endpoint: str) -> AsyncIterator[Agent]:
    """Start the agent with its home below ``home``; raise PeerFailed if it does not come up."""
    node, program = command
    settings = home / ".tabby-client" / "agent"
    settings.mkdir(parents=True)
    (settings / "config.toml").write_text(
        f'[server]\nendpoint = "{endpoint}"\ntoken = "bench"\n'
        "[anonymousUsageTracking]\ndisable = true\n"
    )
    process = await asyncio.create_subprocess_exec(
        node,
        "--require",
        str(GUARD),
        program,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "HOME": str(home)},
        limit=LINE_LIMIT,
    )
    agent = Agent(process)
    try:
        started = await asyncio.wait_for(agent.call("initialize", {}), START_S)
        if not started or await agent.call("getStatus") != "ready":
            raise PeerFailed("tabby-agent did not accept its server")
        yield agent
    except TimeoutError as error:
        raise PeerFailed("tabby-agent did not start") from error
    finally:
        await agent.end()
