"""Draws training rows by weight: TRL has no weight column, but it asks for a sampler.

Rows are drawn with replacement in proportion to their weights, from a generator of its own seed.
The mix-in stands before a TRL trainer in a class's bases.
"""

from typing import Any

import torch
from torch.utils.data import WeightedRandomSampler
from transformers import TrainerCallback

from penchant_trainer.progress import Report


class Weighted:
    """A trainer that draws its rows by ``row_weights``."""

    row_weights: list[float]
    args: Any

    def _get_train_sampler(self, _dataset: Any = None) -> WeightedRandomSampler:
        generator = torch.Generator().manual_seed(self.args.seed)
        return WeightedRandomSampler(
            self.row_weights, len(self.row_weights), replacement=True, generator=generator
        )


class Steps(TrainerCallback):
    """Reports the share of the steps that are done."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def on_step_end(self, _args: Any, state: Any, _control: Any, **_: Any) -> None:
        """Tell how far it is."""
        self.report(state.global_step / max(1, state.max_steps))


def mixed_weights(own: list[float], neutral: int, share: float) -> list[float]:
    """Return row weights for own rows followed by neutral ones that get ``share`` of all draws."""
    if not neutral:
        return own
    mass = sum(own) * share / (1 - share)
    return [*own, *([mass / neutral] * neutral)]
