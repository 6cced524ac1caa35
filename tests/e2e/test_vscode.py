"""Real VS Code in a real browser, driven by the extension's own end-to-end programs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from broken.gateway import Gateway

EXTENSION = Path(__file__).parents[2] / "vscode-extension"
PENCHANT = Path(sys.executable).with_name("penchant")

pytestmark = pytest.mark.timeout(1500)


@pytest.fixture(scope="module", autouse=True)
def _browser() -> None:
    subprocess.run(["bash", str(EXTENSION / "e2e" / "harness" / "install.sh")], check=True)


def _play(program: str, **environment: str) -> None:
    finished = subprocess.run(
        ["node", str(EXTENSION / "e2e" / program)],
        cwd=EXTENSION,
        env={**os.environ, "PENCHANT_COMMAND": str(PENCHANT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(finished.stdout)
    assert finished.returncode == 0, finished.stdout[-3000:]


@pytest.mark.parametrize("script", ["lint", "test"])
def test_types_and_pure_parts(script: str) -> None:
    command = ["npm", "run", "--silent", script]
    finished = subprocess.run(command, cwd=EXTENSION, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout[-3000:]


def test_the_extension_by_itself() -> None:
    _play("extension.mjs")


def test_a_judgement_from_key_to_log() -> None:
    texts = [
        "sorted(prices)[-1] + fee",
        "max(prices, key=float) + tax",
        "heapq.nlargest(1, prices)",
    ]
    with Gateway() as gateway:
        gateway.texts = lambda asked: texts if asked["prompt"].endswith("best = ") else [""]
        try:
            _play("rating.mjs", PENCHANT_GATEWAY__URL=gateway.address)
        finally:
            print("asked after:", [asked["prompt"][-9:] for asked in gateway.requests])


def test_the_whole_loop() -> None:
    _play("loop.mjs")
