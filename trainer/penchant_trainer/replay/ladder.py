"""Climbs the ladder: one rung after the other, each finished one stored, so that a killed replay
goes on where it was.

In the work directory lie the signal logs (they hold the author's code and belong to nobody else),
the adapters, and one file of numbers per rung. torch and its kin are imported inside, after the
process was prepared for them.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from penchant_core.config import Config
from penchant_core.errors import TrainError
from penchant_core.models import BaseModel
from penchant_core.paths import private_directory, write_private
from penchant_trainer import neutral, quiet, resources
from penchant_trainer.progress import Report
from penchant_trainer.recipe import Recipe
from penchant_trainer.replay import diary
from penchant_trainer.replay.division import Division
from penchant_trainer.replay.measures import Yardstick, distinct
from penchant_trainer.replay.policy import Policy
from penchant_trainer.replay.recall import Recall, with_history
from penchant_trainer.replay.rungs import OTHER, OWN, Course, Rung, Skipped
from penchant_trainer.replay.walk import Piece, Place
from penchant_trainer.resources import Device
from penchant_trainer.run import whole

Listener = Callable[[str, float], None]
KL_PLACES = 24


@dataclass(frozen=True, slots=True)
class Site:
    """Everything that a climb stands on.

    ``pieces`` is what the author ever added, ``other`` are places of the control author.
    """

    config: Config
    base: BaseModel
    device: Device
    recipe: Recipe
    division: Division
    pieces: tuple[Piece, ...]
    other: tuple[Place, ...]
    policy: Policy
    seed: int
    work: Path

    @property
    def scratch(self) -> Path:
        """Where libraries may write."""
        return self.work / "scratch"

    def log(self, whose: str) -> Path:
        """Return the signal log of the author, or of the control author."""
        return self.work / "signals" / f"{whose}.db"


def claim(work: Path, identity: dict[str, Any]) -> None:
    """Take a work directory for one replay.

    Raises TrainError when it holds another replay, whose rungs must not be mixed with these.
    """
    path = private_directory(work) / "replay.json"
    text = json.dumps(identity, sort_keys=True, indent=1)
    if path.exists() and path.read_text("utf-8") != text:
        raise TrainError(f"{work} holds another replay (other options or commits); name another")
    write_private(path, text)


class Ladder:
    """A site with the rungs that were chosen."""

    def __init__(self, site: Site, rungs: Sequence[Rung], listener: Listener) -> None:
        self.site, self.rungs, self._listener = site, rungs, listener
        self._recall: Recall | None = None
        self._yardstick: Yardstick | None = None
        self._awake = False

    def climb(self) -> dict[str, dict[str, Any]]:
        """Return each rung's numbers by name (or ``{"skipped": why}``), computed or stored."""
        lessons = self._lessons()
        course = Course(
            lessons,
            self.site.recipe,
            self.site.seed,
            self.site.config.settings.training.min_examples,
            self.site.config.settings.training.min_pairs_dpo,
            self.site.scratch,
        )
        return {rung.name: self._rung(rung, course) for rung in self.rungs}

    def _rung(self, rung: Rung, course: Course) -> dict[str, Any]:
        path = self.site.work / "rungs" / f"{rung.name}.json"
        stored = _stored(path)
        if stored is not None:
            return stored
        self._wake()
        begun = time.monotonic()
        try:
            found = self._climbed(rung, course)
        except Skipped as why:
            return {"skipped": str(why)}
        found["seconds"] = round(time.monotonic() - begun, 1)
        write_private(path, json.dumps(found))
        return found

    def _climbed(self, rung: Rung, course: Course) -> dict[str, Any]:
        from penchant_trainer import model as networks

        site = self.site
        report = self._part(rung.title)
        loaded = networks.load_base(site.base, site.device)
        model, training = loaded.network, None
        tokens = self._tokens()
        if rung.train is not None:
            model = self._start(rung, loaded)
            training = rung.train(course, model, tokens, lambda done: report(0.6 * done))
            training["dropped"] = tokens.dropped
            self._keep(model, rung.name)
        return self._measured(rung, model, report) | {"training": training}

    def _start(self, rung: Rung, loaded: Any) -> Any:
        from penchant_trainer import model as networks

        if not rung.start:
            return networks.with_new_adapter(loaded, self.site.recipe, self.site.seed)
        place = self.site.work / "adapters" / rung.start
        if not networks.readable(place):
            raise Skipped(f"it stands on {rung.start}, which is not there")
        return networks.with_adapter(loaded, place, trainable=True)

    def _measured(self, rung: Rung, model: Any, report: Report) -> dict[str, Any]:
        from penchant_trainer.evaluate import divergence, perplexity
        from penchant_trainer.replay.asking import answers, prompts
        from penchant_trainer.replay.likelihood import rank

        site, tokens = self.site, self._tokens()
        places = site.division.future
        context = self._context if rung.recall else _plain
        found = answers(
            model,
            tokens,
            places,
            max_tokens=site.config.settings.completion.max_tokens,
            batch=site.recipe.generation_batch,
            context=context,
            report=lambda done: report(0.6 + 0.2 * done),
        )
        if self._yardstick is None:
            self._yardstick = Yardstick(places, site.policy)
        items = self._yardstick.measure(found)
        report(0.85)
        pairs = diary.read(site.log(OWN), places, capped=False).pairs
        ranked = [] if rung.recall else rank(model, tokens, pairs)
        report(0.9)
        few = range(0, len(places), max(1, len(places) // KL_PLACES))
        asked = prompts(tokens, [places[i] for i in few], context)
        rows = [(ids, list(found[i].ids)) for ids, i in zip(asked, few, strict=True)]
        judging = neutral.judging(site.recipe.neutral_held_out, site.seed)
        return {
            "items": [item.as_json() for item in items],
            "distinct": {str(n): distinct([a.text for a in found], n) for n in (1, 2, 3)},
            "pairs": [[round(r.chosen, 5), round(r.rejected, 5)] for r in ranked],
            "kl": None if rung.recall else divergence(model, rows) if rung.train else 0.0,
            "perplexity": perplexity(model, tokens, judging),
        }

    def _context(self, place: Place) -> Any:
        if self._recall is None:
            self._recall = Recall(self.site.pieces)
        return with_history(place, self._recall, self.site.base.renderer)

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
            self._tokens(),
            places,
            max_tokens=self.site.config.settings.completion.max_tokens,
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

    def _tokens(self) -> Any:
        from penchant_trainer.tokens import load_tokens

        base = self.site.base
        return load_tokens(str(base.directory), base.renderer, self.site.recipe.max_length)

    def _keep(self, model: Any, name: str) -> None:
        from penchant_trainer import model as networks

        with whole(self.site.work / "adapters" / name) as staged:
            networks.save(model, staged, self.site.base.name)

    def _part(self, title: str) -> Report:
        self._listener(title, 0.0)
        return lambda done: self._listener(title, min(1.0, done))


def _plain(place: Place) -> Any:
    return place, ()


def _stored(path: Path) -> dict[str, Any] | None:
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise TrainError(f"{path} is damaged; delete it, and that rung is climbed again") from error
