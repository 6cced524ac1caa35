"""`penchant up` from start to end: ready, directions, and nothing left behind."""

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest
from serving import request, wait_for

pytestmark = pytest.mark.timeout(180)


def begin(port_file: Path, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "penchant_core.cli", "up", "--port", "0"]
    return subprocess.Popen(
        [*command, "--port-file", str(port_file), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until_ready(up: "subprocess.Popen[str]") -> str:
    assert up.stdout
    said = ""
    while "Ctrl-C" not in said:
        line = up.stdout.readline()
        assert line, up.stderr.read() if up.stderr else ""
        said += line
    return said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_serves_and_ends_with_everything_it_started(
    home: Path, tmp_path: Path, number: signal.Signals
) -> None:
    port_file = tmp_path / "port"
    with begin(port_file, "--no-train") as up:
        said = until_ready(up)
        url = f"http://127.0.0.1:{int(port_file.read_text())}"
        assert url in said
        assert "Neovim" in said
        answer = httpx.post(f"{url}/v1/completions", json=request(), trust_env=False, timeout=30)
        assert answer.status_code == 200
        family = psutil.Process(up.pid).children(recursive=True)
        assert len(family) >= 4
        up.send_signal(number)
        assert up.wait(30) == (-signal.SIGKILL if number == signal.SIGKILL else 0)
        assert psutil.wait_procs(family, 30)[1] == []


def test_a_gateway_that_dies_ends_it_with_an_error(home: Path, tmp_path: Path) -> None:
    with begin(tmp_path / "port", "--no-train") as up:
        until_ready(up)
        family = psutil.Process(up.pid).children(recursive=True)
        gateway = next(
            p for p in family if "serve" in p.cmdline() and "leash" not in str(p.cmdline())
        )
        gateway.kill()
        assert up.wait(30) == 1
        assert up.stderr
        assert "the gateway ended" in up.stderr.read()
        assert psutil.wait_procs(family, 30)[1] == []


def test_a_wrong_setting_is_told_before_anything_starts(home: Path, tmp_path: Path) -> None:
    with begin(tmp_path / "port", "--no-train", "--model", "/nowhere") as up:
        assert up.wait(60) == 1
        assert up.stderr
        assert "/nowhere" in up.stderr.read()


def test_the_trainer_runs_beside_it(home: Path, tmp_path: Path) -> None:
    with begin(tmp_path / "port") as up:
        until_ready(up)

        def trainer() -> bool:
            family = psutil.Process(up.pid).children(recursive=True)
            return any("train" in p.cmdline() and "--watch" in p.cmdline() for p in family)

        wait_for(trainer)
        family = psutil.Process(up.pid).children(recursive=True)
        up.send_signal(signal.SIGINT)
        assert up.wait(30) == 0
        assert psutil.wait_procs(family, 30)[1] == []
