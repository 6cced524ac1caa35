"""What a phase reports to: waits are told and cost no time, limits end it, trainings may draw."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from unit.trainer.curve_reader import curves

from penchant_core.schedule_settings import ScheduleSettings
from penchant_trainer import progress
from penchant_trainer.attendance import Attendance, draw, over
from penchant_trainer.curves import Curves
from penchant_trainer.limits import LimitReached, Limits
from penchant_trainer.progress import Progress
from penchant_trainer.sampling import Steps


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Polite:
    """A courtesy that waits ``next_s`` seconds when it is asked next."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.waited_s, self.next_s = clock, 0.0, 0.0

    def wait(self, meanwhile: object) -> None:
        if self.next_s:
            assert callable(meanwhile)
            meanwhile()
        self.clock.now += self.next_s
        self.waited_s += self.next_s
        self.next_s = 0.0


class Stage:
    def __init__(self, directory: Path) -> None:
        self.clock = Clock()
        self.polite = Polite(self.clock)
        self.told = Progress(directory, "r")
        self.curves = Curves(directory)
        self.curves.begin("train_sft", 2)
        schedule = ScheduleSettings(max_minutes=10)
        self.report = Attendance(
            self.told.phase("train_sft"),
            courtesy=self.polite,  # type: ignore[arg-type]
            limits=Limits(schedule, clock=self.clock, memory=lambda: 0),
            curves=self.curves,
            whole=lambda: None,
        )


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    found = Stage(tmp_path)
    yield found
    found.curves.close()


def test_waiting_is_told_and_is_no_work(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.report(0.1)
    stage.polite.next_s = 3600.0
    monkeypatch.setattr(progress, "_TOLD_EVERY_S", 1e-9)
    stage.report(0.2)
    found = progress.read(tmp_path)
    assert found is not None
    assert found.waiting == "you are writing"
    assert not stage.report.over()


def test_a_run_ends_at_its_limit(stage: Stage) -> None:
    stage.clock.now += 601
    with pytest.raises(LimitReached):
        stage.report(0.1)


def test_a_training_whose_time_is_up_is_asked_to_end(stage: Stage) -> None:
    steps, control = Steps(stage.report), SimpleNamespace(should_training_stop=False)
    state = SimpleNamespace(global_step=3, max_steps=10)
    steps.on_step_end(None, state, control)
    assert not control.should_training_stop
    assert not stage.report.ended_early
    stage.clock.now += 7 * 60 + 1
    steps.on_step_end(None, state, control)
    assert control.should_training_stop
    assert stage.report.ended_early


def test_a_training_draws_its_steps_but_not_its_summary(stage: Stage, tmp_path: Path) -> None:
    steps, state = Steps(stage.report), SimpleNamespace(global_step=3, max_steps=10)
    steps.on_log(None, state, None, logs={"loss": 0.5, "rewards/margins": 0.25})
    steps.on_log(None, state, None, logs={"train_runtime": 12.0, "total_flos": 1e12})
    steps.on_log(None, state, None)
    assert curves(tmp_path) == {"sft/loss": [(3, 0.5)], "sft/rewards/margins": [(3, 0.25)]}


def test_a_plain_function_is_a_report_too() -> None:
    heard: list[float] = []
    steps, control = Steps(heard.append), SimpleNamespace(should_training_stop=False)
    state = SimpleNamespace(global_step=5, max_steps=10)
    steps.on_step_end(None, state, control)
    steps.on_log(None, state, None, logs={"loss": 0.5})
    draw(heard.append, {"loss": 1.0}, 1)
    assert heard == [0.5]
    assert not over(heard.append)
    assert not control.should_training_stop
