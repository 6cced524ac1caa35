"""The one dial, and every number behind it.

``small`` is for a busy laptop without a GPU and the bundled model, ``medium`` for a night on the
same laptop or a small GPU, ``large`` for a GPU. Learning rates follow the size of the base model
(full fine-tuning rates times ten, the usual factor for LoRA), since a rate that moves 7 million
parameters wrecks 7 billion. Knows nothing of data.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from penchant_core.errors import ConfigError

Effort = Literal["small", "medium", "large"]
TARGETS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


@dataclass(frozen=True, slots=True)
class Recipe:
    """Every number of one run.

    ``*_tokens`` bound the work of a stage (tokens through the model, prompts included), so that a
    run's time is known before it starts; ``*_epochs`` bound it for small data. Rates are per step
    of AdamW, warm-up and cosine as in ``schedule``. An optimiser step sees ``batch`` times
    ``accumulate`` rows; small batches keep a laptop's memory free. ``loss`` and ``loss_weights``
    are TRL's: the ``sft`` term anchors DPO to text that was really written; without it small
    models collapse. Of the rows of an SFT step ``replay_share`` are neutral code, on which the
    drift from the base model counts ``anchor`` times; the bundled model keeps its general
    perplexity within 2 % at 8 and above, and loses 4 % at 1.
    """

    effort: Effort
    rank: int
    alpha: int
    sft_rate: float
    sft_epochs: float
    sft_tokens: int
    dpo_rate: float
    dpo_epochs: float
    dpo_tokens: int
    replay_share: float = 0.34
    anchor: float = 16.0
    batch: int = 4
    accumulate: int = 2
    beta: float = 0.3
    loss: tuple[str, ...] = ("robust", "sft")
    loss_weights: tuple[float, ...] = (1.0, 0.5)
    label_smoothing: float = 0.1
    warmup_share: float = 0.1
    schedule: str = "cosine"
    max_grad_norm: float = 1.0
    max_length: int = 1024
    held_out_limit: int = 64
    neutral_held_out: int = 48
    generation_batch: int = 16

    def as_json(self) -> dict[str, Any]:
        """Return the recipe as it stands on a card."""
        return asdict(self)


def recipe(effort: Effort, *, parameters: int, max_rank: int) -> Recipe:
    """Return the recipe for a base model of that many parameters.

    ``max_rank`` is the largest rank that the engine was started for.
    """
    rank = min({"small": 16, "medium": 16, "large": 32}[effort], max_rank)
    budget = {"small": (200_000, 12_000), "medium": (400_000, 200_000), "large": (0, 0)}[effort]
    epochs = {"small": 5.0, "medium": 5.0, "large": 2.0}[effort]
    sft, dpo = rates(parameters)
    return Recipe(
        effort=effort,
        rank=rank,
        alpha=2 * rank,
        sft_rate=sft,
        sft_epochs=epochs,
        sft_tokens=budget[0] or 20_000_000,
        dpo_rate=dpo,
        dpo_epochs=1.0 if effort == "small" else 2.0,
        dpo_tokens=budget[1] or 10_000_000,
        batch=8 if effort == "large" else 4,
        max_length={"small": 1024, "medium": 1536, "large": 2048}[effort],
        held_out_limit={"small": 64, "medium": 200, "large": 500}[effort],
        neutral_held_out={"small": 48, "medium": 128, "large": 256}[effort],
        generation_batch=32 if effort == "large" else 16,
    )


def adjusted(chosen: Recipe, numbers: Mapping[str, float]) -> Recipe:
    """Return the recipe with single numbers replaced (the setting ``training.recipe``).

    Raises ConfigError for a name that is no number of the recipe.
    """
    kinds = {f.name: type(getattr(chosen, f.name)) for f in fields(chosen)}
    for name in numbers:
        if kinds.get(name) not in (int, float):
            known = ", ".join(sorted(n for n, kind in kinds.items() if kind in (int, float)))
            raise ConfigError(f"training.recipe: {name!r} is no number of the recipe ({known})")
    return replace(chosen, **{name: kinds[name](value) for name, value in numbers.items()})


def rates(parameters: int) -> tuple[float, float]:
    """Return the SFT and DPO learning rates for a base model of that many parameters."""
    table = (
        (100e6, 3.5e-3, 5e-5),
        (1e9, 2e-4, 2e-5),
        (5e9, 1e-4, 1e-5),
    )
    for limit, sft, dpo in table:
        if parameters < limit:
            return sft, dpo
    return 7e-5, 5e-6


def steps(rows: int, mean_tokens: float, *, epochs: float, budget: int, batch: int) -> int:
    """Return how many optimiser steps the epochs and the token budget allow, at least 1."""
    by_epochs = epochs * rows / batch
    by_tokens = budget / max(1.0, mean_tokens * batch)
    return max(1, round(min(by_epochs, by_tokens)))
