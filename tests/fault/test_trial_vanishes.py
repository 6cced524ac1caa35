"""What is on trial goes away, one way or another: what is live answers."""

import shutil
from pathlib import Path

import pytest
from serving import Stage, engine_url, plant, publish, serving, until

from penchant_core.trials import TRIAL, Trial, write_trial

OWNER = "dev/ada"
TRIED = "dev-ada-v0002"


async def begun(stage: Stage, *, loaded: bool = True) -> None:
    plant(stage.store, OWNER, "v0001", seed=1)
    await stage.settled()
    publish(stage.store, OWNER, seed=2)
    stage.gateway.reconciler.trials.clock = lambda: 1.8e9
    if loaded:
        stage.store.begin_trial(OWNER, "v0002", wanted=10)
        await until(lambda: TRIED in stage.gateway.loader.slots)


async def versions(stage: Stage) -> set[str | None]:
    """Who answers in many documents; each answers."""
    asked = [stage.complete(penchant={"path": f"f{n}.py"}, developer="ada") for n in range(8)]
    return {(await each)["penchant"]["version"] for each in asked}


@pytest.mark.parametrize("fault", ["spoilt", "gone"])
async def test_before_it_is_loaded(fault: str, tmp_path: Path) -> None:
    async with serving(tmp_path, engine__url=engine_url()) as stage:
        await begun(stage, loaded=False)
        path = stage.store.get(OWNER, "v0002").path
        if fault == "gone":
            shutil.rmtree(path)
        else:
            (path / "adapter_model.safetensors").chmod(0o600)
            (path / "adapter_model.safetensors").write_bytes(b"no weights")
        write_trial(path.parent, Trial(version="v0002", wanted=10))
        await until(lambda: _ended(stage))
        assert await versions(stage) == {"v0001"}


async def test_the_engine_forgets_it(tmp_path: Path) -> None:
    async with serving(tmp_path, engine__url=engine_url()) as stage:
        await begun(stage)
        assert await versions(stage) == {"v0001", "v0002"}
        await stage.gateway.loader.engine().unload(TRIED)
        answers = [
            (await stage.complete(penchant={"path": f"f{n}.py"}, developer="ada"))["penchant"]
            for n in range(8)
        ]
        lost = [a for a in answers if a["fallback"]]
        assert lost and "lost" in lost[0]["fallback"]
        assert lost[0]["version"] == "v0001"
        await until(lambda: TRIED in stage.gateway.loader.slots)
        assert await versions(stage) == {"v0001", "v0002"}


async def test_what_it_learned_from_is_erased(tmp_path: Path) -> None:
    async with serving(tmp_path, engine__url=engine_url()) as stage:
        await begun(stage)
        weights = stage.store.get(OWNER, "v0002").path / "adapter_model.safetensors"
        stage.store.withdraw(OWNER, ["v0002"], reason="erased")
        await until(lambda: not weights.exists())
        assert TRIED not in stage.gateway.loader.slots
        assert _ended(stage)
        assert await versions(stage) == {"v0001"}


async def test_its_file_is_damaged(tmp_path: Path) -> None:
    async with serving(tmp_path, engine__url=engine_url()) as stage:
        await begun(stage)
        (stage.store.base / OWNER / TRIAL).write_text("{")
        await until(lambda: TRIED not in stage.gateway.loader.slots)
        assert await versions(stage) == {"v0001"}


def _ended(stage: Stage) -> bool:
    trial = stage.store.trial(OWNER)
    return trial is not None and not trial.active
