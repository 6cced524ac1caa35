"""Group relative policy optimisation: practises on past places, each text against its siblings.

Several texts are written at each place; what each is worth more than their mean is what is learned.
No critic, so little memory. ``dr_grpo`` divides by neither a text's length nor its group's spread,
both of which bias; the spread of the whole batch brings every objective to one scale.
Anchors: the KL to a frozen copy of the SFT adapter, and the drift on neutral code. The prompts'
token ids are handed over, as they are served; TRL's own tokenising of them is not used.
Sources: Shao et al., arXiv 2402.03300; dr_grpo: Liu et al., arXiv 2503.20783.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset
from trl import GRPOConfig, GRPOTrainer

from penchant_core.errors import ConfigError
from penchant_trainer.anchor import Anchored, anchor_on
from penchant_trainer.evaluate import text_of
from penchant_trainer.practice import Objectives, Place, course, rewards
from penchant_trainer.progress import Report
from penchant_trainer.recipe import Recipe, steps
from penchant_trainer.sampling import Steps
from penchant_trainer.sft import arguments, finished
from penchant_trainer.tokens import Tokens
from penchant_trainer.units import Example


class Trainer(Anchored, GRPOTrainer):
    """GRPO whose prompts are numbers of places, and whose ids are the served ones."""

    places: Sequence[Place]

    def _tokenize_prompts(self, prompts: list[str]) -> tuple[list[list[int]], None, dict[str, Any]]:
        return [list(self.places[int(prompt)].ids) for prompt in prompts], None, {}


class Worth:
    """The objectives as one reward function of TRL's; remembers the mean of every batch."""

    __name__ = "worth"

    def __init__(self, tokens: Tokens, places: Sequence[Place], objectives: Objectives) -> None:
        self.tokens, self.places, self.objectives = tokens, places, objectives
        self.means: list[float] = []

    def __call__(
        self, prompts: list[str], completion_ids: list[list[int]], **_: Any
    ) -> list[float]:
        """Return one reward per completion."""
        events = [self.places[int(prompt)].event for prompt in prompts]
        texts = [text_of(self.tokens, ids) for ids in completion_ids]
        found = rewards(self.objectives, events, texts)
        self.means.append(sum(found) / len(found))
        return found


def train(
    model: Any,
    tokens: Tokens,
    places: Sequence[Place],
    objectives: Objectives,
    neutral: tuple[Example, ...],
    recipe: Recipe,
    *,
    max_tokens: int,
    seed: int,
    scratch: Path,
    report: Report,
) -> dict[str, Any]:
    """Train the model's adapter in place; return figures (steps, rewards, final loss)."""
    worth = Worth(tokens, places, objectives)
    mean = sum(len(place.ids) for place in places) / len(places) + max_tokens
    size = recipe.batch * recipe.accumulate
    parts = max(1, round(recipe.rollouts / size))
    texts = size * parts
    if texts % recipe.group:
        raise ConfigError(
            f"training.recipe: a group of {recipe.group} does not divide the {texts} texts of a "
            "step; choose another group or other rollouts"
        )
    count = steps(len(places), mean, epochs=math.inf, budget=recipe.grpo_tokens, batch=texts)
    common = arguments(recipe, scratch, count, recipe.grpo_rate, seed, model)
    del common["max_length"]
    trainer = Trainer(
        model=model,
        reward_funcs=[worth],
        args=GRPOConfig(
            **common | {"per_device_train_batch_size": size, "gradient_accumulation_steps": parts},
            num_generations=recipe.group,
            max_completion_length=max_tokens,
            temperature=recipe.temperature,
            beta=recipe.grpo_beta,
            loss_type="dr_grpo",
            scale_rewards="batch",
        ),
        train_dataset=Dataset.from_list([{"prompt": str(n)} for n in range(len(places))]),
        processing_class=tokens.tokenizer,
        callbacks=[Steps(report)],
    )
    trainer.places = places
    trainer.anchor = anchor_on(tokens, neutral, recipe, seed)
    trainer.anchor_weight = recipe.practice_anchor
    loss = finished(trainer)
    return {
        "steps": count,
        "texts": count * texts,
        **course(worth.means),
        "loss": loss,
    }
