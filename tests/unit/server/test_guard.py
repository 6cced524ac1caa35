"""What a web page could send through a visitor's browser is refused."""

import pytest
from serving import Stage, request


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
async def test_a_foreign_host_is_refused(stage: Stage, host: str) -> None:
    answer = await stage.client.get("/v1/models", headers={"host": host})
    assert answer.status_code == 403
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9", "[::1]:7717"])
async def test_this_machines_names_pass(stage: Stage, host: str) -> None:
    assert (await stage.client.get("/v1/models", headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:3000", "file://", ""]
)
async def test_a_foreign_origin_is_refused(stage: Stage, origin: str) -> None:
    answer = await stage.client.post("/v1/completions", json=request(), headers={"origin": origin})
    assert answer.status_code == 403


async def test_the_gateways_own_origin_passes(stage: Stage) -> None:
    answer = await stage.client.get("/v1/models", headers={"origin": stage.url})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/v1/load_lora_adapter", "/adapters"])
async def test_only_the_gateways_own_routes_exist(stage: Stage, path: str) -> None:
    for answer in (await stage.client.get(path), await stage.client.post(path, json={})):
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == 404
