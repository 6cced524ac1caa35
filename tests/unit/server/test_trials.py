"""A version on trial answers in half of the places, and never costs a completion."""

from serving import Stage, plant, publish, until

from penchant_server.trials import BLOCK_S, takes

OWNER = "dev/ada"
TRIED = "dev-ada-v0002"


async def version(stage: Stage, path: str) -> str | None:
    answer = await stage.complete(penchant={"path": path}, developer="ada")
    found: str | None = answer["penchant"]["version"]
    return found


def paths(stage: Stage, name: str = TRIED) -> tuple[str, str]:
    """Return a document that the version on trial answers in now, and one that it does not."""
    now = stage.gateway.reconciler.trials.clock()
    found = {takes(name, f"src/f{n}.py", now): f"src/f{n}.py" for n in range(40)}
    return found[True], found[False]


async def begun(stage: Stage) -> None:
    """v0001 is live, v0002 is tried beside it; the clock stands still."""
    plant(stage.store, OWNER, "v0001", seed=1)
    publish(stage.store, OWNER, seed=2)
    stage.gateway.reconciler.trials.clock = lambda: 1.8e9
    stage.store.begin_trial(OWNER, "v0002", wanted=10)
    await until(lambda: {"dev-ada-v0001", TRIED} <= set(stage.gateway.loader.slots))


async def test_both_serve_each_in_its_places_and_change_over_with_the_time(stage: Stage) -> None:
    await begun(stage)
    new, old = paths(stage)
    for _ in range(2):
        assert [await version(stage, p) for p in (new, old)] == ["v0002", "v0001"]
    stage.gateway.reconciler.trials.clock = lambda: 1.8e9 + BLOCK_S
    assert {await version(stage, p) for p in (new, old)} <= {"v0001", "v0002"}
    both = [takes(TRIED, new, 1.8e9 // BLOCK_S // 2 * 2 * BLOCK_S + n * BLOCK_S) for n in (0, 1)]
    assert sorted(both) == [False, True]
    card = (await stage.models())[TRIED]["penchant"]
    assert (card["state"], card["version"]) == ("trial", "v0002")
    told = (await stage.client.get("/v1/adapters/dev/ada")).json()
    assert (told["live"]["version"], told["trial"]["wanted"]) == ("v0001", 10)
    status = (await stage.client.get("/v1/status")).json()
    assert status["version"] == "v0001"


async def test_it_goes_live_without_being_loaded_again(stage: Stage) -> None:
    await begun(stage)
    slot = stage.gateway.loader.slots[TRIED]
    answer = await stage.client.post("/v1/adapters/dev/ada/v0002/promote", json={})
    assert answer.status_code == 200
    assert stage.gateway.loader.slots[TRIED] is slot
    assert {await version(stage, p) for p in paths(stage)} == {"v0002"}
    await until(lambda: set(stage.gateway.loader.slots) == {TRIED})


async def test_rolling_back_ends_the_trial_and_what_is_live_stays(stage: Stage) -> None:
    await begun(stage)
    answer = await stage.client.post("/v1/adapters/dev/ada/rollback")
    assert answer.json()["live"]["version"] == "v0001"
    assert {await version(stage, p) for p in paths(stage)} == {"v0001"}
    await until(lambda: TRIED not in stage.gateway.loader.slots)
    trial = stage.store.trial(OWNER)
    assert trial and trial.end == "stopped"


async def test_a_first_version_is_tried_beside_the_base_model(stage: Stage) -> None:
    publish(stage.store, OWNER, seed=1)
    publish(stage.store, "dev/bob", seed=3)
    stage.gateway.reconciler.trials.clock = lambda: 1.8e9
    stage.store.begin_trial(OWNER, "v0001", wanted=10)
    stage.store.begin_trial("dev/bob", "v0001", wanted=10)
    await until(lambda: "dev-ada-v0001" in stage.gateway.loader.slots)
    new, old = paths(stage, "dev-ada-v0001")
    assert [await version(stage, p) for p in (new, old)] == ["v0001", None]
    await stage.complete(developer="bob")  # noticed now, loaded in a moment
    await until(lambda: "dev-bob-v0001" in stage.gateway.loader.slots)
