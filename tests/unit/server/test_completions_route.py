"""POST /v1/completions over real HTTP: shapes, streams, errors, limits."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from serving import PROMPT, SUFFIX, Stage, base_model, engine_url, plant, request, serving, until
from tokenizers import Tokenizer

from penchant_core.settings import EngineSettings
from penchant_server.window import window

CANARY = "SECRET_canary_7c1f"


async def post(stage: Stage, body: Any, **headers: str) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await stage.client.post(
        "/v1/completions", content=content, headers={"content-type": "application/json", **headers}
    )


async def test_an_answer_has_openais_shape_and_tells_who_served(stage: Stage) -> None:
    answer = await stage.complete(logprobs=1)
    choice = answer["choices"][0]
    assert answer["object"] == "text_completion"
    assert answer["id"].startswith("cmpl-")
    assert answer["model"] == base_model().name
    assert choice["finish_reason"] in ("stop", "length")
    assert len(choice["logprobs"]["tokens"]) == answer["usage"]["completion_tokens"]
    assert answer["penchant"] == {
        "adapter": None,
        "version": None,
        "base_model": base_model().name,
        "base_fingerprint": base_model().fingerprint,
        "fallback": None,
        "window": window(EngineSettings(), base_model()).model_dump(),
    }


async def test_the_prompt_that_reaches_the_engine_is_cores_fim_prompt(stage: Stage) -> None:
    """Ask the engine directly with core's rendering: the same tokens, so the same text."""
    prompt = base_model().renderer.render(PROMPT, SUFFIX)
    tokenizer = Tokenizer.from_file(str(base_model().directory / "tokenizer.json"))
    body = {"model": "base", "prompt": prompt, "max_tokens": 12, "temperature": 0}
    direct = (await stage.client.post(f"{engine_url()}/v1/completions", json=body)).json()
    answer = await stage.complete()
    assert answer["choices"][0]["text"] == direct["choices"][0]["text"]
    assert answer["usage"]["prompt_tokens"] == len(tokenizer.encode(prompt).ids)


async def test_a_stream_gives_the_same_text_in_pieces(stage: Stage) -> None:
    whole = await stage.complete()
    chunks = [chunk async for chunk in stage.chunks()]
    assert len(chunks) > 3
    assert "".join(c["choices"][0]["text"] for c in chunks) == whole["choices"][0]["text"]
    assert chunks[-1]["choices"][0]["finish_reason"] == whole["choices"][0]["finish_reason"]
    assert all(chunk["penchant"]["base_model"] == base_model().name for chunk in chunks)


async def test_a_stream_ends_with_openais_mark(stage: Stage) -> None:
    answer = await post(stage, request(stream=True))
    events = [line for line in answer.text.split("\n\n") if line]
    assert events[-1] == "data: [DONE]"
    assert all(event.startswith("data: ") for event in events)
    assert answer.headers["cache-control"] == "no-store"


async def test_several_candidates_come_when_sampling_and_one_when_greedy(stage: Stage) -> None:
    many = await stage.complete(n=3, temperature=0.9, seed=4)
    assert [choice["index"] for choice in many["choices"]] == [0, 1, 2]
    assert len({choice["text"] for choice in many["choices"]}) > 1
    again = await stage.complete(n=3, temperature=0.9, seed=4)
    assert [c["text"] for c in again["choices"]] == [c["text"] for c in many["choices"]]
    assert len((await stage.complete(n=3, temperature=0))["choices"]) == 1


async def test_a_clients_stop_ends_the_text(stage: Stage) -> None:
    assert "\n" in await stage.text(max_tokens=40)
    assert "\n" not in await stage.text(max_tokens=40, stop="\n")
    assert "\n" not in await stage.text(max_tokens=40, stop=["zzz", "\n"])


async def test_a_prompt_of_any_length_is_answered(stage: Stage) -> None:
    long = "value = compute(value)\n" * 2700
    dense = "☃" * 20_000
    for prompt in (long, dense, ""):
        answer = await stage.complete(prompt, max_tokens=8)
        assert answer["usage"]["prompt_tokens"] + 8 <= 2048


async def test_fields_beside_the_contract_are_ignored(stage: Stage) -> None:
    plain = await stage.text()
    extra = {"prompt_embeds": "x", "echo": True, "best_of": 9, "lora_path": "/etc", "user": "u"}
    assert await stage.text(**extra) == plain


@pytest.mark.parametrize(
    "name",
    ["base", "penchant-null", "../../etc", "/etc/passwd", "gpt-4", "", "dev-ada-v0001", "AUTO"],
)
async def test_a_model_that_is_not_listed_never_reaches_the_engine(desk: Stage, name: str) -> None:
    answer = await post(desk, request(model=name))
    assert answer.status_code == 404
    assert "GET /v1/models" in answer.json()["error"]["message"]
    assert name not in answer.json()["error"]["message"] or len(name) < 5


