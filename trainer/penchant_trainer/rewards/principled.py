"""A judge's answer to one principle, as an objective like any other.

One objective per principle, so that each is standardised, weighted and reported by itself before
they become one reward (MORLAIF, arXiv 2406.07295). Only for a judge whose agreement was measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from penchant_trainer.rewards.agreement import Agreement
from penchant_trainer.rewards.constitution import Principle
from penchant_trainer.rewards.judge import Judge
from penchant_trainer.rewards.labels import ensure_believed
from penchant_trainer.units import Event


@dataclass(frozen=True, slots=True)
class Principled:
    """Scores texts by how probable a judge finds yes to one question."""

    judge: Judge
    principle: Principle

    @property
    def name(self) -> str:
        """The principle's id."""
        return self.principle.id

    def scores(self, events: Sequence[Event], texts: Sequence[str]) -> list[float | None]:
        """Return the probability of yes for each text; raises JudgeError."""
        (row,) = self.judge.answers([self.principle], events, texts)
        return row


def principled(
    judge: Judge, principles: Sequence[Principle], agreement: Agreement, *, bound: float = 0.5
) -> tuple[Principled, ...]:
    """Return an objective per principle; raises JudgeError when the judge is not believed."""
    ensure_believed(agreement, judge.name, bound)
    return tuple(Principled(judge, principle) for principle in principles)
