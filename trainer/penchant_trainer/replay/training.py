"""Trains a rung by the very trainings of ``penchant train``, on lessons from the past.

What a rung learns from is not divided again: it is judged by a future that lies outside. Only the
reward model keeps the newest of the past back, as a run does, since that decides whether practice
may trust it. Knows nothing of figures and reports.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

from penchant_core.adapters import AdapterStore
from penchant_core.config import Config
from penchant_core.settings import Method
from penchant_trainer import candidates
from penchant_trainer.material import Material
from penchant_trainer.progress import Report
from penchant_trainer.replay.rungs import OWN, Course, Rung, Skipped
from penchant_trainer.replay.site import Site
from penchant_trainer.run import Run
from penchant_trainer.split import Split
from penchant_trainer.units import Event

PRACTICE = (candidates.GRPO, candidates.PPO)
"""The methods that a reward model helps to judge."""


@dataclass(frozen=True, slots=True)
class Climb(Run):
    """A run that learns from all of its material, beside the runs of the other rungs."""

    def split(self) -> Split:
        """Hold nothing out."""
        return Split(self.material.events, (), 0)

    def kept(self, name: str) -> Path:
        """Return what the rung ``name`` left, in the directory beside this one.

        Raises Skipped when it left nothing.
        """
        from penchant_trainer import model as networks

        place = self.directory.parent / name / name  # as place_of says
        if not networks.readable(place):
            raise Skipped(f"it stands on {name}, which is not there")
        return place


def train(
    site: Site, rung: Rung, course: Course, judge: dict[str, Any], report: Report
) -> dict[str, Any]:
    """Train a rung, leave its adapter at ``place_of``, and return the training's figures.

    ``judge`` are the figures of the reward model, where the rung practises. Raises Skipped when
    there is too little to learn from.
    """
    events = rung.lessons(course)
    run = _run(Climb, site, rung.name, events, judge)
    if not rung.anchored:
        run = replace(run, recipe=replace(run.recipe, anchor=0.0))
    figures = candidates.TRAININGS[f"train_{rung.method}"](run, report)
    shutil.rmtree(run.scratch, ignore_errors=True)
    if "skipped" in figures:
        raise Skipped(figures["skipped"])
    return figures


def train_judge(site: Site, course: Course, report: Report) -> dict[str, Any]:
    """Train the reward model on the older part of the past; return its figures, or why not."""
    run = _run(Run, site, candidates.REWARD, course.lessons[OWN].events, {})
    figures = candidates.train_reward(run, report)
    shutil.rmtree(run.scratch, ignore_errors=True)
    return figures


def place_of(site: Site, rung: str, method: str) -> Path:
    """Return where a rung's training by a method leaves its adapter."""
    return site.adapter(rung) / method


def _run(
    kind: type[Run], site: Site, name: str, events: Sequence[Event], judge: dict[str, Any]
) -> Run:
    directory = site.adapter(name)
    directory.mkdir(parents=True, exist_ok=True)
    return kind(
        name,
        _every_method(site.config),
        site.base,
        AdapterStore(site.work / "published", site.base.fingerprint),  # nothing ever is
        directory,
        site.device,
        site.recipe,
        Material(tuple(events), 0, ""),
        {"train_reward": judge},
    )


def _every_method(config: Config) -> Config:
    """Let the table of rungs alone say which methods are trained."""
    training = config.settings.training.model_copy(update={"methods": list(get_args(Method))})
    return replace(config, settings=config.settings.model_copy(update={"training": training}))
