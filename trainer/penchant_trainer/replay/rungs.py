"""The ladder as a table: each rung is one entry, and each must beat the ones below.

A rung says by which of the trainer's methods it learns and from which lessons, or that the author's
history enters the prompt. Methods other than SFT go on from the adapter of the rung ``sft``, as in
a training run. Controls are rungs that should *not* win. Knows nothing of models.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from penchant_core.errors import TrainError
from penchant_trainer import neutral
from penchant_trainer.candidates import DPO, GRPO, KTO, PPO, SFT
from penchant_trainer.replay.diary import Lessons
from penchant_trainer.units import Event, Example, Pair

OWN, OTHER = "own", "other"


class Skipped(Exception):
    """A rung has nothing to stand on here; the message says why."""


@dataclass(frozen=True, slots=True)
class Course:
    """What rungs may learn from: lessons by whose they are, and how few are too few."""

    lessons: dict[str, Lessons]
    seed: int
    least_examples: int

    def events(self, whose: str) -> tuple[Event, ...]:
        """Return the lessons of an author; raise Skipped when too few texts were wanted."""
        lessons = self.lessons.get(whose)
        if lessons is None:
            raise Skipped("nobody else has commits in this repository")
        if len(lessons.examples) < self.least_examples:
            raise Skipped(f"{len(lessons.examples)} of {self.least_examples} clean examples")
        return lessons.events

    def examples(self, whose: str) -> tuple[Example, ...]:
        """Return the wanted completions; raise Skipped when there are too few."""
        return tuple(e for event in self.events(whose) for e in event.examples if e.desirable)

    def chance(self) -> random.Random:
        """Return a source of random choices of the replay's seed."""
        return random.Random(self.seed)  # noqa: S311 (no secret hangs on it)


Learn = Callable[[Course], tuple[Event, ...]]


def nothing(_course: Course) -> tuple[Event, ...]:
    """Learn nothing."""
    return ()


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to get from the past to suggestions.

    ``method`` names a training of the trainer's ('' for none) and ``lessons`` what it learns from;
    ``below`` are the rungs that it has to beat, beside the base model; ``recall`` puts the author's
    own older lines into the prompt; ``needs_other`` says that it learns from another author;
    ``anchored`` that it is held near the base model on neutral code. A ``control`` names the rung
    that has to beat it (``rival``).
    """

    name: str
    title: str
    below: tuple[str, ...] = ()
    method: str = ""
    lessons: Learn = nothing
    recall: bool = False
    control: bool = False
    needs_other: bool = False
    anchored: bool = True
    rival: str = ""

    @property
    def start(self) -> str:
        """The rung whose adapter its training goes on from, '' for a fresh one."""
        return SFT if self.method not in ("", SFT) else ""


def own(course: Course) -> tuple[Event, ...]:
    """Learn from what became of suggestions in the author's past, as a training run does."""
    return course.events(OWN)


def neutral_code(course: Course) -> tuple[Event, ...]:
    """Learn where completions end, on as much neutral code, and nothing of the author."""
    # Another seed than the anchor's, so that the rows are others.
    return _alone(neutral.replay(len(course.examples(OWN)), course.seed + 1))


def another(course: Course) -> tuple[Event, ...]:
    """Learn as much, from somebody else."""
    return _alone(course.examples(OTHER)[-len(course.examples(OWN)) :])


def dealt_anew(course: Course) -> tuple[Event, ...]:
    """Learn the author's texts, each at the place of another one."""
    return _alone(shuffled(course.examples(OWN), course.chance()))


def half_turned(course: Course) -> tuple[Event, ...]:
    """Learn preferences of which half, drawn at random, are the wrong way round."""
    pairs = tuple(pair for event in course.events(OWN) for pair in event.pairs)
    return _alone(flipped(pairs, course.chance()))


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
    Rung("format", "neutral SFT: learned where to stop", (), SFT, neutral_code, anchored=False),
    Rung("history", "own history in the prompt, untrained", recall=True),
    Rung("sft", "SFT on what the author wrote", ("format", "history"), SFT, own),
    Rung("sft+dpo", "SFT, then DPO on pairs", ("sft",), DPO, own),
    Rung("sft+kto", "SFT, then KTO on single texts", ("sft", "sft+dpo"), KTO, own),
    Rung("sft+grpo", "SFT, then practice in groups (GRPO)", ("sft", "sft+dpo"), GRPO, own),
    Rung("sft+ppo", "SFT, then practice with a critic (PPO)", ("sft", "sft+grpo"), PPO, own),
    Rung(
        "other-author",
        "SFT on another author",
        method=SFT,
        lessons=another,
        control=True,
        needs_other=True,
        rival="sft",
    ),
    Rung(
        "shuffled",
        "SFT, texts shuffled",
        method=SFT,
        lessons=dealt_anew,
        control=True,
        rival="sft",
    ),
    Rung(
        "shuffled-dpo",
        "DPO, half the labels flipped",
        method=DPO,
        lessons=half_turned,
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


def _alone(units: Sequence[Example] | Sequence[Pair]) -> tuple[Event, ...]:
    """Return each unit as an event that teaches it and nothing else."""
    return tuple(
        Event(
            "", 0, 0.0, "", each.path, "", each.prefix, each.suffix, each.context, None,
            (each,) if isinstance(each, Pair) else (),
            (each,) if isinstance(each, Example) else (),
        )
        for each in units
    )  # fmt: skip
