"""The dashboard's data: whose it is, what a card may say, and what another site may not ask."""

import json
import time
from pathlib import Path
from typing import Any

from broken_engine import broken_engine
from samples import signal
from serving import Stage, make_card, plant, publish, serving, write_lora

from penchant_core.adapters import Version
from penchant_core.store import SignalStore
from penchant_server.guard import TOKEN_HEADER
from penchant_server.samples import PLACES

CANARY = "canary_in_the_code"
JUDGED = {"n": 30, "similarity": 0.31, "retained_chars": 0.6, "parses": 0.53, "secret": None}
BROWSER = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}


def told(stage: Stage, **changes: Any) -> Version:
    with stage.store.staging("dev/ada") as staged:
        write_lora(staged, seed=1)
        card = make_card("dev/ada", **changes)
        return stage.store.publish(staged, card, shapes=stage.gateway.base.shapes())


async def dashboard(stage: Stage) -> dict[str, Any]:
    answer = await stage.client.get("/v1/dashboard")
    assert answer.status_code == 200
    return answer.json()


async def test_a_new_installation_is_told_whole(desk: Stage) -> None:
    found = await dashboard(desk)
    assert found["schema"] == 1
    assert len(found["local"]["statistics"]["days"]) == 30
    assert found["live"]["engine"]["kind"] == "embedded"
    assert found["live"]["serving"] == {"adapter": None, "version": None, "fallback": None}
    (own,) = found["live"]["adapters"]
    assert own == {
        "owner": "dev/ada",
        "live": None,
        "since": 0.0,
        "why": "",
        "refused": None,
        "can_roll_back": False,
        "back": None,
        "versions": [],
    }


async def test_a_card_is_told_by_figures_reasons_and_habits(desk: Stage) -> None:
    after = {**JUDGED, "similarity": 0.69}
    habit = {"words": "double quotes", "became": "learned", "before": 0.4, "after": 0.9, "own": 1}
    told(
        desk,
        evaluation={"base": JUDGED, "candidate": after, "sft": after},
        reasons=["nearer to your text than the base model"],
        style={"sentences": ["double quotes: 40 % → 90 %; you: 100 %"], "lines": [habit]},
        data={"train": 107, "held_out": 30, "recipe": {"rank": 16}},
        contributors=["ada"],
    )
    (version,) = (await dashboard(desk))["live"]["adapters"][0]["versions"]
    assert version["base"]["similarity"] == 0.31
    assert version["before"] == version["base"], "no incumbent: the base model was beaten"
    assert version["after"]["similarity"] == 0.69
    assert version["habits"][0]["words"] == "double quotes"
    assert version["sentences"] and version["reasons"]
    assert version["data"] == {"train": 107, "held_out": 30}
    assert (version["signals"], version["contributors"]) == (1, 1)
    assert "signal-1" not in json.dumps(version), "ids of signals stay where they are"


async def test_what_a_card_says_beside_that_is_passed_over(desk: Stage) -> None:
    strange: list[dict[str, Any]] = [
        {"evaluation": {"base": "good", "candidate": {"similarity": "very"}}},
        {"style": {"sentences": "many", "lines": [{"words": 7}, None]}},
        {"data": {"train": "all", "prompt": CANARY}},
        {"evaluation": {"base": {"n": 3, "texts": [CANARY]}}},
    ]
    for changes in strange:
        told(desk, **changes)
    found = await dashboard(desk)
    assert len(found["live"]["adapters"][0]["versions"]) == len(strange)
    assert CANARY not in json.dumps(found)


async def test_rolling_back_is_offered_where_it_leads_somewhere(desk: Stage) -> None:
    plant(desk.store, "dev/ada", "v0001", seed=1)
    (own,) = (await dashboard(desk))["live"]["adapters"]
    assert (own["live"], own["can_roll_back"], own["back"]) == ("v0001", True, None)
    plant(desk.store, "dev/ada", "v0002", seed=2)
    (own,) = (await dashboard(desk))["live"]["adapters"]
    assert (own["live"], own["back"]) == ("v0002", "v0001")
    assert [version["version"] for version in own["versions"]] == ["v0002", "v0001"]
    desk.store.withdraw("dev/ada", ["v0001"], reason="its signals were erased")
    (own,) = (await dashboard(desk))["live"]["adapters"]
    assert own["back"] is None
    assert own["versions"][1]["withdrawn"]["reason"] == "its signals were erased"


async def test_nobody_elses_versions_are_told(desk: Stage) -> None:
    publish(desk.store, "dev/bob", seed=1)
    found = json.dumps(await dashboard(desk))
    assert "bob" not in found


async def test_no_code_is_told(desk: Stage) -> None:
    paths = desk.gateway.config.paths
    with SignalStore(paths.signal_log("ada")) as log:
        log.add(signal("a", prefix=CANARY, path=f"{CANARY}.py", at=time.time()))
    answer = await desk.client.get("/v1/dashboard")
    assert answer.json()["local"]["statistics"]["today"]["shown"] == 1
    assert CANARY not in answer.text


