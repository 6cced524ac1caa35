"""refact-lsp as its own plug-ins run it: a process that is asked over HTTP with the whole file.

It is told of an OpenAI endpoint (a door to our engine) and of a model of the Qwen2.5-Coder family,
whose marks the bundled model shares; its index of the workspace is on. Telemetry is sent to the
same door, and every other address goes to a proxy that is not there.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from bench.keystroke import free_port
from bench.peer import Document, PeerFailed, deadline, ended

MODEL = "qwen2.5/coder/0.5b/base"
MAX_TOKENS = 50
"""What Refact's plug-in for VS Code asks for."""
START_S = 30.0
_SETTINGS = """\
cloud_name: bench
completion_endpoint: {door}/v1/completions
completion_endpoint_style: openai
completion_model: {model}
completion_apikey: bench
tokenizer_path_template: {door}/tokenizer/$MODEL
telemetry_basic_dest: {door}/telemetry
telemetry_basic_retrieve_my_own: {door}/telemetry
"""


class Refact(Document):
    """A document in an editor with refact-lsp."""

    name = "refact-lsp"
    door = "refact"
    aborts = True

    def __init__(self, http: httpx.AsyncClient, workspace: Path) -> None:
        super().__init__(workspace)
        self._http = http

    async def ask(self) -> str:
        line = self.before.rpartition("\n")[2]
        answer = await self._http.post("/v1/code-completion", json=self._question(line))
        if answer.status_code != httpx.codes.OK:
            raise PeerFailed(f"refact-lsp answered {answer.status_code}: {answer.text[:200]}")
        for choice in answer.json().get("choices") or ():
            return str(choice["code_completion"])
        return ""

    def _question(self, line: str) -> dict[str, object]:
        path = str(self.path)
        cursor = {"file": path, "line": self.before.count("\n"), "character": len(line)}
        return {
            "inputs": {
                "sources": {path: self.before + self.after},
                "cursor": cursor,
                "multiline": not line.strip(),  # as the plug-in decides it
            },
            "parameters": {"temperature": 0.0, "max_new_tokens": MAX_TOKENS},
            "stream": False,
            "no_cache": False,
            "use_ast": True,
            "model": "",
        }


@asynccontextmanager
async def running(
    command: Sequence[str], home: Path, workspace: Path, door: str
) -> AsyncIterator[httpx.AsyncClient]:
    """Start refact-lsp; yield a client of it. Raises PeerFailed if it does not come up."""
    settings = home / "bring-your-own-key.yaml"
    settings.write_text(_SETTINGS.format(door=door, model=MODEL))
    port = free_port()
    nowhere = "http://127.0.0.1:9"
    process = await asyncio.create_subprocess_exec(
        *command,
        *("--address-url", str(settings), "--http-port", str(port), "--ast"),
        *("--workspace-folder", str(workspace), "--logs-to-file", str(home / "refact.log")),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env={
            **os.environ,
            "HOME": str(home),
            "XDG_CACHE_HOME": str(home / ".cache"),
            "XDG_CONFIG_HOME": str(home / ".config"),
            "HTTP_PROXY": nowhere,
            "HTTPS_PROXY": nowhere,
            "NO_PROXY": "127.0.0.1",
        },
    )
    try:
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as http:
            await _up(process, http)
            yield http
    finally:
        await ended(process)


async def _up(process: asyncio.subprocess.Process, http: httpx.AsyncClient) -> None:
    end = deadline(START_S)
    while deadline(0) < end and process.returncode is None:
        try:
            if (await http.get("/v1/ping")).status_code == httpx.codes.OK:
                return
        except httpx.HTTPError:
            pass
        await asyncio.sleep(0.05)
    raise PeerFailed("refact-lsp did not start")
