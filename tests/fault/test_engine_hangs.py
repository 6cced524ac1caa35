"""An engine that stops answering without dying is replaced."""

import signal
import sys
from pathlib import Path

import broken_engine
import psutil
import pytest
from serving import serving, until

from penchant_server import engine_client, supervisor


async def test_a_frozen_engine_is_started_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_client, "HEALTH_TIMEOUT_S", 0.5)
    monkeypatch.setattr(supervisor, "UNHEALTHY_AFTER", 2)
    python = tmp_path / "python"  # an engine that starts at once, in vLLM's place
    python.write_text(f'#!/bin/sh\nexec {sys.executable} {broken_engine.__file__} "$@"\n')
    python.chmod(0o700)
    options = {"engine__kind": "vllm", "engine__python": str(python)}
    async with serving(tmp_path, **options) as stage:
        assert stage.gateway.loader.base_model == "penchant-null"
        leash = psutil.Process(stage.gateway.supervisor.process_id)
        frozen = leash.children()[0]
        frozen.send_signal(signal.SIGSTOP)
        await until(lambda: stage.gateway.supervisor.restarts == 1, 60)
        await until(lambda: not frozen.is_running() or frozen.status() == psutil.STATUS_ZOMBIE)
        await until(lambda: stage.gateway.ready, 60)
        assert await stage.text()
