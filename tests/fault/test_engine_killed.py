"""The engine is killed outright: completions say 503 at once, then it is back with its adapters."""

import asyncio
import os
import signal
from pathlib import Path

import psutil
import pytest
from serving import Stage, plant, request, serving, until


def engine_process(stage: Stage) -> psutil.Process:
    leash = psutil.Process(stage.gateway.supervisor.process_id)
    return leash.children()[0]


@pytest.mark.timeout(180)
async def test_a_killed_engine_degrades_then_recovers(tmp_path: Path) -> None:
    async with serving(tmp_path) as stage:
        plant(stage.store, "dev/ada", "v0001", seed=1)
        await until(lambda: "dev-ada-v0001" in stage.gateway.loader.slots)
        before = await stage.voice()
        killed = engine_process(stage)
        running = asyncio.create_task(
            stage.client.post("/v1/completions", json=request(max_tokens=200, n=3, temperature=1))
        )
        await until(lambda: stage.gateway.admission._taken == 1)
        killed.send_signal(signal.SIGKILL)
        assert (await running).status_code in (502, 503)  # an error, and at once
        await until(lambda: not stage.gateway.ready)
        began = asyncio.get_running_loop().time()
        answer = await stage.client.post("/v1/completions", json=request())
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "1"
        assert asyncio.get_running_loop().time() - began < 1
        await until(lambda: stage.gateway.ready, 90)
        await until(lambda: "dev-ada-v0001" in stage.gateway.loader.slots)
        assert await stage.voice() == before
        assert stage.gateway.supervisor.restarts == 1

        # A leash that is killed takes its engine along, and both come back.
        leash = stage.gateway.supervisor.process_id
        engine = engine_process(stage)
        assert leash
        os.kill(leash, signal.SIGKILL)
        await until(lambda: not engine.is_running() or engine.status() == psutil.STATUS_ZOMBIE)
        await until(lambda: stage.gateway.supervisor.restarts == 2)
        last = await until(lambda: stage.gateway.supervisor.process_id)
    await until(lambda: not psutil.pid_exists(last))
