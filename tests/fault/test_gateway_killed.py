"""The gateway is killed outright: its engine goes with it, and a new one starts clean."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from serving import answers, wait_for


@pytest.mark.timeout(120)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_engine_survives_its_gateway(home: Path, tmp_path: Path, number: signal.Signals) -> None:
    port_file = tmp_path / "port"
    command = [sys.executable, "-m", "penchant_core.cli", "serve"]
    gateway = subprocess.Popen(
        [*command, "--port", "0", "--port-file", str(port_file)], stdout=subprocess.PIPE, text=True
    )
    assert gateway.stdout
    with gateway.stdout as output:
        said = output.readline()
        port = int(port_file.read_text())
        assert said == f"listening on http://127.0.0.1:{port}\n"
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/healthz"))
        family = wait_for(lambda: psutil.Process(gateway.pid).children(recursive=True)[1:])
        family = psutil.Process(gateway.pid).children(recursive=True)
        gateway.send_signal(number)
        status = gateway.wait(20)
    assert (status == -signal.SIGKILL) == (number == signal.SIGKILL)
    gone, alive = psutil.wait_procs(family, 20)
    assert alive == []
    assert len(gone) >= 2
