"""What a web page could send through a visitor's browser is refused."""

import pytest
from serving import Stage, request


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
async def test_a_foreign_host_is_refused(desk: Stage, host: str) -> None:
    answer = await desk.client.get("/v1/models", headers={"host": host})
    assert answer.status_code == 403
    assert answer.json()["error"]["message"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9", "[::1]:7717"])
async def test_this_machines_names_pass(desk: Stage, host: str) -> None:
    assert (await desk.client.get("/v1/models", headers={"host": host})).status_code == 200


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:3000", "file://", ""]
)
async def test_a_foreign_origin_is_refused(desk: Stage, origin: str) -> None:
    answer = await desk.client.post("/v1/completions", json=request(), headers={"origin": origin})
    assert answer.status_code == 403


async def test_the_gateways_own_origin_passes(desk: Stage) -> None:
    answer = await desk.client.get("/v1/models", headers={"origin": desk.url})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/v1/load_lora_adapter", "/adapters"])
async def test_only_the_gateways_own_routes_exist(desk: Stage, path: str) -> None:
    for answer in (await desk.client.get(path), await desk.client.post(path, json={})):
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == 404
