"""Who answers: personal, then team, then base; a broken adapter never costs a completion."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from serving import Stage, engine_url, plant, publish, serving, until

from penchant_core.adapters import LIVE


@pytest_asyncio.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with serving(tmp_path, engine__url=engine_url(), developer__team="core") as running:
        yield running


def spoil(stage: Stage, owner: str, version: str) -> None:
    weights = stage.store.get(owner, version).path / "adapter_model.safetensors"
    weights.chmod(0o600)
    weights.write_bytes(weights.read_bytes()[:-4])


async def served(stage: Stage, developer: str = "ada") -> tuple[str | None, str | None]:
    told = (await stage.complete(developer=developer))["penchant"]
    return told["adapter"], told["fallback"]


async def test_the_developers_adapter_comes_first_then_the_teams_then_base(stage: Stage) -> None:
    assert await served(stage) == (None, None)
    plant(stage.store, "team/core", "v0001", seed=2)
    await stage.settled()
    assert await served(stage) == ("team/core", None)
    plant(stage.store, "dev/ada", "v0001", seed=1)
    await stage.settled()
    assert await served(stage) == ("dev/ada", None)
    assert await served(stage, "bob") == ("team/core", None)


async def test_two_developers_each_get_their_own(stage: Stage) -> None:
    plant(stage.store, "dev/ada", "v0001", seed=1)
    plant(stage.store, "dev/bob", "v0001", seed=2)
    await stage.settled()
    assert (await served(stage, "bob"))[0] is None  # noticed now, loaded in a moment
    await until(lambda: "dev-bob-v0001" in stage.gateway.loader.slots)
    assert await served(stage, "bob") == ("dev/bob", None)
    assert await served(stage, "Bob") == ("dev/bob", None)
    voices = [await stage.voice(developer=name) for name in ("ada", "bob", "carl")]
    assert all(voices.count(voice) == 1 for voice in voices)


async def test_a_spoilt_adapter_is_passed_over_and_the_reason_is_told(stage: Stage) -> None:
    plant(stage.store, "team/core", "v0001", seed=2)
    plant(stage.store, "dev/ada", "v0001", seed=1)
    spoil(stage, "dev/ada", "v0001")
    await stage.settled()
    adapter, reason = await served(stage)
    assert adapter == "team/core"
    assert reason and "changed after publishing" in reason
    card = (await stage.models())["dev-ada-v0001"]["penchant"]
    assert card["state"] == "refused"
    assert card["reason"] == reason
    status = (await stage.client.get("/v1/status?developer=ada")).json()
    assert (status["adapter"], status["fallback"]) == ("team/core", reason)


async def test_a_refused_model_asked_for_by_name_falls_back_too(stage: Stage) -> None:
    plant(stage.store, "dev/ada", "v0001", seed=1)
    spoil(stage, "dev/ada", "v0001")
    await stage.settled()
    answer = await stage.complete(model="dev-ada-v0001")
    assert answer["penchant"]["adapter"] is None
    assert "changed after publishing" in answer["penchant"]["fallback"]


async def test_a_pointer_moved_by_another_program_is_followed(stage: Stage) -> None:
    plant(stage.store, "dev/ada", "v0001", seed=1)
    await until(lambda: "dev-ada-v0001" in stage.gateway.loader.slots)
    first = await stage.voice()
    plant(stage.store, "dev/ada", "v0002", seed=2)
    await until(lambda: set(stage.gateway.loader.slots) == {"dev-ada-v0002"})
    assert await stage.voice() != first
    stage.store.roll_back("dev/ada")
    await until(lambda: set(stage.gateway.loader.slots) == {"dev-ada-v0001"})
    assert await stage.voice() == first
    stage.store.promote("dev/ada", None)
    await until(lambda: not stage.gateway.loader.slots)
    assert await served(stage) == (None, None)


async def test_an_unreadable_pointer_costs_no_completion(stage: Stage) -> None:
    plant(stage.store, "dev/ada", "v0001", seed=1)
    (stage.store.base / "dev" / "ada" / LIVE).write_text("{")
    await stage.settled()
    adapter, reason = await served(stage)
    assert adapter is None
    assert reason and "promote a version again" in reason


async def test_an_adapter_that_the_engine_lost_is_loaded_again(stage: Stage) -> None:
    plant(stage.store, "dev/ada", "v0001", seed=1)
    await stage.settled()
    await stage.gateway.loader.engine().unload("dev-ada-v0001")
    adapter, reason = await served(stage)
    assert adapter is None
    assert reason and "lost" in reason
    await until(lambda: "dev-ada-v0001" in stage.gateway.loader.slots)
    assert await served(stage) == ("dev/ada", None)


async def test_more_owners_than_places_take_turns(tmp_path: Path) -> None:
    options = {"engine__url": engine_url(), "engine__max_adapters": 2}
    async with serving(tmp_path / "small", **options) as stage:
        for number, name in enumerate(("ada", "bob", "carl")):
            plant(stage.store, f"dev/{name}", "v0001", seed=number)
        for name in ("ada", "bob", "carl", "ada"):
            await stage.text(developer=name)
            await until(lambda name=name: f"dev-{name}-v0001" in stage.gateway.loader.slots)
            assert await served(stage, name) == (f"dev/{name}", None)
            assert len(stage.gateway.loader.slots) <= 2
        listed = [m.name for m in await stage.gateway.loader.engine().models()]
        assert {name for name in listed if name.startswith("dev-")} <= set(
            stage.gateway.loader.slots
        )


async def test_a_published_version_serves_nobody_before_its_promotion(stage: Stage) -> None:
    publish(stage.store, "dev/ada", seed=1)
    await stage.settled()
    assert await served(stage) == (None, None)
    assert "dev-ada-v0001" not in await stage.models()


async def test_whoever_gets_the_base_model_is_told_why_from_the_first_answer_on(
    stage: Stage, tmp_path: Path
) -> None:
    plant(stage.store, "dev/ada", "v0001", seed=1)
    async with serving(tmp_path, engine__url=engine_url()) as again:
        adapter, reason = await served(again)
        assert adapter == "dev/ada" or (reason and "being loaded" in reason)
        await until(lambda: "dev-ada-v0001" in again.gateway.loader.slots)
        assert await served(again) == ("dev/ada", None)
