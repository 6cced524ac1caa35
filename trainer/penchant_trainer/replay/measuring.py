"""Lets a model write on the author's future, and returns the numbers of what it wrote.

The places, what the truth itself does there and the held-out pairs are worked out once for all
rungs. Imports torch: only after the process was prepared for it.
"""

from collections.abc import Sequence
from typing import Any

from penchant_trainer import neutral
from penchant_trainer.evaluate import divergence, perplexity
from penchant_trainer.progress import Report
from penchant_trainer.replay import diary
from penchant_trainer.replay.answer import Answer
from penchant_trainer.replay.asking import answers, prompts
from penchant_trainer.replay.likelihood import rank
from penchant_trainer.replay.measures import Yardstick, distinct
from penchant_trainer.replay.recall import Asking
from penchant_trainer.replay.rungs import OWN, Rung
from penchant_trainer.replay.site import Site

KL_PLACES = 24
"""On how many places' answers the divergence is measured."""


class Measuring:
    """A fixed future at which every rung's model is measured in the same way."""

    def __init__(self, site: Site) -> None:
        self.site, self.tokens = site, site.tokens()
        self.places = site.division.future
        copies = self.tokens.copying is not None
        self._asking = Asking(site.pieces, site.base.renderer, copies=copies)
        judging = site.config.settings.judging
        self._yardstick = Yardstick(self.places, site.policy, execute=judging.execute)
        self._pairs = diary.read(site.log(OWN), self.places, capped=False).pairs
        self._neutral = neutral.judging(site.recipe.neutral_held_out, site.seed)

    def of(self, model: Any, rung: Rung, report: Report) -> dict[str, Any]:
        """Return the numbers of a rung's model (not of its code), ready for JSON."""
        context = self._asking.of(rung.recall)
        found = answers(
            model,
            self.tokens,
            self.places,
            max_tokens=self.site.max_tokens,
            batch=self.site.recipe.generation_batch,
            context=context,
            report=lambda done: report(0.6 * done),
        )
        items = self._yardstick.measure(found)
        report(0.7)
        ranked = [] if rung.recall else rank(model, self.tokens, self._pairs)
        report(0.85)
        return {
            "items": [item.as_json() for item in items],
            "distinct": {str(n): distinct([a.text for a in found], n) for n in (1, 2, 3)},
            "pairs": [[round(r.chosen, 5), round(r.rejected, 5)] for r in ranked],
            "kl": self._divergence(model, rung, found),
            "perplexity": perplexity(model, self.tokens, self._neutral),
        }

    def _divergence(self, model: Any, rung: Rung, found: Sequence[Answer]) -> float | None:
        """Return the KL from the base; of a rung that only asks otherwise nothing is known."""
        if not rung.method:
            return None if rung.recall else 0.0
        few = range(0, len(self.places), max(1, len(self.places) // KL_PLACES))
        asked = prompts(self.tokens, [self.places[i] for i in few], self._asking.of(rung.recall))
        return divergence(
            model, [(ids, list(found[i].ids)) for ids, i in zip(asked, few, strict=True)]
        )
