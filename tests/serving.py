"""What tests of the gateway build on: a real engine process, a real gateway, little adapters.

The embedded engine takes seconds to start, so one process serves every test that only asks it; it
hangs on a leash and ends with the test run. Knows nothing of pytest.
"""

import asyncio
import atexit
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import uvicorn
from broken_engine import listen
from safetensors.numpy import save_file

from penchant_core import config as settings_file
from penchant_core import models
from penchant_core.adapters import AdapterStore, Version
from penchant_core.card import Card
from penchant_core.models import BaseModel
from penchant_core.paths import Paths
from penchant_server.app import create_app
from penchant_server.engines import free_port
from penchant_server.gateway import Gateway, build

TARGETS = ("q_proj", "v_proj", "down_proj")
PROMPT = "def add(first, second):\n    total = "
SUFFIX = "\n    return total\n"


@cache
def base_model() -> BaseModel:
    return models.resolve("bundled")


@cache
def engine_url() -> str:
    """Start the shared embedded engine once; it is asked without a key."""
    port = free_port()
    command = [sys.executable, "-m", "penchant_server.embedded", "--port", str(port)]
    command += ["--model", str(base_model().directory), "--threads", "1", "--name", "base"]
    process = subprocess.Popen(
        [sys.executable, "-m", "penchant_server.leash", *command],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )

    def end() -> None:
        assert process.stdin
        process.stdin.close()
        process.wait(15)

    atexit.register(end)
    url = f"http://127.0.0.1:{port}"
    wait_for(lambda: answers(f"{url}/health"), 90)
    return url


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def wait_for(condition: Callable[[], Any], limit_s: float = 20) -> Any:
    end = time.monotonic() + limit_s
    while not (found := condition()):
        assert time.monotonic() < end, "the condition did not come true in time"
        time.sleep(0.02)
    return found


async def until(condition: Callable[[], Any], limit_s: float = 20) -> Any:
    """Like wait_for, within an event loop; ``condition`` may be a coroutine function."""
    end = time.monotonic() + limit_s
    while True:
        found = condition()
        if isinstance(found, Awaitable):
            found = await found
        if found:
            return found
        assert time.monotonic() < end, "the condition did not come true in time"
        await asyncio.sleep(0.02)


def lora_weights(
    seed: int, *, rank: int = 4, strength: float = 0.15, targets: tuple[str, ...] = TARGETS
) -> dict[str, np.ndarray]:
    """Random LoRA matrices for the bundled model; different seeds answer differently."""
    random = np.random.default_rng(seed)
    tensors = {}
    for name, shape in base_model().shapes().items():
        module = name.removesuffix(".weight")
        if module.rsplit(".", 1)[-1] in targets:
            a = random.standard_normal((rank, shape[1])) / shape[1] ** 0.5
            b = random.standard_normal((shape[0], rank)) * strength
            tensors[f"base_model.model.{module}.lora_A.weight"] = a.astype("float32")
            tensors[f"base_model.model.{module}.lora_B.weight"] = b.astype("float32")
    return tensors


def lora_config(**changes: object) -> dict[str, object]:
    return {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base_model().name,
        "r": 4,
        "lora_alpha": 4,
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": list(TARGETS),
        **changes,
    }


def write_lora(directory: Path, seed: int, **shape: Any) -> Path:
    """Write a sound adapter for the bundled model."""
    directory.mkdir(parents=True, exist_ok=True)
    save_file(lora_weights(seed, **shape), directory / "adapter_model.safetensors")
    config = lora_config(r=shape.get("rank", 4), lora_alpha=shape.get("rank", 4))
    (directory / "adapter_config.json").write_text(json.dumps(config))
    return directory


def make_card(owner: str, **changes: Any) -> Card:
    values = {
        "owner": owner,
        "version": "v0001",
        "created_at": 1.0,
        "base_model": base_model().name,
        "base_fingerprint": base_model().fingerprint,
        "method": "sft",
        "signal_ids": ["signal-1"],
    }
    return Card.model_validate({**values, **changes})


def publish(store: AdapterStore, owner: str, seed: int, **shape: Any) -> Version:
    with store.staging(owner) as staged:
        write_lora(staged, seed, **shape)
        return store.publish(staged, make_card(owner), shapes=base_model().shapes())


def plant(store: AdapterStore, owner: str, version: str, seed: int, **shape: Any) -> Version:
    """Publish a version and make it live; returns it."""
    found = publish(store, owner, seed, **shape)
    assert found.version == version
    store.promote(owner, version)
    return found


def paths_below(root: Path) -> Paths:
    return Paths(root / "config", root / "data", root / "state", root / "cache")


@dataclass(frozen=True)
class Stage:
    """A gateway that serves in this event loop, and a client of it."""

    gateway: Gateway
    client: httpx.AsyncClient
    url: str

    @property
    def store(self) -> AdapterStore:
        return self.gateway.store

    async def complete(self, prompt: str = PROMPT, **fields: Any) -> dict[str, Any]:
        answer = await self.client.post("/v1/completions", json=request(prompt, **fields))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def text(self, prompt: str = PROMPT, **fields: Any) -> str:
        return (await self.complete(prompt, **fields))["choices"][0]["text"]

    async def voice(self, prompt: str = PROMPT, **fields: Any) -> tuple[str, list[float]]:
        """The text with its log-probabilities: two adapters may agree on a text, not on these."""
        choice = (await self.complete(prompt, logprobs=1, **fields))["choices"][0]
        return choice["text"], [round(x, 2) for x in choice["logprobs"]["token_logprobs"]]

    async def chunks(self, prompt: str = PROMPT, **fields: Any) -> AsyncIterator[dict[str, Any]]:
        body = request(prompt, stream=True, **fields)
        async with self.client.stream("POST", "/v1/completions", json=body) as answer:
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith("text/event-stream")
            async for line in answer.aiter_lines():
                if line.startswith("data: ") and line != "data: [DONE]":
                    yield json.loads(line.removeprefix("data: "))

    async def settled(self) -> None:
        """Wait until every live pointer of the known owners is followed."""
        await until(lambda: self.gateway.ready)
        async with self.gateway.reconciler._lock:
            await self.gateway.reconciler.step()

    async def models(self) -> dict[str, dict[str, Any]]:
        found = (await self.client.get("/v1/models")).json()["data"]
        return {entry["id"]: entry for entry in found}


def request(prompt: str = PROMPT, **fields: Any) -> dict[str, Any]:
    developer = fields.pop("developer", None)
    body: dict[str, Any] = {"prompt": prompt, "suffix": SUFFIX, "max_tokens": 12, **fields}
    if developer is not None:
        body["penchant"] = {**body.get("penchant", {}), "developer": developer}
    return body


@asynccontextmanager
async def serving(
    root: Path, *, ready: bool = True, health_every_s: float = 0.2, **overrides: Any
) -> AsyncIterator[Stage]:
    """Serve a gateway below ``root`` over real HTTP; keyword ``engine__url`` sets engine.url."""
    given = {name.replace("__", "."): value for name, value in overrides.items()}
    defaults = {"developer.name": "ada", "engine.threads": 1, "gateway.port": 0}
    config = settings_file.load({**defaults, **given}, environment={}, paths=paths_below(root))
    gateway = build(config, base_model(), health_every_s=health_every_s)
    listener = listen()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(
        uvicorn.Config(create_app(gateway), log_config=None, lifespan="on", access_log=False)
    )
    serve = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as client:
            await until(lambda: server.started)
            stage = Stage(gateway, client, url)
            if ready:
                await until(lambda: gateway.ready, 90)
            yield stage
    finally:
        server.should_exit = True
        await serve