async def test_the_page_may_act_with_its_token_only(desk: Stage) -> None:
    stage = desk
    plant(stage.store, "dev/ada", "v0001", seed=1)
    await stage.settled()
    path = "/v1/adapters/dev/ada/rollback"
    token = (await stage.client.get("/v1/dashboard", headers=BROWSER)).headers[TOKEN_HEADER]
    assert len(token) > 30
    page = {**BROWSER, "origin": stage.url}
    for bad in ({}, {TOKEN_HEADER: ""}, {TOKEN_HEADER: token[:-1]}, {TOKEN_HEADER: b"\xe4"}):
        refused = await stage.client.post(path, headers={**page, **bad})
        assert refused.status_code == 403
        assert refused.json()["error"]["type"] == "stale_page"
    assert stage.store.pointer("dev/ada").version == "v0001"
    done = await stage.client.post(path, headers={**page, TOKEN_HEADER: token})
    assert done.status_code == 200
    assert stage.store.pointer("dev/ada").version is None


async def test_another_site_may_neither_ask_nor_act(desk: Stage) -> None:
    token = (await desk.client.get("/v1/dashboard")).headers[TOKEN_HEADER]
    for site in ("cross-site", "same-site"):
        said = {"sec-fetch-site": site, "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script"}
        for path in ("/v1/dashboard", "/dashboard.js", "/metrics"):
            assert (await desk.client.get(path, headers=said)).status_code == 403
        for path in ("/v1/adapters/dev/ada/rollback", "/v1/dashboard/samples"):
            answer = await desk.client.post(path, headers={**said, TOKEN_HEADER: token})
            assert answer.status_code == 403
        frame = {**said, "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}
        assert (await desk.client.get("/", headers=frame)).status_code == 403


async def test_a_link_to_the_page_may_be_followed(desk: Stage) -> None:
    visit = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    answer = await desk.client.get("/", headers={**visit, "sec-fetch-dest": "document"})
    assert answer.status_code == 200


async def test_programs_without_a_browser_need_no_token(desk: Stage) -> None:
    answer = await desk.client.post("/v1/adapters/dev/ada/rollback")
    assert answer.status_code == 404, "there is nothing to roll back to"


async def test_before_and_after_are_asked_of_the_engine_at_neutral_places(tmp_path: Path) -> None:
    async with broken_engine() as engine, serving(tmp_path, engine__url=engine.url) as desk:
        nothing = (await desk.client.post("/v1/dashboard/samples")).json()
        assert nothing["adapter"] is None and nothing["samples"] == []
        plant(desk.store, "dev/ada", "v0001", seed=1)
        await desk.settled()
        engine.bodies.clear()
        found = (await desk.client.post("/v1/dashboard/samples")).json()
        assert (found["adapter"], found["version"]) == ("dev/ada", "v0001")
        asked = [body["model"] for body in engine.bodies]
        assert asked == ["base", "dev-ada-v0001"] * len(PLACES)
        assert all(sample["before"] == sample["after"] == "1\n" for sample in found["samples"])
        engine.mode, engine.fails_only = "error", "dev-ada-v0001"
        found = (await desk.client.post("/v1/dashboard/samples")).json()
        assert {sample["after"] for sample in found["samples"]} == {None}, "the base model's is not"
        assert {sample["before"] for sample in found["samples"]} == {"1\n"}


async def test_the_page_is_whole_and_lets_nothing_else_in(desk: Stage) -> None:
    for path, kind in [
        ("/", "text/html"),
        ("/dashboard.js", "text/javascript"),
        ("/dashboard.css", "text/css"),
        ("/icon.svg", "image/svg+xml"),
    ]:
        answer = await desk.client.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(kind)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'") and "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
    text = (await desk.client.get("/")).text
    assert "http" not in text and "style=" not in text and "<script>" not in text


def test_the_built_page_is_that_of_the_sources() -> None:
    """Whoever changes the view builds it; node is not needed to notice."""
    from hashlib import sha256

    root = Path(__file__).parents[3]
    view = root / "vscode-extension" / "view"
    digest = sha256()
    for path in sorted(view.rglob("*"), key=lambda path: path.relative_to(view).as_posix()):
        if path.is_file():
            name = path.relative_to(view).as_posix()
            digest.update(f"{name}\n".encode() + path.read_bytes() + b"\n")
    page = root / "server" / "penchant_server" / "page"
    for name in ("dashboard.js", "dashboard.css"):
        first = (page / name).read_text("utf-8").splitlines()[0]
        assert digest.hexdigest() in first, f"run `npm run build` in vscode-extension: {name}"
    for name in ("index.html", "icon.svg"):
        assert (page / name).read_bytes() == (view / name).read_bytes()
