"""The embedded engine's own HTTP side: key, dialect, refusals."""

import subprocess
import sys
from typing import Any

import httpx
import pytest
from serving import engine_url, write_lora


def post(route: str, /, **body: Any) -> httpx.Response:
    return httpx.post(f"{engine_url()}/v1/{route}", json=body, timeout=30, trust_env=False)


def test_the_model_list_names_base_and_length() -> None:
    found = httpx.get(f"{engine_url()}/v1/models", trust_env=False).json()["data"]
    assert found[0]["id"] == "base"
    assert found[0]["parent"] is None
    assert found[0]["max_model_len"] == 2048


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"model": "nope", "prompt": "x"}, 404),
        ({"model": "base", "prompt": "x", "n": 2, "temperature": 0}, 400),
        ({"model": "base", "prompt": "x", "max_tokens": 5000}, 400),
        ({"model": "base", "prompt": [10**9]}, 400),
        ({"model": "base", "prompt": [-1]}, 400),
        ({"model": "base", "prompt": ""}, 400),
        ({"model": "base"}, 400),
        ({"model": "base", "prompt": "x", "top_p": 0}, 400),
    ],
)
def test_what_cannot_be_answered_is_refused(body: dict[str, Any], status: int) -> None:
    answer = post("completions", **body)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_text_and_its_token_ids_are_the_same_prompt() -> None:
    text = post("completions", model="base", prompt="def f():", max_tokens=4, temperature=0)
    from serving import base_model
    from tokenizers import Tokenizer

    ids = Tokenizer.from_file(str(base_model().directory / "tokenizer.json")).encode("def f():").ids
    numbers = post("completions", model="base", prompt=ids, max_tokens=4, temperature=0)
    assert text.json()["choices"] == numbers.json()["choices"]


def test_adapters_load_once_and_unload_once(tmp_path: Any) -> None:
    path = str(write_lora(tmp_path / "a", seed=1))
    assert post("load_lora_adapter", lora_name="x1", lora_path=path).status_code == 200
    assert post("load_lora_adapter", lora_name="x1", lora_path=path).status_code == 400
    assert post("load_lora_adapter", lora_name="base", lora_path=path).status_code == 400
    assert post("load_lora_adapter", lora_name="x2", lora_path="relative").status_code == 400
    assert post("load_lora_adapter", lora_name="x2", lora_path="/nowhere").status_code == 400
    assert post("unload_lora_adapter", lora_name="x1").status_code == 200
    assert post("unload_lora_adapter", lora_name="x1").status_code == 404
    assert post("completions", model="x1", prompt="x").status_code == 404


def test_every_route_but_health_asks_for_the_key() -> None:
    """In a process of its own: the shared engine is started without a key."""
    code = """
import sys
from starlette.testclient import TestClient
from types import SimpleNamespace
from penchant_server.embedded.app import Engine, create_app
loaded = SimpleNamespace(device="cpu", dtype="float32", max_model_len=8)
client = TestClient(create_app(Engine(loaded, None, "base", "k")))
assert client.get("/health").status_code == 200
for key in ({}, {"authorization": "Bearer wrong"}, {"authorization": "k\\u00e9".encode()}):
    assert client.get("/v1/models", headers=key).status_code == 401
    for route in ("completions", "load_lora_adapter", "unload_lora_adapter"):
        assert client.post(f"/v1/{route}", json={}, headers=key).status_code == 401
assert client.get("/v1/models", headers={"authorization": "Bearer k"}).status_code == 200
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
