"""The ladder as a table: each rung is one entry, and each must beat the one below.

A rung says what it trains (a function of the lessons), from which rung's adapter it starts, and
whether the author's history enters the prompt. A further method (KTO, GRPO, PPO) is one function
and one entry. Controls are rungs that should *not* win. Training code is imported when it runs.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from penchant_core.errors import TrainError
from penchant_trainer import neutral
from penchant_trainer.progress import Report
from penchant_trainer.recipe import Recipe
from penchant_trainer.replay.diary import Lessons
from penchant_trainer.tokens import Tokens
from penchant_trainer.units import Example, Pair

OWN, OTHER = "own", "other"


class Skipped(Exception):
    """A rung has nothing to stand on here; the message says why."""


@dataclass(frozen=True, slots=True)
class Course:
    """What a rung may train with: lessons by whose they are, the recipe, and where to write."""

    lessons: dict[str, Lessons]
    recipe: Recipe
    seed: int
    least_examples: int
    least_pairs: int
    scratch: Path

    def examples(self, whose: str) -> tuple[Example, ...]:
        """Return the wanted completions; raise Skipped when there are too few."""
        lessons = self.lessons.get(whose)
        if lessons is None:
            raise Skipped("nobody else has commits in this repository")
        if len(lessons.examples) < self.least_examples:
            raise Skipped(f"{len(lessons.examples)} of {self.least_examples} clean examples")
        return lessons.examples

    def pairs(self) -> tuple[Pair, ...]:
        """Return the author's preference pairs; raise Skipped when there are too few."""
        found = self.lessons[OWN].pairs
        if len(found) < self.least_pairs:
            raise Skipped(f"{len(found)} of {self.least_pairs} preference pairs")
        return found

    def chance(self) -> random.Random:
        """Return a source of random choices of the replay's seed."""
        return random.Random(self.seed)  # noqa: S311 (no secret hangs on it)


Train = Callable[[Course, Any, Tokens, Report], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to get from the past to suggestions.

    ``start`` names the rung whose adapter training goes on from ('' for a fresh one); ``below``
    those that it has to beat, beside the base model; ``recall`` puts the author's own older lines
    into the prompt; ``needs_other`` says that it learns from another author. A ``control`` names
    the rung that has to beat it (``rival``).
    """

    name: str
    title: str
    below: tuple[str, ...] = ()
    train: Train | None = None
    start: str = ""
    recall: bool = False
    control: bool = False
    needs_other: bool = False
    rival: str = ""


def train_sft(course: Course, model: Any, tokens: Tokens, report: Report) -> dict[str, Any]:
    """Learn what the author finally wrote, exactly as a training run does."""
    return _sft(course, course.examples(OWN), model, tokens, report)


def train_format(course: Course, model: Any, tokens: Tokens, report: Report) -> dict[str, Any]:
    """Learn where completions end, on as much neutral code, and nothing of the author.

    Without the pull back to the base model on neutral code: that is what is learned here.
    """
    count = len(course.examples(OWN))
    free = replace(course, recipe=replace(course.recipe, anchor=0.0))
    # Another seed than the anchor's, so that the rows are others.
    return _sft(free, neutral.replay(count, course.seed + 1), model, tokens, report)


def train_other(course: Course, model: Any, tokens: Tokens, report: Report) -> dict[str, Any]:
    """Learn as much, from somebody else."""
    found = course.examples(OTHER)
    count = len(course.examples(OWN))
    return _sft(course, found[-count:], model, tokens, report)


def train_shuffled(course: Course, model: Any, tokens: Tokens, report: Report) -> dict[str, Any]:
    """Learn the author's texts, each at the place of another one."""
    return _sft(course, shuffled(course.examples(OWN), course.chance()), model, tokens, report)


def train_dpo(course: Course, model: Any, tokens: Tokens, report: Report) -> dict[str, Any]:
    """Learn the author's preferences, exactly as a training run does."""
    return _dpo(course, course.pairs(), model, tokens, report)


def train_flipped(course: Course, model: Any, tokens: Tokens, report: Report) -> dict[str, Any]:
    """Learn preferences of which half, drawn at random, are the wrong way round."""
    return _dpo(course, flipped(course.pairs(), course.chance()), model, tokens, report)


def shuffled(examples: Sequence[Example], chance: random.Random) -> tuple[Example, ...]:
    """Return the examples with their texts dealt out anew (prompts stay)."""
    order = list(examples)
    chance.shuffle(order)
    return tuple(
        replace(mine, completion=other.completion, ended=other.ended)
        for mine, other in zip(examples, order, strict=True)
    )


def flipped(pairs: Sequence[Pair], chance: random.Random) -> tuple[Pair, ...]:
    """Return the pairs, each turned round with a chance of one half."""
    return tuple(
        replace(
            pair,
            chosen=pair.rejected,
            rejected=pair.chosen,
            chosen_ended=pair.rejected_ended,
            rejected_ended=pair.chosen_ended,
        )
        if chance.random() < 0.5
        else pair
        for pair in pairs
    )


LADDER: tuple[Rung, ...] = (
    Rung("base", "base model"),
    Rung("format", "neutral SFT: learned where to stop", train=train_format),
    Rung("history", "own history in the prompt, untrained", recall=True),
    Rung("sft", "SFT on what the author wrote", ("format", "history"), train_sft),
    Rung("sft+dpo", "SFT, then DPO on outcomes", ("sft",), train_dpo, start="sft"),
    Rung(
        "other-author",
        "SFT on another author",
        train=train_other,
        control=True,
        needs_other=True,
        rival="sft",
    ),
    Rung("shuffled", "SFT, texts shuffled", train=train_shuffled, control=True, rival="sft"),
    Rung(
        "shuffled-dpo",
        "DPO, half the labels flipped",
        train=train_flipped,
        start="sft",
        control=True,
        rival="sft+dpo",
    ),
)
"""Rungs from the ground up, then the controls."""


def chosen(names: Sequence[str]) -> tuple[Rung, ...]:
    """Return the named rungs in the order of the ladder, with what they stand on (all for none).

    Raises TrainError for a name that is no rung.
    """
    table = {rung.name: rung for rung in LADDER}
    unknown = [name for name in names if name not in table]
    if unknown:
        raise TrainError(f"there is no rung {unknown[0]!r}; the rungs are {', '.join(table)}")
    wanted = set(names or table) | {"base"}
    wanted |= {table[name].start for name in wanted if table[name].start}
    return tuple(rung for rung in LADDER if rung.name in wanted)


def _sft(
    course: Course, examples: Sequence[Example], model: Any, tokens: Tokens, report: Report
) -> dict[str, Any]:
    from penchant_trainer import sft

    share = course.recipe.replay_share
    count = max(round(len(examples) * share / (1 - share)), 2 * len(examples))
    return sft.train(
        model,
        tokens,
        tuple(examples),
        neutral.replay(count, course.seed),
        course.recipe,
        seed=course.seed,
        scratch=course.scratch,
        report=report,
    )


def _dpo(
    course: Course, pairs: Sequence[Pair], model: Any, tokens: Tokens, report: Report
) -> dict[str, Any]:
    from penchant_trainer import dpo

    return dpo.train(
        model,
        tokens,
        tuple(pairs),
        course.recipe,
        seed=course.seed,
        scratch=course.scratch,
        report=report,
    )