async def test_a_listed_model_is_served_by_its_name(stage: Stage) -> None:
    plant(stage.store, "dev/ada", "v0001", seed=1)
    await stage.settled()
    named = await stage.complete(model="dev-ada-v0001", developer="someone-else", logprobs=1)
    assert named["penchant"]["adapter"] == "dev/ada"
    base = await stage.complete(model=base_model().name, developer="ada", logprobs=1)
    assert base["penchant"]["adapter"] is None
    assert base["choices"] != named["choices"]


@pytest.mark.parametrize(
    "body",
    [
        {"prompt": [CANARY]},
        {"prompt": CANARY, "max_tokens": CANARY},
        {"prompt": CANARY, "max_tokens": 0},
        {"prompt": CANARY, "max_tokens": 10**9},
        {"prompt": CANARY, "n": 99},
        {"prompt": CANARY, "temperature": -1},
        {"prompt": CANARY, "temperature": "nan"},
        {"prompt": CANARY, "suffix": {"a": CANARY}},
        {"prompt": CANARY, "stop": [CANARY] * 5},
        {"prompt": CANARY, "penchant": {"context": [{"path": CANARY}]}},
        {"prompt": CANARY, "penchant": {"developer": "x" * 65}},
        {"prompt": CANARY, "penchant": {"developer": "///"}},
        {"prompt": CANARY * 5000},
        {"suffix": CANARY},
        [CANARY],
        CANARY,
        b'{"prompt": "' + CANARY.encode(),
        b'{"prompt": "' + CANARY.encode() + b'\\ud800"}',
        b"\xff\xfe" + CANARY.encode(),
        b"",
    ],
)
async def test_a_wrong_request_is_refused_without_an_echo(desk: Stage, body: Any) -> None:
    answer = await post(desk, body)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["code"] == 400
    assert error["message"]
    assert CANARY not in answer.text


async def test_a_request_beyond_the_size_limit_is_refused(desk: Stage) -> None:
    answer = await post(desk, request("x" * 300_000))
    assert answer.status_code == 413
    assert "KiB" in answer.json()["error"]["message"]


async def test_a_body_without_a_length_is_bounded_too(desk: Stage) -> None:
    async def endless() -> Any:
        for _ in range(40):
            yield b"x" * 10_000

    answer = await desk.client.post("/v1/completions", content=endless())
    assert answer.status_code == 413


async def test_too_many_at_once_are_told_to_come_back(tmp_path: Path) -> None:
    options = {"engine__url": engine_url(), "gateway__max_concurrency": 2}
    async with serving(tmp_path, **options) as stage:
        running = [
            asyncio.create_task(stage.client.post("/v1/completions", json=request(max_tokens=100)))
            for _ in range(2)
        ]
        await until(lambda: stage.gateway.admission._taken == 2)
        answer = await post(stage, request())
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == "1"
        assert {(await task).status_code for task in running} == {200}
        assert (await post(stage, request())).status_code == 200


@pytest.mark.parametrize("stream", [True, False])
async def test_a_client_that_leaves_frees_the_engine(stage: Stage, stream: bool) -> None:
    """The engine stops within a few tokens: the next answer does not wait for 256 of them."""
    await stage.text()
    began = asyncio.get_running_loop().time()
    await stage.text(max_tokens=80)
    whole_s = asyncio.get_running_loop().time() - began

    reader, writer = await asyncio.open_connection("127.0.0.1", int(stage.url.rsplit(":", 1)[1]))
    body = json.dumps(request("y = ", max_tokens=256, stream=stream)).encode()
    writer.write(
        b"POST /v1/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        + f"content-length: {len(body)}\r\n\r\n".encode()
        + body
    )
    await until(lambda: stage.gateway.admission._taken == 1)
    if stream:
        await reader.readuntil(b"data:")
    left = asyncio.get_running_loop().time()
    writer.transport.abort()
    await until(lambda: stage.gateway.admission._taken == 0)
    assert asyncio.get_running_loop().time() - left < 0.5
    await stage.text(max_tokens=1)
    assert asyncio.get_running_loop().time() - left < max(0.5, whole_s / 2)
    metrics = (await stage.client.get("/metrics")).text
    assert "penchant_cancelled_total 1.0" in metrics


async def test_neither_metrics_nor_logs_nor_errors_hold_a_developers_text(stage: Stage) -> None:
    fields: dict[str, Any] = {
        "suffix": f"\n# {CANARY}",
        "penchant": {
            "path": f"/home/{CANARY}.py",
            "developer": "ada",
            "language": CANARY,
            "context": [{"path": CANARY, "text": CANARY}],
        },
    }
    await stage.complete(f"# {CANARY}\nx = ", **fields)
    async for _ in stage.chunks(f"# {CANARY}\nx = ", **fields):
        pass
    for broken in ({**fields, "n": 77}, {**fields, "model": CANARY}, {**fields, "stop": ["a"] * 9}):
        answer = await post(stage, request(CANARY, **broken))
        assert answer.status_code in (400, 404)
        assert CANARY not in answer.text
    metrics = (await stage.client.get("/metrics")).text
    assert 'penchant_completions_total{served="base"} 2.0' in metrics
    assert CANARY not in metrics
    logs = stage.gateway.config.paths.logs
    assert not any(CANARY in path.read_text() for path in logs.glob("*"))
