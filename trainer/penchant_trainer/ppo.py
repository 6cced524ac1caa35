"""Proximal policy optimisation, our own: practises on past places, against a critic.

The actor is the adapter that SFT left, trained on. The reference is a frozen copy of that same
adapter and not the bare base model: what SFT learned from the developer's own text is what must not
be lost, and a pull to the base would take just that back. From the base it is held by the drift on
neutral code. The mathematics stand in ``ppo_losses``.
Sources: Schulman et al., arXiv 1707.06347; Ziegler et al., arXiv 1909.08593.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from penchant_trainer import ppo_losses as losses
from penchant_trainer.anchor import Anchor, anchor_on
from penchant_trainer.attendance import draw, over
from penchant_trainer.practice import Objectives, Place, course, rewards
from penchant_trainer.progress import Report
from penchant_trainer.recipe import Recipe, steps
from penchant_trainer.rollouts import (
    REFERENCE,
    ValueHead,
    Written,
    freeze_reference,
    look,
    reference,
    write,
)
from penchant_trainer.tokens import Tokens
from penchant_trainer.units import Example

LARGE = 500_000_000
"""From so many parameters on, memory is worth more than time."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A batch of texts with what is to be learned from each of their tokens."""

    written: Written
    logp: Tensor
    values: Tensor
    advantage: Tensor
    returns: Tensor
    scores: Tensor
    distance: float


@dataclass(slots=True)
class Course:
    """The figures of a training, one entry per batch of rollouts."""

    rewards: list[float] = field(default_factory=list)
    distances: list[float] = field(default_factory=list)
    clipped: list[float] = field(default_factory=list)
    value_errors: list[float] = field(default_factory=list)
    cut_short: int = 0
    stopped: str = ""

    def latest(self) -> dict[str, float]:
        """Return the figures of the last round."""
        drawn = {
            "reward": self.rewards,
            "distance": self.distances,
            "clipped": self.clipped,
            "value_error": self.value_errors,
        }
        return {name: values[-1] for name, values in drawn.items() if values}


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
    """Train the model's adapter in place; return figures (batches, rewards, distance)."""
    del scratch  # nothing of this is written anywhere
    torch.manual_seed(seed)
    freeze_reference(model)
    practice = _Practice(model, tokens, objectives, neutral, recipe, max_tokens, seed)
    mean = sum(len(place.ids) for place in places) / len(places) + max_tokens
    count = steps(
        len(places), mean, epochs=math.inf, budget=recipe.ppo_tokens, batch=recipe.rollouts
    )
    draws = _draws(places, recipe, seed)
    for index in range(count):
        practice.round(next(draws))
        draw(report, practice.course.latest() | {"kl_coefficient": practice.kl.coefficient}, index)
        report((index + 1) / count)
        if practice.course.stopped or over(report):
            break
    model.delete_adapter(REFERENCE)
    return practice.figures()


