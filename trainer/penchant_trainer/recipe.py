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
    drift from the base model counts ``anchor`` times: the bundled model then loses about 1 % of its
    general perplexity to a developer's habits, and 2.2 % at 16 with 1.6 times the rate. An adapter
    for which neutral code is more than ``forgetting`` harder (a share) is weakened until it is not
    (``tempering``); with 48 samples, adapters at +1.6 % in truth read from +0.1 to +2.8 %, so it is
    measured on ``neutral_held_out``, a few seconds' work. Where a
    suggestion was turned down, the first token that differs counts ``contrast`` times as a row, and
    is to lead the suggestion's by ``contrast_margin`` (nats).

    KTO: ``kto_sft`` is the weight of its own SFT term, next to a loss between 0 and 2. The reward
    model is used only if it ranks at least ``judge_accuracy`` of the held-out pairs rightly; its
    score then counts ``judge_weight`` beside the similarity's 1. GRPO and PPO write ``rollouts``
    completions per step, of ``rollout_tokens`` at most, GRPO ``group`` of them per prompt;
    ``grpo_beta`` holds GRPO near the SFT adapter, ``practice_anchor`` is what ``anchor`` is to SFT
    (as much would drown the rewards' gradient). PPO: ``clip`` for ratio and value, ``ppo_passes``
    over each batch of rollouts until the policy has moved ``ppo_kl_step`` (nats per token) from the
    one that wrote them, ``kl_coefficient`` of the per-token KL reward, adapted towards
    ``kl_target`` (nats per completion), and the end of it all at ``kl_stop``; ``no_end_penalty`` is
    taken off the reward of a text that did not end by itself.
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
    anchor: float = 48.0
    forgetting: float = 0.015
    contrast: float = 1.0
    contrast_margin: float = 2.0
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
    neutral_held_out: int = 192
    generation_batch: int = 16
    kto_rate: float = 2e-5
    kto_epochs: float = 1.0
    kto_tokens: int = 10_000_000
    kto_beta: float = 0.3
    kto_sft: float = 0.5
    reward_rate: float = 7e-5
    reward_epochs: float = 2.0
    reward_tokens: int = 10_000_000
    judge_accuracy: float = 0.6
    judge_weight: float = 0.5
    checks_weight: float = 0.5
    rollouts: int = 64
    rollout_tokens: int = 48
    temperature: float = 1.0
    practice_anchor: float = 2.0
    grpo_rate: float = 2e-5
    grpo_tokens: int = 10_000_000
    grpo_beta: float = 0.04
    group: int = 8
    ppo_rate: float = 2e-5
    ppo_tokens: int = 10_000_000
    ppo_passes: int = 2
    ppo_kl_step: float = 0.05
    clip: float = 0.2
    value_weight: float = 0.5
    value_rate: float = 1e-3
    entropy_weight: float = 0.003
    discount: float = 1.0
    gae_lambda: float = 0.95
    kl_coefficient: float = 0.05
    kl_target: float = 2.0
    kl_stop: float = 5.0
    no_end_penalty: float = 0.1

    def as_json(self) -> dict[str, Any]:
        """Return the recipe as it stands on a card."""
        return asdict(self)


def recipe(effort: Effort, *, parameters: int, max_rank: int) -> Recipe:
    """Return the recipe for a base model of that many parameters.

    ``max_rank`` is the largest rank that the engine was started for.
    """
    rank = min({"small": 16, "medium": 16, "large": 32}[effort], max_rank)
    budget = {"small": (400_000, 12_000), "medium": (800_000, 200_000), "large": (0, 0)}[effort]
    epochs = {"small": 8.0, "medium": 8.0, "large": 2.0}[effort]
    sft, dpo, kto, practice = rates(parameters)
    small = effort == "small"
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
        neutral_held_out={"small": 192, "medium": 256, "large": 256}[effort],
        generation_batch=32 if effort == "large" else 16,
        kto_rate=kto,
        kto_epochs=1.0 if small else 2.0,
        kto_tokens={"small": 40_000, "medium": 400_000, "large": 10_000_000}[effort],
        reward_rate=sft / 2,
        reward_tokens={"small": 80_000, "medium": 400_000, "large": 10_000_000}[effort],
        grpo_rate=practice,
        grpo_tokens={"small": 80_000, "medium": 600_000, "large": 10_000_000}[effort],
        ppo_rate=practice / 2,  # it takes several steps on each batch
        ppo_tokens={"small": 80_000, "medium": 600_000, "large": 10_000_000}[effort],
        rollouts={"small": 16, "medium": 32, "large": 64}[effort],
        rollout_tokens=24 if small else 48,
        group=4 if small else 8,
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


def rates(parameters: int) -> tuple[float, float, float, float]:
    """Return the learning rates for a base model of that many parameters.

    For SFT, for DPO, for KTO, and for practice (GRPO and PPO).
    """
    table = (
        (100e6, (2.2e-3, 5e-5, 2e-4, 1e-3)),
        (1e9, (2e-4, 2e-5, 2e-5, 2e-5)),
        (5e9, (1e-4, 1e-5, 1e-5, 1e-5)),
    )
    for limit, found in table:
        if parameters < limit:
            return found
    return 7e-5, 5e-6, 5e-6, 5e-6


def steps(rows: int, mean_tokens: float, *, epochs: float, budget: int, batch: int) -> int:
    """Return how many optimiser steps the epochs and the token budget allow, at least 1."""
    by_epochs = epochs * rows / batch
    by_tokens = budget / max(1.0, mean_tokens * batch)
    return max(1, round(min(by_epochs, by_tokens)))
