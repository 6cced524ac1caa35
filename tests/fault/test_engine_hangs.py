"""An engine that stops answering without dying is replaced."""

import signal
from pathlib import Path

import psutil
import pytest
from serving import serving, until

from penchant_server import engine_client, supervisor


@pytest.mark.timeout(180)
async def test_a_frozen_engine_is_started_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_client, "HEALTH_TIMEOUT_S", 0.5)
    monkeypatch.setattr(supervisor, "UNHEALTHY_AFTER", 2)
    async with serving(tmp_path) as stage:
        leash = psutil.Process(stage.gateway.supervisor.process_id)
        frozen = leash.children()[0]
        frozen.send_signal(signal.SIGSTOP)
        await until(lambda: stage.gateway.supervisor.restarts == 1, 30)
        await until(lambda: not frozen.is_running() or frozen.status() == psutil.STATUS_ZOMBIE)
        await until(lambda: stage.gateway.ready, 90)
        assert await stage.text()
