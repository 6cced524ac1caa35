"""/v1/adapters and /v1/status over real HTTP, on the shared embedded engine."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from serving import Stage, make_card, plant, publish, until, write_lora


async def post(stage: Stage, route: str, /, **body: Any) -> Any:
    return await stage.client.post(f"/v1/adapters/{route}", json=body)


async def test_versions_are_listed_with_cards_and_without_signal_ids(stage: Stage) -> None:
    plant(stage.store, "dev/ada", "v0001", seed=1)
    publish(stage.store, "dev/ada", seed=2)
    await stage.settled()
    listed = (await stage.client.get("/v1/adapters")).json()["data"]
    assert listed == [{"owner": "dev/ada", "live": "v0001", "serving": "dev-ada-v0001"}]
    shown = (await stage.client.get("/v1/adapters/dev/ada")).json()
    assert shown["live"]["version"] == "v0001"
    assert [version["version"] for version in shown["versions"]] == ["v0001", "v0002"]
    assert shown["versions"][0]["rank"] == 4
    assert "signal" not in json.dumps(shown["versions"])


async def test_promoting_loads_tries_and_then_moves_the_pointer(stage: Stage) -> None:
    plant(stage.store, "dev/ada", "v0001", seed=1)
    await stage.settled()
    first = await stage.voice()
    publish(stage.store, "dev/ada", seed=2)
    answer = await post(stage, "dev/ada/v0002/promote")
    assert answer.status_code == 200
    assert answer.json()["live"]["version"] == "v0002"
    assert stage.store.pointer("dev/ada").previous[0] == "v0001"
    assert (await stage.complete())["penchant"]["version"] == "v0002"  # at once, no gap
    back = await post(stage, "dev/ada/rollback")
    assert back.json()["live"]["version"] == "v0001"
    assert back.json()["reason"] is None
    assert await stage.voice() == first


async def test_a_version_that_fails_leaves_everything_as_it_was(stage: Stage) -> None:
    plant(stage.store, "dev/ada", "v0001", seed=1)
    await stage.settled()
    bad = publish(stage.store, "dev/ada", seed=2)
    config = bad.path / "adapter_config.json"
    config.chmod(0o600)
    config.write_text(config.read_text().replace('"r": 4', '"r": 8'))
    answer = await post(stage, "dev/ada/v0002/promote")
    assert answer.status_code == 409
    assert "changed after publishing" in answer.json()["error"]["message"]
    assert stage.store.pointer("dev/ada").version == "v0001"
    assert (await stage.complete())["penchant"]["version"] == "v0001"


async def test_an_adapter_that_answers_nothing_fails_the_canary(stage: Stage) -> None:
    """Weights that blow every score up pass all checks on disk: only trying them shows it."""
    publish(stage.store, "dev/ada", seed=1, strength=1e30)
    answer = await post(stage, "dev/ada/v0001/promote")
    assert answer.status_code in (409, 502)
    assert stage.store.pointer("dev/ada").version is None
    assert stage.gateway.loader.slots == {}
    listed = [model.name for model in await stage.gateway.loader.engine().models()]
    assert "dev-ada-v0001" not in listed


@pytest.mark.parametrize(
    "path", ["dev/ada/v0009/promote", "dev/ada/latest/promote", "dev/nobody/rollback"]
)
async def test_what_is_not_there_is_404(stage: Stage, path: str) -> None:
    assert (await post(stage, path)).status_code == 404


@pytest.mark.parametrize("owner", ["root/ada", "dev/%2e%2e", "dev/A", "dev/a_b"])
async def test_what_is_no_owner_is_404(stage: Stage, owner: str) -> None:
    assert (await stage.client.get(f"/v1/adapters/{owner}")).status_code == 404
    assert (await post(stage, f"{owner}/publish", path="/tmp")).status_code == 404


async def test_a_directory_of_this_user_is_published_and_stays(
    stage: Stage, tmp_path: Path
) -> None:
    directory = write_lora(tmp_path / "mine", seed=3)
    answer = await post(stage, "dev/ada/publish", path=str(directory))
    assert answer.status_code == 201
    assert answer.json()["version"] == "v0001"
    assert answer.json()["method"] == "imported"
    assert sorted(path.name for path in directory.iterdir()) == [
        "adapter_config.json",
        "adapter_model.safetensors",
    ]
    assert stage.store.pointer("dev/ada").version is None
    stage.store.verify(stage.store.get("dev/ada", "v0001"), stage.gateway.base.directory)


async def test_a_sound_card_comes_along_under_the_asked_owner(stage: Stage, tmp_path: Path) -> None:
    directory = write_lora(tmp_path / "mine", seed=3)
    (directory / "card.json").write_text(make_card("dev/bob", run="r7").model_dump_json())
    answer = (await post(stage, "dev/ada/publish", path=str(directory))).json()
    assert (answer["owner"], answer["run"], answer["method"]) == ("dev/ada", "r7", "sft")
    foreign = make_card("dev/ada", base_fingerprint="f" * 16)
    (directory / "card.json").write_text(foreign.model_dump_json())
    refused = await post(stage, "dev/ada/publish", path=str(directory))
    assert refused.status_code == 409


async def test_a_path_that_is_not_a_directory_of_this_user_is_refused(
    stage: Stage, tmp_path: Path
) -> None:
    sound = write_lora(tmp_path / "sound", seed=3)
    link = tmp_path / "link"
    link.symlink_to(sound)
    inside = write_lora(tmp_path / "inside", seed=3)
    (inside / "README.md").symlink_to("/etc/hostname")
    pickled = write_lora(tmp_path / "pickled", seed=3)
    (pickled / "adapter_model.bin").write_bytes(b"\x80\x04")
    paths = [link, inside, pickled, tmp_path / "none", sound / ".." / "sound", Path("relative")]
    paths += [Path("/etc"), Path("/"), Path("/dev/null")]
    for path in paths:
        answer = await post(stage, "dev/ada/publish", path=str(path))
        assert answer.status_code == 409, path
    assert stage.store.versions("dev/ada") == []


async def test_status_tells_engine_adapter_and_training(stage: Stage) -> None:
    async def training() -> Any:
        return (await stage.client.get("/v1/status")).json()["training"]

    status = (await stage.client.get("/v1/status")).json()
    assert status["engine"] == {"kind": "embedded", "state": "ready", "reason": None}
    assert status["adapter"] is None
    assert status["training"] is None
    assert status["idle_s"] is None
    await stage.client.post("/v1/completions", json={"prompt": "x = ", "max_tokens": 1})
    assert 0 <= (await stage.client.get("/v1/status")).json()["idle_s"] < 60
    path = stage.gateway.config.paths.runs / "ada" / "progress.json"
    path.parent.mkdir(parents=True)
    state = {"phase": "train_sft", "progress": 0.25, "at": time.time(), "run": "r1"}
    path.write_text(json.dumps(state))
    assert await training() == {**state, "waiting": ""}
    path.write_text(json.dumps({**state, "waiting": "you are writing"}))
    assert await training() == {**state, "waiting": "you are writing"}
    old = {**state, "at": time.time() - 121}
    path.write_text(json.dumps(old))
    assert await training() is None
    path.write_text(json.dumps({**old, "pid": os.getpid()}))
    assert await training() == {**old, "waiting": ""}, "a long step of a run that lives"
    path.write_text(json.dumps({**old, "pid": 2**40}))
    assert await training() is None
    path.write_text(json.dumps({**old, "pid": os.getpid(), "at": time.time() - 4000}))
    assert await training() is None
    for broken in ("{", "[]", json.dumps({**state, "progress": 7}), "x" * 20_000, "\udcff"):
        path.write_text(broken, errors="surrogateescape")
        assert await training() is None
    other = (await stage.client.get("/v1/status?developer=bob")).json()
    assert other["training"] is None
    assert (await stage.client.get("/v1/status?developer=///")).status_code == 400


async def test_health_and_readiness(stage: Stage) -> None:
    assert (await stage.client.get("/healthz")).status_code == 200
    assert (await stage.client.get("/readyz")).status_code == 200
    await until(lambda: stage.gateway.ready)
    metrics = (await stage.client.get("/metrics")).text
    assert "penchant_engine_ready 1.0" in metrics
