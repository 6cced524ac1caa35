"""What ``penchant demo`` tells when the gate refuses what was trained."""

from pathlib import Path
from typing import Any

import pytest

from penchant_core.signals import Counts
from penchant_trainer.demo import cli, story
from penchant_trainer.demo.stage import Stage

REASONS = ["not surely nearer to your text than the base model", "forgot too much"]


class Trained(Stage):
    """A stage on which a run has ended; ``version`` is what went live, if anything did."""

    version: str | None = None

    def train(self, developer: str, *, quiet: bool) -> dict[str, Any]:
        return {"live": self.version is not None, "reasons": REASONS}

    def status(self, developer: str) -> dict[str, Any]:
        return {"adapter": f"dev/{developer}", "version": self.version}


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The developers who wrote, in order; nothing is really written."""
    wrote: list[str] = []

    async def session(stage: Stage, developer: str, written: list[Any]) -> list[Any]:
        wrote.append(developer)
        return []

    def counts(stage: Stage, developer: str, *, version: str | None = None) -> Counts:
        return Counts(shown=9 if version else 7)

    monkeypatch.setattr(story, "session", session)
    monkeypatch.setattr(story, "counts", counts)
    return wrote


def played(version: str | None, told: list[str]) -> story.Story:
    class Now(Trained):
        pass

    Now.version = version
    found = story.Story()
    stage = Now(Path(), "http://127.0.0.1:1", {})
    story._acts(found, stage, story.Plan(learn=1, measure=1), told.append)
    return found


def test_after_a_refusal_nothing_is_written_with_and_no_last_row_is_printed(
    sessions: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[str] = []
    found = played(None, told)
    cli._print(found)
    printed = capsys.readouterr().out
    assert sessions == [story.BEFORE, story.AFTER], "before, and to learn from"
    assert "refused what was trained" in told[-1]
    assert "base model" in printed
    assert "None" not in printed
    assert "Side by side" not in printed
    assert all(f"gate: {reason}" in printed for reason in REASONS)
    assert not found.as_json()["served_by_trained_version"]


def test_what_went_live_has_a_row_of_its_own(
    sessions: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    found = played("v0001", [])
    cli._print(found)
    printed = capsys.readouterr().out
    assert sessions == [story.BEFORE, story.AFTER, story.AFTER]
    assert "dev/demo v0001" in printed
    assert "Side by side" in printed
    assert found.served
