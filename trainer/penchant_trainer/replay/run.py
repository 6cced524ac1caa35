"""Runs a planned replay from its first rung to its report.

What was climbed before is not climbed again. Knows nothing of how figures are shown.
"""

import math
import platform
import time
from pathlib import Path
from typing import Any

from penchant_core import models
from penchant_core.config import Config
from penchant_trainer import resources
from penchant_trainer.bar import Bar
from penchant_trainer.candidates import REWARD
from penchant_trainer.recipe import adjusted, recipe
from penchant_trainer.replay import diary
from penchant_trainer.replay.journey import Journey
from penchant_trainer.replay.ladder import Ladder
from penchant_trainer.replay.report import build
from penchant_trainer.replay.rungs import OWN
from penchant_trainer.replay.site import Site, claim, stored

FORMAT = 2
"""Of what lies in a work directory; another one is not gone on from."""


def climb(journey: Journey, config: Config, work: Path) -> dict[str, Any]:
    """Climb the journey's ladder in ``work`` and return the report.

    Raises PenchantError when it cannot go on; the same call then goes on after the last rung.
    """
    begun = time.monotonic()
    base = models.resolve(config.settings.engine.model)
    site = _site(journey, config, base, work)
    claim(work, journey.identity() | _setting(site))
    with Bar() as bar:
        results = Ladder(site, journey.rungs, bar.show).climb()
    past = diary.read(site.log(OWN), journey.division.past)
    header = (
        journey.header()
        | _setting(site)
        | {
            "device": site.device.name,
            "machine": f"{platform.system()} {platform.machine()}",
            "past_outcomes": past.outcomes,
            "lessons": {
                "events": len(past.events),
                "examples": len(past.examples),
                "pairs": len(past.pairs),
            },
            "judge": stored(site.figures(REWARD)),
            "seconds": round(time.monotonic() - begun, 1),
        }
    )
    groups = [place.group for place in journey.division.future]
    return build(header, journey.rungs, results, groups, journey.seed)


def _setting(site: Site) -> dict[str, Any]:
    return {
        "base_model": site.base.name,
        "base_fingerprint": site.base.fingerprint,
        "recipe": site.recipe.as_json() | {"loss": list(site.recipe.loss)},
        "max_tokens": site.max_tokens,
        "executed": site.config.settings.judging.execute,
        "format": FORMAT,
    }


def _site(journey: Journey, config: Config, base: models.BaseModel, work: Path) -> Site:
    training, engine = config.settings.training, config.settings.engine
    size = sum(math.prod(shape) for shape in base.shapes().values())
    chosen = recipe(training.effort, parameters=size, max_rank=engine.max_lora_rank)
    return Site(
        config,
        base,
        resources.choose(training.device),
        adjusted(chosen, training.recipe),
        journey.division,
        journey.walked.pieces,
        journey.other,
        journey.policy,
        journey.seed,
        work,
    )
