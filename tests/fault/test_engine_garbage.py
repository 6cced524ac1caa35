"""An engine that answers nonsense, fails, breaks off or keeps silent costs one clear error."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from broken_engine import GARBAGE, BrokenEngine, broken_engine
from serving import Stage, plant, request, serving, until

CANARY = "SECRET_canary_91be"


@pytest_asyncio.fixture
async def engine() -> AsyncIterator[BrokenEngine]:
    async with broken_engine() as running:
        yield running


@pytest_asyncio.fixture
async def stage(tmp_path: Path, engine: BrokenEngine) -> AsyncIterator[Stage]:
    async with serving(tmp_path, engine__url=engine.url) as running:
        yield running


async def ask(stage: Stage, **fields: object) -> tuple[int, str]:
    answer = await stage.client.post("/v1/completions", json=request(CANARY, **fields))
    assert CANARY not in answer.text
    return answer.status_code, answer.text


@pytest.mark.parametrize("mode", [*GARBAGE, "error"])
async def test_nonsense_is_one_clear_error_and_then_all_is_well(
    stage: Stage, engine: BrokenEngine, mode: str
) -> None:
    engine.mode = mode
    for stream in (False, True):
        status, text = await ask(stage, stream=stream)
        assert status == 502, text
        assert json.loads(text)["error"]["type"] == "engine_error"
    engine.mode = "sound"
    assert (await ask(stage))[0] == 200
    log = (stage.gateway.config.paths.logs / "gateway.log").read_text() if _logs(stage) else ""
    assert CANARY not in log


def _logs(stage: Stage) -> bool:
    return (stage.gateway.config.paths.logs / "gateway.log").exists()


async def test_a_stream_that_breaks_off_says_so(stage: Stage, engine: BrokenEngine) -> None:
    engine.mode = "breaks off"
    status, text = await ask(stage, stream=True)
    assert status == 200
    assert "broke off" in text
    assert "[DONE]" not in text


@pytest.mark.parametrize("stream", [False, True])
async def test_a_client_that_leaves_a_silent_engine_frees_both_at_once(
    stage: Stage, engine: BrokenEngine, stream: bool
) -> None:
    engine.mode = "slow"
    task = asyncio.create_task(stage.client.post("/v1/completions", json=request(stream=stream)))
    await until(lambda: engine.bodies and not engine.bodies[-1].get("logprobs"))
    task.cancel()
    await until(lambda: stage.gateway.admission._taken == 0, 1)
    pool = stage.gateway.http._transport._pool  # type: ignore[attr-defined]
    await until(lambda: all(c.is_idle() or c.is_closed() for c in pool.connections), 1)


async def test_a_silent_engine_ends_in_a_timeout(
    stage: Stage, engine: BrokenEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage.gateway.http, "timeout", 0.3)
    engine.mode = "slow"
    status, text = await ask(stage)
    assert status == 504
    assert "in time" in text


async def test_an_engine_that_fails_an_adapter_still_answers_from_the_base(
    stage: Stage, engine: BrokenEngine
) -> None:
    plant(stage.store, "dev/ada", "v0001", seed=1)
    await stage.settled()
    engine.mode, engine.fails_only = "error", "dev-ada-v0001"
    whole, streamed = await stage.complete(), [chunk async for chunk in stage.chunks()]
    for answer in (whole, *streamed):
        assert answer["penchant"]["adapter"] is None
        assert answer["penchant"]["fallback"] == (
            "the engine failed with dev-ada-v0001 (status 500)"
        )


async def test_an_unhealthy_engine_is_told_within_moments(
    stage: Stage, engine: BrokenEngine
) -> None:
    engine.healthy = False
    await until(lambda: not stage.gateway.ready)
    answer = await stage.client.post("/v1/completions", json=request())
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert (await stage.client.get("/readyz")).status_code == 503
    assert (await stage.client.get("/healthz")).status_code == 200
    engine.healthy = True
    await until(lambda: stage.gateway.ready)
    assert (await ask(stage))[0] == 200


async def test_only_allow_listed_fields_reach_the_engine(
    stage: Stage, engine: BrokenEngine
) -> None:
    evil = {"lora_name": "x", "kv_transfer_params": {}, "prompt_embeds": "x", "user": "u"}
    await ask(stage, cache_salt="x", echo=True, best_of=50, stream_options={"a": 1}, **evil)
    assert set(engine.bodies[-1]) == {
        "model",
        "prompt",
        "max_tokens",
        "n",
        "temperature",
        "top_p",
        "stop",
        "stop_token_ids",
        "stream",
        "copy_from",
    }
    assert set(engine.bodies[-1]["copy_from"]) == {"prefix", "texts"}
    assert engine.bodies[-1]["model"] == "base"
