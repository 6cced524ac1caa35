"""Climbs the ladder: one rung after the other, each finished one stored, so that a killed replay
goes on where it was.

A training that finished before its measuring did is not repeated either. torch and its kin are
imported inside, after the process was prepared for them.
"""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from penchant_core.paths import write_private
from penchant_trainer import candidates, quiet, resources
from penchant_trainer.progress import Report
from penchant_trainer.replay import diary, training
from penchant_trainer.replay.rungs import OTHER, OWN, Course, Rung, Skipped
from penchant_trainer.replay.site import Site, stored
from penchant_trainer.replay.walk import Place

if TYPE_CHECKING:
    from penchant_trainer.replay.measuring import Measuring

Listener = Callable[[str, float], None]
TRAINING_SHARE = 0.7
"""Of the time of a rung that trains, roughly."""


class Ladder:
    """A site with the rungs that were chosen."""

    def __init__(self, site: Site, rungs: Sequence[Rung], listener: Listener) -> None:
        self.site, self.rungs, self._listener = site, rungs, listener
        self._measuring: Measuring | None = None
        self._awake = False

    def climb(self) -> dict[str, dict[str, Any]]:
        """Return each rung's numbers by name (or ``{"skipped": why}``), computed or stored."""
        least = self.site.config.settings.training.min_examples
        course = Course(self._lessons(), self.site.seed, least)
        return {rung.name: self._rung(rung, course) for rung in self.rungs}

    def _rung(self, rung: Rung, course: Course) -> dict[str, Any]:
        path = self.site.figures(rung.name)
        known = stored(path)
        if known is not None:
            return known
        self._wake()
        report = self._part(rung.title)
        share = TRAINING_SHARE if rung.method else 0.0
        try:
            figures = self._trained(rung, course, lambda done: report(share * done))
        except Skipped as why:
            return {"skipped": str(why)}
        begun = time.monotonic()
        found = self._measured(rung, lambda done: report(share + (1 - share) * done))
        seconds = time.monotonic() - begun + (figures or {}).get("seconds", 0.0)
        found |= {"training": figures, "seconds": round(seconds, 1)}
        write_private(path, json.dumps(found))
        return found

    def _trained(self, rung: Rung, course: Course, report: Report) -> dict[str, Any] | None:
        """Return the figures of a rung's training, done now or before; None where none is."""
        if not rung.method:
            return None
        return self._once(
            f"{rung.name}.training",
            training.place_of(self.site, rung.name, rung.method),
            lambda: training.train(self.site, rung, course, self._judge(rung, course), report),
        )

    def _judge(self, rung: Rung, course: Course) -> dict[str, Any]:
        """Return the figures of the reward model, if the rung practises."""
        if rung.method not in training.PRACTICE:
            return {}
        course.events(OWN)  # too few: no reward model either
        report = self._part("reward model, for practice")
        return self._once(
            candidates.REWARD,
            training.place_of(self.site, candidates.REWARD, candidates.REWARD),
            lambda: training.train_judge(self.site, course, report),
        )

    def _once(self, name: str, place: Path, train: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return a training's figures: those of before, if what it left at ``place`` is whole."""
        from penchant_trainer import model as networks

        path = self.site.figures(name)
        found = stored(path)
        if found is not None and networks.readable(place):
            return found
        begun = time.monotonic()
        found = train()
        found["seconds"] = round(time.monotonic() - begun, 1)
        if "skipped" not in found:
            write_private(path, json.dumps(found))
        return found

    def _measured(self, rung: Rung, report: Report) -> dict[str, Any]:
        from penchant_trainer import model as networks
        from penchant_trainer.replay.measuring import Measuring

        if self._measuring is None:
            self._measuring = Measuring(self.site)
        loaded = networks.load_base(self.site.base, self.site.device)
        model = loaded.network
        if rung.method:
            place = training.place_of(self.site, rung.name, rung.method)
            model = networks.with_adapter(loaded, place)
        return self._measuring.of(model, rung, report)

    def _lessons(self) -> dict[str, diary.Lessons]:
        site = self.site
        self._log(OWN, (*site.division.past, *site.division.future))
        found = {OWN: diary.read(site.log(OWN), site.division.past)}
        if site.other and any(rung.needs_other for rung in self.rungs):
            self._log(OTHER, site.other)
            found[OTHER] = diary.read(site.log(OTHER), site.other)
        return found

    def _log(self, whose: str, places: Sequence[Place]) -> None:
        """Let the base model suggest at every place, and log what became of it."""
        path = self.site.log(whose)
        done = path.with_suffix(".done")
        if done.exists():
            return
        self._wake()
        for old in path.parent.glob(f"{path.name}*"):
            old.unlink()
        from penchant_trainer import model as networks
        from penchant_trainer.replay.asking import answers

        loaded = networks.load_base(self.site.base, self.site.device)
        found = answers(
            loaded.network,
            self.site.tokens(),
            places,
            max_tokens=self.site.max_tokens,
            batch=self.site.recipe.generation_batch,
            report=self._part(f"base model at {len(places)} places ({whose})"),
        )
        diary.write(path, places, found, self.site.policy, self.site.base)
        write_private(done, "")

    def _wake(self) -> None:
        """Prepare the process before the first model is loaded, as a training run does."""
        if not self._awake:
            quiet.prepare_environment(self.site.scratch)
            resources.claim(self.site.device)
            quiet.lower_priority()
            quiet.silence()
            self._awake = True

    def _part(self, title: str) -> Report:
        self._listener(title, 0.0)
        return lambda done: self._listener(title, min(1.0, done))
