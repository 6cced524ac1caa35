"""``penchant signals erase`` beside a running ``penchant serve``, on a real engine."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest
from samples import signal
from serving import base_model, plant, request, wait_for

from penchant_core.adapters import AdapterStore
from penchant_core.paths import Paths
from penchant_core.store import SignalStore

pytestmark = pytest.mark.timeout(300)


def penchant(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "penchant_core.cli", *arguments]


def test_an_erased_signal_leaves_the_engine_the_store_and_the_disk(
    home: Path, paths: Paths, tmp_path: Path
) -> None:
    store = AdapterStore(paths.adapters, base_model().fingerprint)
    version = plant(store, "dev/ada", "v0001", 1)  # its card names the signal "signal-1"
    with SignalStore(paths.signal_log("ada")) as log:
        log.add(signal("signal-1"))
        log.add(signal("signal-2", path="other.py"))
    port_file = tmp_path / "port"
    environment = {**os.environ, "PENCHANT_ENGINE__THREADS": "1"}
    serving = subprocess.Popen(
        penchant("serve", "--port", "0", "--port-file", str(port_file)),
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        port = int(wait_for(lambda: port_file.exists() and port_file.read_text(), 60))
        url = f"http://127.0.0.1:{port}"

        def served_by() -> object:
            try:
                answer = httpx.post(
                    f"{url}/v1/completions", json=request(), trust_env=False, timeout=60
                )
            except httpx.TransportError:
                return "nobody"
            return answer.json()["penchant"]["version"] if answer.is_success else "nobody"

        wait_for(lambda: served_by() == "v0001", 120)
        done = subprocess.run(
            penchant("signals", "erase", "--path", "src/a.py", "--yes"),
            env={**environment, "PENCHANT_GATEWAY__PORT": str(port)},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        assert "withdrawn" in done.stdout
        assert "the base model serves now" in done.stdout
        assert "A rebuild without them is scheduled" in done.stdout
        wait_for(lambda: served_by() is None, 60)
        wait_for(lambda: not (version.path / "adapter_model.safetensors").exists(), 60)
        ids = [m["id"] for m in httpx.get(f"{url}/v1/models", trust_env=False).json()["data"]]
        assert version.engine_name not in ids
        listed = subprocess.run(
            penchant("adapters", "list"),
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert "withdrawn" in listed.stdout
        assert "A rebuild" in listed.stdout
    finally:
        family = psutil.Process(serving.pid).children(recursive=True)
        serving.terminate()
        serving.wait(30)
        assert psutil.wait_procs(family, 30)[1] == []
