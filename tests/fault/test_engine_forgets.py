"""An engine that somebody else restarted knows no adapter any more: they are loaded again."""

from pathlib import Path

from broken_engine import broken_engine
from serving import plant, request, serving, until


async def test_everything_is_brought_back(tmp_path: Path) -> None:
    async with broken_engine() as engine:
        options = {"engine__kind": "vllm", "engine__url": engine.url}
        async with serving(tmp_path, **options) as stage:
            plant(stage.store, "dev/ada", "v0001", seed=1)
            await stage.settled()
            assert set(engine.loaded) == {"penchant-null", "dev-ada-v0001"}
            engine.loaded.clear()
            await stage.client.post("/v1/completions", json=request())
            await until(lambda: set(engine.loaded) == {"penchant-null", "dev-ada-v0001"})
            await until(lambda: "dev-ada-v0001" in stage.gateway.loader.slots)
            told = (await stage.complete())["penchant"]
            assert (told["adapter"], told["fallback"]) == ("dev/ada", None)
            assert (await stage.complete(developer="bob"))["penchant"]["adapter"] is None
