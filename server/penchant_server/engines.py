"""The command lines of the two engines, and what their processes are told.

Engines listen on loopback, at a port of their own, with a random key that travels in the
environment. vLLM gets the flags under which its adapters are safe to exchange: versioned names,
no resolvers, no development mode. Knows nothing of how a process is kept alive.
Sources: vLLM's documentation of LoRA adapters, environment variables and security.
"""

import os
import secrets
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from penchant_core.config import Config
from penchant_core.models import BaseModel

NULL_ADAPTER = "penchant-null"
ENGINE_KEY = "PENCHANT_ENGINE_KEY"
"""Environment variable with an engine's API key: set for the embedded one, read for engine.url."""


@dataclass(frozen=True, slots=True)
class EngineStart:
    """How to start one engine process and reach it; ``start_s`` is how long that may take."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    url: str
    key: str
    start_s: float


def free_port() -> int:
    """Return a loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def engine_start(config: Config, base: BaseModel) -> EngineStart:
    """Return a fresh command line (new port, new key) for the engine that the settings name."""
    port, key = free_port(), secrets.token_urlsafe(24)
    if config.settings.engine.kind == "vllm":
        command = _vllm(config, base, port)
        environment = _vllm_environment(config, base, key)
        start_s = 600.0
    else:
        command = _embedded(config, base, port)
        environment = {ENGINE_KEY: key, "HF_HUB_OFFLINE": "1"}
        start_s = 300.0
    clean = {k: v for k, v in os.environ.items() if not k.startswith("VLLM_")}
    return EngineStart(command, {**clean, **environment}, f"http://127.0.0.1:{port}", key, start_s)


def _embedded(config: Config, base: BaseModel, port: int) -> tuple[str, ...]:
    engine = config.settings.engine
    options: dict[str, str | int | Path] = {
        "--model": base.directory,
        "--name": base.name,
        "--port": port,
        "--max-lora-rank": engine.max_lora_rank,
        "--max-model-len": engine.max_model_len,
        "--threads": engine.threads,
        "--logs": config.paths.logs,
    }
    return (sys.executable, "-m", "penchant_server.embedded", *_flat(options))


def _vllm(config: Config, base: BaseModel, port: int) -> tuple[str, ...]:
    engine = config.settings.engine
    options: dict[str, str | int | Path] = {
        "--model": base.directory,
        "--served-model-name": base.name,
        "--host": "127.0.0.1",
        "--port": port,
        # One slot more than adapters: the null adapter answers for the base model.
        "--max-loras": engine.max_adapters + 1,
        # While a version replaces another both are loaded.
        "--max-cpu-loras": 2 * engine.max_adapters + 2,
        "--max-lora-rank": engine.max_lora_rank,
        "--max-model-len": engine.max_model_len,
        "--dtype": "bfloat16",
        "--generation-config": "vllm",
        "--uvicorn-log-level": "warning",
    }
    if engine.gpu_memory_share:
        options["--gpu-memory-utilization"] = str(engine.gpu_memory_share)
    python = engine.python or sys.executable
    module = ("-m", "vllm.entrypoints.openai.api_server")
    return (
        python,
        *module,
        *_flat(options),
        "--enable-lora",
        "--no-enable-log-requests",
        *engine.arguments,
    )


def _vllm_environment(config: Config, base: BaseModel, key: str) -> dict[str, str]:
    threads = config.settings.engine.threads
    found = {
        "VLLM_API_KEY": key,
        "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "True",
        "VLLM_NO_USAGE_STATS": "1",
        "VLLM_DO_NOT_TRACK": "1",
        "VLLM_PLUGINS": "",
        "VLLM_SERVER_DEV_MODE": "0",
        "VLLM_MAX_N_SEQUENCES": "8",
        "VLLM_CPU_KVCACHE_SPACE": "2",
        "VLLM_CONFIGURE_LOGGING": "0",
        "VLLM_CACHE_ROOT": str(config.paths.cache / "vllm"),
    }
    # An adapter path that is not there must never be looked up as a Hub id.
    found["HF_HUB_OFFLINE"] = "1"
    if threads:
        found["OMP_NUM_THREADS"] = str(threads)
    return found


def _flat(options: Mapping[str, str | int | Path]) -> list[str]:
    return [part for name, value in options.items() for part in (name, str(value))]
