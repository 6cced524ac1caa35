"""The processes that the demo plays on: a gateway with its engine, and the trainer.

Everything lives below one directory (``PENCHANT_HOME``), so that the demo touches nothing of the
user's. Knows nothing of what is written or learned.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from penchant_core.errors import GatewayUnavailable, TrainError

PROGRAM = (sys.executable, "-m", "penchant_core.cli")
READY_S = 300.0


@dataclass(frozen=True, slots=True)
class Stage:
    """A running gateway; ``environment`` makes any Penchant program use it."""

    home: Path
    url: str
    environment: Mapping[str, str]

    def as_developer(self, name: str) -> dict[str, str]:
        """Return the environment of a program that works for the developer ``name``."""
        return {**self.environment, "PENCHANT_DEVELOPER__NAME": name}

    def complete(self, model: str, prefix: str, suffix: str) -> str:
        """Return one greedy completion of a named model, straight from the gateway."""
        answer = httpx.post(
            f"{self.url}/v1/completions",
            json={"model": model, "prompt": prefix, "suffix": suffix, "stop": "\n"},
            timeout=60,
            trust_env=False,
        )
        answer.raise_for_status()
        return str(answer.json()["choices"][0]["text"])

    def status(self, developer: str) -> dict[str, Any]:
        """Return what the gateway says about a developer's adapter."""
        answer = httpx.get(
            f"{self.url}/v1/status", params={"developer": developer}, timeout=10, trust_env=False
        )
        answer.raise_for_status()
        return dict(answer.json())

    def train(self, developer: str, *, quiet: bool) -> dict[str, Any]:
        """Run ``penchant train --once`` and return its report; raise TrainError if it fails."""
        finished = subprocess.run(
            [*PROGRAM, "train", "--once", "--force", "--json"],
            env={**os.environ, **self.as_developer(developer)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if quiet else None,
            text=True,
            check=False,
        )
        if finished.returncode:
            raise TrainError(f"the training failed; its log is in {self.home / 'state' / 'logs'}")
        return dict(json.loads(finished.stdout))


@contextmanager
def gateway(home: Path, settings: Mapping[str, str]) -> Iterator[Stage]:
    """Start a gateway with its engine below ``home``; yield when it answers, end it afterwards.

    ``settings`` are ``PENCHANT_…`` variables. Raises GatewayUnavailable when it does not come up.
    """
    port_file = home / "port"
    environment = {"PENCHANT_HOME": str(home), **settings}
    process = subprocess.Popen(
        [*PROGRAM, "serve", "--port", "0", "--port-file", str(port_file)],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        url = _ready(process, port_file)
        yield Stage(home, url, {**environment, "PENCHANT_GATEWAY__URL": url})
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ready(process: "subprocess.Popen[bytes]", port_file: Path) -> str:
    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        if port_file.exists() and (port := port_file.read_text("utf-8").strip()):
            url = f"http://127.0.0.1:{port}"
            if _answers(url):
                return url
        time.sleep(0.1)
    raise GatewayUnavailable("the gateway did not start; `penchant doctor` says what is missing")


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False
