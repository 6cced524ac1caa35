"""The editor's side view: there without a gateway, and passing on what the gateway says."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from broken.gateway import Gateway

from penchant_core.consent import Level
from penchant_lsp.dashboard import Dashboard
from penchant_lsp.inline import Inline
from penchant_lsp.session import Session
from penchant_lsp.status import Status


class Stage:
    def __init__(self, root: Path) -> None:
        self.session = Session()
        self.session.folders = [root]
        self.session.build()
        self.session.ready.set()
        self.pushed: list[dict[str, Any]] = []
        status = Status(self.session, Inline(self.session, ""), self.pushed.append)
        self.dashboard = Dashboard(self.session, status)

    async def close(self) -> None:
        assert self.session.parts
        self.session.parts.recorder.flush(5)
        await self.session.parts.gateway.close()


@pytest_asyncio.fixture
async def alone(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    """A session whose gateway does not run."""
    monkeypatch.setenv("PENCHANT_GATEWAY__URL", "http://127.0.0.1:9")
    root = tmp_path / "shop"
    root.mkdir()
    stage = Stage(root)
    yield stage
    await stage.close()


async def test_without_a_gateway_the_machine_is_still_told(alone: Stage) -> None:
    parts = alone.session.parts
    assert parts
    workspace = parts.permission.workspace(alone.session.folders[0])
    parts.permission.record.decide(workspace, Level.LOCAL, via="test")
    found = await alone.dashboard.dashboard()
    assert len(found["local"]["statistics"]["days"]) == 30
    assert found["live"] is None
    assert "penchant up" in found["liveProblem"]
    assert found["editor"]["folder"] == "shop"
    assert found["editor"]["consent"] == "local"
    assert found["editor"]["workspace"] == found["local"]["consent"]["workspaces"][0]["workspace"]


async def test_settings_that_cannot_be_used_are_a_problem(alone: Stage) -> None:
    alone.session.parts, kept = None, alone.session.parts
    alone.session.error = "engine.kind: wrong"
    assert await alone.dashboard.dashboard() == {"problem": "engine.kind: wrong"}
    assert (await alone.dashboard.samples())["samples"] is None
    alone.session.parts = kept


@pytest.mark.parametrize(
    "asked",
    [
        (),
        ("promote",),
        ({"action": "promote", "owner": "dev/ada"},),
        ({"action": "promote", "owner": "dev/ada", "version": "../v0001"},),
        ({"action": "rollback", "owner": "dev/../../v1"},),
        ({"action": "rollback"},),
        ({"action": "drop", "owner": "dev/ada", "version": "v0001"},),
    ],
)
async def test_what_makes_no_sense_reaches_no_gateway(alone: Stage, asked: tuple[Any, ...]) -> None:
    with Gateway() as gateway:
        assert alone.session.parts
        alone.session.parts.gateway.address = gateway.address
        answer = await alone.dashboard.adapter(*asked)
        assert gateway.connections == 0
    assert answer["done"] is False
    assert answer["why"].startswith("say wh")


async def test_a_gateway_that_is_down_is_named(alone: Stage) -> None:
    asked = {"action": "rollback", "owner": "dev/ada"}
    assert await alone.dashboard.adapter(asked) == {
        "done": False,
        "why": "nobody answers; start it with `penchant up`",
    }


async def test_an_older_gateway_is_no_error(alone: Stage) -> None:
    with Gateway() as gateway:
        assert alone.session.parts
        alone.session.parts.gateway.address = gateway.address
        found = await alone.dashboard.dashboard()
        assert found["live"] is None
        assert "older" in found["liveProblem"]
