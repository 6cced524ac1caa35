"""Real vLLM on a CPU behind the gateway: adapters, isolation, hot swap, recovery."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio
from serving import SUFFIX, Stage, plant, publish, serving, until

PYTHON = os.environ.get("PENCHANT_VLLM_PYTHON") or str(
    Path(__file__).parents[2] / ".venv-vllm" / "bin" / "python"
)

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.timeout(900),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(
        not Path(PYTHON).exists() and not os.environ.get("CI"),
        reason="no vLLM here; `make setup-vllm` installs it",
    ),
]

PROMPTS = [f"def area(width, height):\n    scale = {n}\n    return " for n in range(4)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    root = tmp_path_factory.mktemp("vllm")
    options = {
        "engine__kind": "vllm",
        "engine__python": PYTHON,
        "engine__max_lora_rank": 8,
        "engine__max_model_len": 1024,
        "engine__max_adapters": 3,
        "engine__threads": 1,
    }
    async with serving(root, ready=False, health_every_s=1.0, **options) as running:
        plant(running.store, "dev/alice", "v0001", seed=11, strength=0.4)
        plant(running.store, "dev/bob", "v0001", seed=12, strength=0.4)
        await until(lambda: running.gateway.ready, 600)
        for developer in ("alice", "bob"):
            await until(lambda name=developer: serves(running, name, "v0001"), 60)
        yield running


async def serves(stage: Stage, developer: str, version: str) -> bool:
    answer = await stage.complete(developer=developer, max_tokens=1)
    return answer["penchant"]["version"] == version


async def test_each_developer_gets_their_own_adapter_at_the_same_time(stage: Stage) -> None:
    names = ["alice", "bob", "nobody"]
    answers = await asyncio.gather(
        *(stage.complete(PROMPTS[0], developer=name, max_tokens=16) for name in names)
    )
    assert [answer["penchant"]["adapter"] for answer in answers] == ["dev/alice", "dev/bob", None]
    assert [answer["model"] for answer in answers][:2] == ["dev-alice-v0001", "dev-bob-v0001"]
    texts = [answer["choices"][0]["text"] for answer in answers]
    assert len(set(texts)) == 3, texts


async def test_base_answers_stay_pure_among_adapter_requests(stage: Stage) -> None:
    alone = [await stage.text(prompt, developer="nobody") for prompt in PROMPTS]
    alice = [await stage.text(prompt, developer="alice") for prompt in PROMPTS]
    assert alone != alice
    names = ["nobody", "alice", "nobody", "bob"]
    for _ in range(2):
        answers = await asyncio.gather(
            *(stage.text(prompt, developer=name) for prompt in PROMPTS for name in names)
        )
        assert answers[0::4] == alone
        assert answers[2::4] == alone
        assert answers[1::4] == alice
    assert [await stage.text(prompt, developer="nobody") for prompt in PROMPTS] == alone


async def test_base_traffic_never_names_the_base_model_to_vllm(stage: Stage) -> None:
    assert stage.gateway.loader.base_model == "penchant-null"
    listed = await stage.models()
    assert "penchant-null" not in listed
    refused = await stage.client.post(
        "/v1/completions", json={"prompt": "x", "model": "penchant-null"}
    )
    assert refused.status_code == 404


async def test_streams_equal_plain_answers_and_tell_who_served(stage: Stage) -> None:
    whole = await stage.complete(PROMPTS[1], developer="bob", logprobs=1)
    chunks = [c async for c in stage.chunks(PROMPTS[1], developer="bob", logprobs=1)]
    assert "".join(c["choices"][0]["text"] for c in chunks) == whole["choices"][0]["text"]
    assert {c["penchant"]["version"] for c in chunks} == {"v0001"}


async def test_a_promoted_version_takes_over_while_a_stream_runs_on(stage: Stage) -> None:
    expected = await stage.text(PROMPTS[2], developer="alice", max_tokens=60)
    publish(stage.store, "dev/alice", seed=21, strength=0.4)
    text, swapped = "", None
    async for chunk in stage.chunks(PROMPTS[2], developer="alice", max_tokens=60):
        text += chunk["choices"][0]["text"]
        assert chunk["penchant"]["version"] == "v0001"
        if swapped is None:
            swapped = await stage.client.post("/v1/adapters/dev/alice/v0002/promote")
            assert swapped.status_code == 200, swapped.text
    assert text == expected
    answer = await stage.complete(PROMPTS[2], developer="alice")
    assert answer["penchant"]["version"] == "v0002"
    await until(lambda: "dev-alice-v0001" not in stage.gateway.loader.slots)
    back = await stage.client.post("/v1/adapters/dev/alice/rollback")
    assert back.json()["live"]["version"] == "v0001"
    assert await stage.text(PROMPTS[2], developer="alice", max_tokens=60) == expected


async def test_candidates_differ_and_stop_where_told(stage: Stage) -> None:
    many = await stage.complete(PROMPTS[3], n=3, temperature=1.0, seed=5, stop=["\n"])
    texts = [choice["text"] for choice in many["choices"]]
    assert len(texts) == 3
    assert not any("\n" in text for text in texts)
    assert SUFFIX not in texts


async def test_a_killed_engine_comes_back_with_its_adapters(stage: Stage) -> None:
    before = await stage.text(PROMPTS[0], developer="bob")
    leash = psutil.Process(stage.gateway.supervisor.process_id)
    for process in leash.children(recursive=True):
        process.send_signal(signal.SIGKILL)
    await until(lambda: not stage.gateway.ready, 60)
    down = await stage.client.post("/v1/completions", json={"prompt": "x = "})
    assert down.status_code == 503
    assert down.headers["retry-after"]
    await until(lambda: stage.gateway.ready, 600)
    await until(lambda: serves(stage, "bob", "v0001"), 60)
    assert await stage.text(PROMPTS[0], developer="bob") == before