class _Practice:
    """One training: the actor with its critic, the optimiser, the KL controller, the figures."""

    def __init__(
        self,
        model: Any,
        tokens: Tokens,
        objectives: Objectives,
        neutral: tuple[Example, ...],
        recipe: Recipe,
        max_tokens: int,
        seed: int,
    ) -> None:
        self.model, self.tokens, self.recipe, self.max_tokens = model, tokens, recipe, max_tokens
        self.objectives = objectives
        self.anchor: Anchor = anchor_on(tokens, neutral, recipe, seed)
        self.head = ValueHead(model.config.get_text_config().hidden_size).to(model.device)
        self.actor = [p for p in model.parameters() if p.requires_grad]
        self.recomputes = _recomputes(model)
        self.optimiser = torch.optim.AdamW(
            [
                {"params": self.actor, "lr": recipe.ppo_rate},
                {"params": self.head.parameters(), "lr": recipe.value_rate},
            ],
            weight_decay=0.0,
        )
        self.kl = losses.AdaptiveKL(recipe.kl_coefficient, recipe.kl_target)
        self.course = Course()

    def round(self, batches: Sequence[Sequence[Place]]) -> None:
        """Write, judge and learn once; note when the policy has gone too far."""
        self.model.eval()
        lessons = [self._lesson(places) for places in batches]
        texts = sum(len(lesson.scores) for lesson in lessons)
        away = sum(lesson.distance * len(lesson.scores) for lesson in lessons) / texts
        self.course.rewards.append(sum(float(lesson.scores.sum()) for lesson in lessons) / texts)
        self.course.distances.append(away)
        if away > self.recipe.kl_stop:
            self.course.stopped = f"{away:.1f} nats per text from the SFT adapter"
            return
        self._learn(_evened(lessons))
        self.kl.update(away)

    @torch.no_grad()
    def _lesson(self, places: Sequence[Place]) -> Lesson:
        recipe = self.recipe
        written = write(
            self.model,
            self.tokens,
            places,
            max_tokens=self.max_tokens,
            temperature=recipe.temperature,
        )
        events = [place.event for place in places]
        worth = torch.tensor(rewards(self.objectives, events, written.texts))
        worth = worth.to(written.mask.device)
        scores = worth - recipe.no_end_penalty * (~written.ended).float()
        self._begin_at(scores)
        seen = look(self.model, self.head, written, recipe.temperature)
        with reference(self.model):
            expected = look(self.model, self.head, written, recipe.temperature).logp
        paid = losses.token_rewards(scores, seen.logp, expected, written.mask, self.kl.coefficient)
        advantage, returns = losses.advantages(
            paid,
            seen.values,
            written.mask,
            discount=recipe.discount,
            decay=recipe.gae_lambda,
        )
        away = float(losses.distance(seen.logp, expected, written.mask))
        return Lesson(written, seen.logp, seen.values, advantage, returns, worth, away)

    def _begin_at(self, scores: Tensor) -> None:
        """Let the critic begin at what the first texts are worth instead of at nothing."""
        if not self.course.rewards and not float(self.head.linear.bias.abs().sum()):
            self.head.linear.bias.fill_(float(scores.mean()))

    def _learn(self, lessons: Sequence[Lesson]) -> None:
        clipped, errors = [], []
        self.model.train(self.recomputes)  # it only does in this mode; generating wants the other
        for _ in range(self.recipe.ppo_passes):
            for lesson in lessons:
                moved, share, error = self._step(lesson)
                clipped.append(share)
                errors.append(error)
                if moved > self.recipe.ppo_kl_step:
                    self.course.cut_short += 1
                    break
            else:
                continue
            break
        self.course.clipped.append(sum(clipped) / len(clipped))
        self.course.value_errors.append(sum(errors) / len(errors))

    def _step(self, lesson: Lesson) -> tuple[float, float, float]:
        """Take one step; return how far the policy had moved, the clipped share, value error."""
        recipe, mask = self.recipe, lesson.written.mask
        seen = look(self.model, self.head, lesson.written, recipe.temperature)
        moved = float(losses.moved(seen.logp.detach(), lesson.logp, mask))
        policy, share = losses.policy_loss(
            seen.logp, lesson.logp, lesson.advantage, mask, recipe.clip
        )
        error = losses.value_loss(seen.values, lesson.values, lesson.returns, mask, recipe.clip)
        loss = policy + recipe.value_weight * error
        loss = loss - recipe.entropy_weight * losses.mean(losses.entropy(seen.logits), mask)
        loss = loss + recipe.practice_anchor * self.anchor.drift(self.model)
        if moved <= recipe.ppo_kl_step:
            self.optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.actor, recipe.max_grad_norm)
            self.optimiser.step()
        return moved, float(share), float(error.detach())

    def figures(self) -> dict[str, Any]:
        """Return what became of it, for the card."""
        course_ = self.course
        count = len(course_.rewards)
        return {
            "batches": count,
            "texts": count * self.recipe.rollouts,
            **course(course_.rewards),
            "distance": round(course_.distances[-1], 3),
            "kl_coefficient": round(self.kl.coefficient, 5),
            "clipped": _last(course_.clipped),
            "value_error": _last(course_.value_errors),
            "cut_short": course_.cut_short,
            "stopped": course_.stopped,
        }


def _recomputes(model: Any) -> bool:
    """Let a large model recompute its activations (a third more time), and say whether it does."""
    large = model.device.type != "cpu" and model.num_parameters() > LARGE
    if large:
        model.gradient_checkpointing_enable({"use_reentrant": False})
        model.enable_input_require_grads()
    return bool(large)


def _evened(lessons: Sequence[Lesson]) -> list[Lesson]:
    """Whiten the advantages over all lessons together."""
    flat = torch.cat([lesson.advantage[lesson.written.mask > 0] for lesson in lessons])
    even = losses.whitened(flat[None], torch.ones_like(flat[None]))[0]
    found, at = [], 0
    for lesson in lessons:
        own = lesson.written.mask > 0
        advantage = torch.zeros_like(lesson.advantage)
        advantage[own] = even[at : at + int(own.sum())]
        at += int(own.sum())
        found.append(replace(lesson, advantage=advantage))
    return found


def _draws(places: Sequence[Place], recipe: Recipe, seed: int) -> Any:
    """Yield batches of places for one round, every place once before any comes again.

    Places of like length stand in one batch, as long as what a training step sees.
    """
    chance = random.Random(seed)  # noqa: S311 (no secret hangs on it)
    size = recipe.batch * recipe.accumulate
    left: list[Place] = []
    while True:
        while len(left) < recipe.rollouts:
            left += chance.sample(list(places), len(places))
        drawn, left = left[: recipe.rollouts], left[recipe.rollouts :]
        drawn.sort(key=lambda place: len(place.ids))
        batches = [drawn[i : i + size] for i in range(0, len(drawn), size)]
        yield chance.sample(batches, len(batches))


def _last(values: Sequence[float]) -> float:
    return round(values[-1], 4) if values else 0.0
