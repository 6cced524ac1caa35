"""`penchant serve`: refusals on the command line, and how light it is."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from serving import paths_below

from penchant_core import config as settings_file
from penchant_server.cli import listen


def serve(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "penchant_core.cli", "serve", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_another_machines_address_is_refused(home: Path) -> None:
    done = serve("--host", "0.0.0.0")
    assert done.returncode == 2
    assert "loopback" in done.stderr


def test_a_taken_port_is_told(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = serve("--port", port)
    assert done.returncode == 2
    assert port in done.stderr
    assert "--port" in done.stderr


def test_a_model_that_is_not_there_is_told(home: Path) -> None:
    done = serve("--port", "0", "--model", "/nowhere")
    assert done.returncode == 2
    assert "/nowhere" in done.stderr


def test_answers_do_not_wait_for_delayed_acknowledgements(tmp_path: Path) -> None:
    """asyncio sets TCP_NODELAY on accepted sockets only if the listener names its protocol."""
    config = settings_file.load({"gateway.port": 0}, environment={}, paths=paths_below(tmp_path))
    with listen(config) as listener:
        assert listener.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize("module", ["cli", "up", "app", "gateway", "checks"])
def test_the_gateway_never_imports_the_heavy_libraries(module: str) -> None:
    heavy = "torch", "transformers", "peft", "vllm"
    light = ("cli", "up", "checks")
    code = f"import sys, penchant_server.{module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(done.stdout.split())
    assert not loaded & set(heavy)
    if module in light:
        assert not loaded & {"fastapi", "uvicorn", "prometheus_client"}
