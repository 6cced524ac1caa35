"""A version that is withdrawn under a running gateway: it stops serving, and then its files go."""

import asyncio
from pathlib import Path

import pytest
from serving import Stage, engine_url, plant, publish, serving, until

from penchant_core.adapters import Version
from penchant_server.loader import Loader


def weights(version: Version) -> Path:
    return version.path / "adapter_model.safetensors"


async def test_the_next_in_line_serves_and_the_files_go(tmp_path: Path) -> None:
    async with serving(tmp_path, engine__url=engine_url()) as stage:
        first = plant(stage.store, "dev/ada", "v0001", 1)
        second = plant(stage.store, "dev/ada", "v0002", 2)
        await stage.settled()
        assert (await stage.complete())["penchant"]["version"] == "v0002"
        stage.store.withdraw("dev/ada", ["v0002"], reason="erased")

        async def answers_with(version: str | None) -> bool:
            return bool((await stage.complete())["penchant"]["version"] == version)

        await until(lambda: answers_with("v0001"), 10)
        await until(lambda: not weights(second).exists())
        assert weights(first).exists()
        assert second.engine_name not in await stage.models()
        assert second.engine_name not in await engine_models(stage)
        stage.store.withdraw("dev/ada", ["v0001"], reason="erased")
        await until(lambda: answers_with(None), 10)
        await until(lambda: not weights(first).exists())


async def test_who_asks_for_it_by_name_or_promotes_it_is_refused(tmp_path: Path) -> None:
    async with serving(tmp_path, engine__url=engine_url()) as stage:
        plant(stage.store, "dev/ada", "v0001", 1)
        await stage.settled()
        stage.store.withdraw("dev/ada", ["v0001"], reason="erased")
        await stage.settled()
        body = {"prompt": "x", "max_tokens": 2, "model": "dev-ada-v0001"}
        assert (await stage.client.post("/v1/completions", json=body)).status_code in (400, 404)
        answer = await stage.client.post("/v1/adapters/dev/ada/v0001/promote", json={})
        assert answer.status_code in (404, 409, 422)
        assert "withdrawn" in answer.text
        assert (await stage.complete())["penchant"]["version"] is None


async def test_files_stay_while_a_request_still_runs_on_them(tmp_path: Path) -> None:
    async with serving(tmp_path, engine__url=engine_url()) as stage:
        version = plant(stage.store, "dev/ada", "v0001", 1)
        await stage.settled()
        with stage.gateway.loader.use(version.engine_name):  # as a streaming answer does
            stage.store.withdraw("dev/ada", ["v0001"], reason="erased")
            await stage.settled()
            assert stage.gateway.loader.slots[version.engine_name].withdrawn
            assert version.engine_name in await engine_models(stage)
            assert weights(version).exists()
        await until(lambda: not weights(version).exists())
        assert version.engine_name not in await engine_models(stage)


async def test_a_tombstone_is_noticed_where_the_pointer_never_moved(tmp_path: Path) -> None:
    """Its writer was killed between the two."""
    async with serving(tmp_path, engine__url=engine_url()) as stage:
        version = plant(stage.store, "dev/ada", "v0001", 1)
        await stage.settled()
        (version.path / "tombstone.json").write_text("{}")
        await until(lambda: not weights(version).exists(), 10)
        await stage.settled()
        assert (await stage.complete())["penchant"]["version"] is None
        assert version.engine_name not in stage.gateway.loader.slots


async def test_what_an_earlier_gateway_left_is_removed(tmp_path: Path) -> None:
    async with serving(tmp_path, engine__url=engine_url()) as stage:
        version = publish(stage.store, "dev/grace", 3)
        await stage.gateway.loader.engine().load(version.engine_name, version.path)
        stage.store.withdraw("dev/grace", ["v0001"], reason="erased")
    assert weights(version).exists()
    async with serving(tmp_path, engine__url=engine_url()) as stage:
        await until(lambda: not weights(version).exists())
        assert version.engine_name not in await engine_models(stage)


async def test_a_withdrawal_during_loading_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = asyncio.Event()
    canary = Loader._canary

    async def slow(self: Loader, *arguments: object) -> None:
        stage.store.withdraw("dev/ada", ["v0001"], reason="erased")
        tried.set()
        await canary(self, *arguments)  # type: ignore[arg-type]

    async with serving(tmp_path, engine__url=engine_url()) as stage:
        monkeypatch.setattr(Loader, "_canary", slow)
        version = plant(stage.store, "dev/ada", "v0001", 1)
        await tried.wait()
        await until(lambda: not weights(version).exists(), 10)
        assert (await stage.complete())["penchant"]["version"] is None


async def engine_models(stage: Stage) -> set[str]:
    return {model.name for model in await stage.gateway.loader.engine().models()}
