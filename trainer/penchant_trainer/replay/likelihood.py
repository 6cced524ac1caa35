"""How a model ranks held-out preference pairs: figures that never stand alone.

A model can rank every pair rightly and write nonsense, so these stand beside what it generates.
Per token, because sums favour the shorter text. Knows nothing of rungs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from penchant_trainer.evaluate import log_probabilities
from penchant_trainer.tokens import Tokens
from penchant_trainer.units import Pair


@dataclass(frozen=True, slots=True)
class Ranking:
    """Mean log-probability per token (nats) of the chosen and the rejected text of one pair."""

    chosen: float
    rejected: float

    @property
    def right(self) -> bool:
        """Whether the chosen text is the likelier one."""
        return self.chosen > self.rejected


def rank(model: Any, tokens: Tokens, pairs: Sequence[Pair]) -> list[Ranking]:
    """Return how the model ranks each pair; pairs that are too long are left out."""
    model.eval()
    rows = [row for pair in pairs if (row := tokens.dpo_row(pair))]
    return [
        Ranking(
            _mean(model, row["prompt_ids"], row["chosen_ids"]),
            _mean(model, row["prompt_ids"], row["rejected_ids"]),
        )
        for row in rows
    ]


@torch.inference_mode()
def _mean(model: Any, prompt: list[int], text: list[int]) -> float:
    log_p = log_probabilities(model, prompt + text, len(text))
    wanted = torch.tensor(text, device=log_p.device)
    return float(log_p.gather(1, wanted[:, None]).mean())
