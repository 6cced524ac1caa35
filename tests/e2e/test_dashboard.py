"""The dashboard in a real browser: figures, versions, keyboard, light, dark and narrow."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from dashboard_stage import furnish, progress_file
from serving import base_model, engine_url, paths_below, serving

from penchant_core import config as settings_file

EXTENSION = Path(__file__).parents[2] / "vscode-extension"

PENCHANT = Path(sys.executable).with_name("penchant")

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module", autouse=True)
def _browser() -> None:
    subprocess.run(["bash", str(EXTENSION / "e2e" / "harness" / "install.sh")], check=True)


async def _play(program: str, **environment: str) -> None:
    process = await asyncio.create_subprocess_exec(
        "node",
        str(EXTENSION / "e2e" / program),
        cwd=EXTENSION,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    print(output.decode())
    assert process.returncode == 0, output.decode()[-3000:]


async def test_a_month_in_the_browser(tmp_path: Path) -> None:
    config = settings_file.load(
        {"developer.name": "ada"}, environment={}, paths=paths_below(tmp_path)
    )
    furnish(config, base_model())
    async with serving(tmp_path, engine__url=engine_url()) as stage:
        await stage.settled()
        progress = progress_file(stage.gateway.config)
        await _play(
            "dashboard.mjs",
            PENCHANT_DASHBOARD=stage.url,
            PENCHANT_PROGRESS=str(progress),
        )
        assert stage.store.pointer("dev/ada").version == "v0002", "there and back again"
        assert json.dumps((await stage.client.get("/v1/dashboard")).json()).count("canary") == 0


async def test_a_month_in_the_editor(tmp_path: Path) -> None:
    config = settings_file.load(
        {"developer.name": "ada"}, environment={}, paths=paths_below(tmp_path)
    )
    furnish(config, base_model())
    async with serving(tmp_path, engine__url=engine_url()) as stage:
        await stage.settled()
        await _play(
            "dashboardView.mjs",
            PENCHANT_COMMAND=str(PENCHANT),
            PENCHANT_HOME=str(tmp_path),
            PENCHANT_GATEWAY__URL=stage.url,
        )
        assert stage.store.pointer("dev/ada").version == "v0002", "there and back again"


async def test_a_new_installation_in_the_browser(tmp_path: Path) -> None:
    async with serving(tmp_path, engine__url=engine_url()) as stage:
        await _play("dashboardEmpty.mjs", PENCHANT_DASHBOARD=stage.url)
