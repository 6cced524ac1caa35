"""A version is replaced while a stream runs on it: the stream stays its own to the last token."""

from pathlib import Path

from serving import engine_url, plant, publish, serving, until


async def test_the_stream_is_what_it_would_have_been(tmp_path: Path) -> None:
    async with serving(tmp_path, engine__url=engine_url()) as stage:
        plant(stage.store, "dev/ada", "v0001", seed=1)
        await stage.settled()
        expected = await stage.text(max_tokens=40)
        publish(stage.store, "dev/ada", seed=2)
        text, promoted = "", None
        async for chunk in stage.chunks(max_tokens=40):
            assert chunk["penchant"]["version"] == "v0001"
            text += chunk["choices"][0]["text"]
            if promoted is None:
                promoted = await stage.client.post("/v1/adapters/dev/ada/v0002/promote")
                assert promoted.status_code == 200
        assert text == expected
        assert (await stage.complete())["penchant"]["version"] == "v0002"
        await until(lambda: set(stage.gateway.loader.slots) == {"dev-ada-v0002"})


async def test_an_old_version_stays_while_somebody_uses_it(tmp_path: Path) -> None:
    async with serving(tmp_path, engine__url=engine_url()) as stage:
        plant(stage.store, "dev/ada", "v0001", seed=1)
        await stage.settled()
        with stage.gateway.loader.use("dev-ada-v0001"):
            publish(stage.store, "dev/ada", seed=2)
            await stage.client.post("/v1/adapters/dev/ada/v0002/promote")
            slots = stage.gateway.loader.slots
            assert slots["dev-ada-v0001"].draining
            card = (await stage.models())["dev-ada-v0001"]["penchant"]
            assert card["state"] == "draining"
            names = [model.name for model in await stage.gateway.loader.engine().models()]
            assert "dev-ada-v0001" in names
        await until(lambda: set(slots) == {"dev-ada-v0002"})
