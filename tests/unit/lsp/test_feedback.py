"""When a question may come: the moment, the budget, the workspace, and one click that ends it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from samples import signal

from penchant_core.config import load
from penchant_core.consent import Level
from penchant_core.paths import Paths
from penchant_core.question_budget import QuestionBudget
from penchant_core.signals import Candidate
from penchant_core.store import SignalStore
from penchant_lsp import feedback as module
from penchant_lsp.feedback import QUIET_S, Feedback
from penchant_lsp.inline import Inline
from penchant_lsp.session import Presence, Session
from penchant_lsp.status import Status

TWO = (
    Candidate("return sum(prices) + shipping", -4.0, "stop"),
    Candidate("for each in prices: yield each", -4.0, "stop"),
)


class Stage:
    """A session with real parts whose clock stands still."""

    def __init__(self, root: Path) -> None:
        self.now = 100.0
        self.session = Session()
        self.session.clock = lambda: self.now
        self.session.typed_at = self.now
        self.session.folders = [root]
        self.session.build()
        self.session.ready.set()
        self.pushed: list[dict[str, Any]] = []
        status = Status(self.session, Inline(self.session, ""), self.pushed.append)
        self.feedback = Feedback(self.session, status)
        self.workspace = self.parts.permission.workspace(root)

    @property
    def parts(self) -> Any:
        return self.session.parts

    def record(self, *names: str) -> None:
        with SignalStore(self.parts.recorder.path) as store:
            for name in names:
                row = signal(name, candidates=TWO, workspace=self.workspace)
                store.add(row)
        self.parts.recorder.recorded += len(names)

    async def considered(self) -> str | None:
        await self.feedback.consider()
        question = self.session.question
        return None if question is None else question.completion.id


@pytest_asyncio.fixture
async def stage(home: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    root = tmp_path / "work"
    root.mkdir()
    stage = Stage(root)
    stage.parts.permission.record.decide(stage.workspace, Level.LOCAL, via="test")
    yield stage
    stage.parts.recorder.flush(5)


@pytest.mark.asyncio
async def test_a_question_comes_when_nobody_types(stage: Stage, paths: Paths) -> None:
    stage.record("c1")
    assert await stage.considered() is None, "just typed"
    stage.now += QUIET_S
    assert await stage.considered() == "c1"
    assert stage.pushed[-1]["question"] is True
    assert QuestionBudget(paths.questions).left(3) == 2
    assert "return sum" not in paths.questions.read_text()
    told = (await stage.feedback.question({"action": "get"}))["question"]
    assert told["before"] == "def f():\n    "
    assert {each["text"] for each in told["candidates"]} == {each.text for each in TWO}
    assert (await stage.feedback.question({"action": "skip"}))["question"] is None
    assert stage.pushed[-1]["question"] is False
    assert await stage.considered() is None, "skipped is skipped"


@pytest.mark.asyncio
async def test_not_more_than_a_few_a_day(stage: Stage) -> None:
    stage.now += QUIET_S
    found = []
    for number in range(5):
        stage.record(f"c{number}")
        found.append(await stage.considered())
        await stage.feedback.question({"action": "skip"})
    assert len([each for each in found if each]) == 3
    assert found[3:] == [None, None]
    asked_for = (await stage.feedback.question({"action": "get"}))["question"]
    assert asked_for["completionId"] in {"c3", "c4"}, "whoever wants more may have more"


@pytest.mark.asyncio
async def test_one_question_waits_and_no_other_takes_its_place(stage: Stage) -> None:
    stage.now += QUIET_S
    stage.record("c1")
    first = await stage.considered()
    stage.record("c2")
    assert await stage.considered() == first


@pytest.mark.asyncio
@pytest.mark.parametrize("why", ["unfocused", "paused", "workspace", "consent", "elsewhere"])
async def test_when_no_question_comes(stage: Stage, why: str, tmp_path: Path) -> None:
    stage.record("c1")
    stage.now += QUIET_S
    if why == "unfocused":
        stage.session.presence = Presence(focused=False)
    elif why == "paused":
        stage.session.paused = True
    elif why == "workspace":
        (tmp_path / "work" / ".penchant.toml").write_text("[feedback]\nask = false\n")
    elif why == "consent":
        stage.parts.permission.record.decide(stage.workspace, Level.OFF, via="test")
    else:
        stage.session.folders = [tmp_path]
        elsewhere = stage.parts.permission.workspace(tmp_path)
        stage.parts.permission.record.decide(elsewhere, Level.LOCAL, via="test")
    assert await stage.considered() is None
    stage.parts.permission.trusted = False
    assert (await stage.feedback.question({}))["question"] is None


@pytest.mark.asyncio
async def test_a_question_goes_when_consent_goes(stage: Stage) -> None:
    stage.record("c1")
    stage.now += QUIET_S
    assert await stage.considered() == "c1"
    stage.parts.permission.record.decide(stage.workspace, Level.OFF, via="test")
    assert await stage.considered() is None
    assert stage.pushed[-1]["question"] is False


@pytest.mark.asyncio
async def test_never_is_for_good_and_keeps_the_rest_of_the_settings(
    stage: Stage, paths: Paths
) -> None:
    paths.config_file.parent.mkdir(parents=True, exist_ok=True)
    paths.config_file.write_text("# mine\n[training]\nseed = 4\n")
    stage.record("c1", "c2")
    stage.now += QUIET_S
    await stage.considered()
    assert (await stage.feedback.question({"action": "never"}))["question"] is None
    stage.record("c3")
    assert await stage.considered() is None
    settings = load().settings
    assert (settings.feedback.ask, settings.training.seed) == (False, 4)
    assert paths.config_file.read_text().startswith("# mine")


@pytest.mark.asyncio
async def test_never_holds_for_the_session_where_the_settings_cannot_be_written(
    stage: Stage, paths: Paths
) -> None:
    paths.config_file.parent.mkdir(parents=True, exist_ok=True)
    paths.config_file.write_text("[training\n")
    await stage.feedback.question({"action": "never"})
    stage.record("c1")
    stage.now += QUIET_S
    assert await stage.considered() is None
    assert "for this session only" in stage.pushed[-1]["lastError"]


@pytest.mark.asyncio
async def test_an_answer_ends_the_question_and_is_stored(stage: Stage, paths: Paths) -> None:
    stage.record("c1")
    stage.now += QUIET_S
    await stage.considered()
    told = {"completionId": "c1", "index": 1, "over": [0], "reason": "clearer"}
    assert await stage.feedback.prefer(told) == {"stored": True}
    assert stage.session.question is None
    with SignalStore(paths.signal_log("ada")) as store:
        [rating] = store.ratings()
    assert (rating.kind, rating.order, rating.reason) == ("comparison", (1, 0), "clearer")
    assert (await stage.feedback.question({"action": "get"}))["question"] is None


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("command", "asked"),
    [
        ("prefer", {}),
        ("prefer", {"completionId": "c1", "index": 0}),
        ("prefer", {"completionId": "c1", "index": 0, "over": [0]}),
        ("prefer", {"completionId": "c1", "index": True, "over": [1]}),
        ("prefer", {"completionId": "c1", "index": 0, "over": [2]}),
        ("prefer", {"completionId": "c1", "index": 0, "over": [-1]}),
        ("prefer", {"completionId": "gone", "index": 0, "over": [1]}),
        ("prefer", {"completionId": 7, "index": 0, "over": [1]}),
        ("prefer", {"completionId": "c1", "index": 0, "over": "1"}),
        ("rank", {"completionId": "c1", "order": [0]}),
        ("rank", {"completionId": "c1", "order": [0, 0]}),
        ("rank", {"completionId": "c1", "order": [0, 1, 2]}),
        ("rank", {"completionId": "c1"}),
        ("rate", {"completionId": "c1", "rating": "sideways"}),
        ("rate", {"completionId": "c1", "rating": "up", "index": 2}),
        ("rate", {"completionId": "c1", "rating": "up", "index": "0"}),
        ("rate", {"completionId": "c1", "rating": "up", "reason": "AKIA" + "Z7QF3KXLM2NP4RST"}),
    ],
)
async def test_what_does_not_fit_is_not_stored(
    stage: Stage, paths: Paths, command: str, asked: dict[str, Any]
) -> None:
    stage.record("c1")
    answer = await getattr(stage.feedback, command)(asked)
    assert answer["stored"] is False
    assert answer["why"]
    with SignalStore(paths.signal_log("ada")) as store:
        assert store.ratings() == []


@pytest.mark.asyncio
async def test_a_ranking_is_stored_as_one(stage: Stage, paths: Paths) -> None:
    stage.record("c1")
    assert (await stage.feedback.rank({"completionId": "c1", "order": [1, 0]}))["stored"]
    with SignalStore(paths.signal_log("ada")) as store:
        assert [(r.kind, r.order) for r in store.ratings()] == [("ranking", (1, 0))]


@pytest.mark.asyncio
async def test_without_consent_nothing_is_stored(stage: Stage, paths: Paths) -> None:
    stage.record("c1")
    stage.parts.permission.record.decide(stage.workspace, Level.OFF, via="test")
    told = {"completionId": "c1", "index": 1, "over": [0]}
    assert (await stage.feedback.prefer(told))["stored"] is False
    with SignalStore(paths.signal_log("ada")) as store:
        assert store.ratings() == []


@pytest.mark.asyncio
async def test_the_watch_ends_with_the_session(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_S", 0.001)
    stage.record("c1")
    stage.now += QUIET_S
    watch = asyncio.ensure_future(stage.feedback.watch())
    while stage.session.question is None:
        await asyncio.sleep(0.001)
    stage.session.question = None
    parts, stage.session.parts = stage.session.parts, None
    await asyncio.wait_for(watch, 5)
    stage.session.parts = parts


@pytest.mark.parametrize(
    ("presence", "uri", "unseen"),
    [
        (Presence(), "file:///a", False),
        (Presence(False), "file:///a", True),
        (Presence(True, frozenset({"file:///b"})), "file:///a", True),
        (Presence(True, frozenset({"file:///a"})), "file:///a", False),
        (Presence(True, frozenset({"file:///b"})), None, False),
    ],
)
def test_who_looks(presence: Presence, uri: str | None, unseen: bool) -> None:
    assert presence.unseen(uri) is unseen
