"""An engine that cannot start: the gateway lives, says why, and keeps trying with patience."""

from pathlib import Path

from serving import request, serving, until


async def test_the_reason_is_told_and_completions_are_503(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho \"No module named 'vllm'\" >&2\nexit 1\n")
    python.chmod(0o700)
    options = {"engine__kind": "vllm", "engine__python": str(python)}
    async with serving(tmp_path, ready=False, **options) as stage:
        await until(lambda: stage.gateway.supervisor.restarts >= 2)
        await until(lambda: "vllm" in stage.gateway.supervisor.last_words)
        status = (await stage.client.get("/v1/status")).json()
        assert status["engine"]["state"] == "restarting"
        assert status["engine"]["reason"] == "No module named 'vllm'"
        assert (await stage.client.get("/healthz")).status_code == 200
        answer = await stage.client.post("/v1/completions", json=request())
        assert answer.status_code == 503
        assert "restarting" in answer.json()["error"]["message"]
