"""Whoever judges completions by principles: one interface, and the judges that stand behind it.

A judge says per principle and text how probable "yes" is, and per principle and two texts how
probable it is that the first is better. Models are asked in both orders and the answers averaged,
because they favour a place. Knows nothing of training and of where a model runs.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from penchant_core.errors import ConfigError, TrainError
from penchant_trainer.rewards.asking import about_one, about_two
from penchant_trainer.rewards.constitution import Principle
from penchant_trainer.rewards.objective import Objective
from penchant_trainer.units import Event

Row = list[float | None]
"""One number in 0..1 per text, None where nothing was said."""


class JudgeError(TrainError):
    """A judge cannot be asked, or cannot be believed."""


class Judge(Protocol):
    """Judges texts at their places by principles."""

    @property
    def name(self) -> str:
        """Return what the judge is called in reports."""
        ...

    def answers(
        self, principles: Sequence[Principle], events: Sequence[Event], texts: Sequence[str]
    ) -> list[Row]:
        """Return one row per principle: how probable yes is for each text. Raises JudgeError."""
        ...

    def prefers(
        self,
        principles: Sequence[Principle],
        events: Sequence[Event],
        firsts: Sequence[str],
        seconds: Sequence[str],
    ) -> list[Row]:
        """Return one row per principle: how probable it is that the first text is the better.

        Does not depend on the order in which the two are given. Raises JudgeError.
        """
        ...


class Oracle(Protocol):
    """A model that answers questions with yes or no."""

    @property
    def name(self) -> str:
        """Return what the model is called in reports."""
        ...

    def probabilities(self, questions: Sequence[str]) -> Row:
        """Return how probable yes is for each question, None where neither yes nor no came."""
        ...


class ChecksJudge:
    """Judges by verifiable checks alone; principles without one get no answer."""

    name = "checks"

    def __init__(self, checks: Mapping[str, Objective]) -> None:
        self._checks = checks

    def answers(
        self, principles: Sequence[Principle], events: Sequence[Event], texts: Sequence[str]
    ) -> list[Row]:
        """Return the scores of each principle's check; raises ConfigError for an unknown one."""
        return [self._answer(principle, events, texts) for principle in principles]

    def prefers(
        self,
        principles: Sequence[Principle],
        events: Sequence[Event],
        firsts: Sequence[str],
        seconds: Sequence[str],
    ) -> list[Row]:
        """Return a half plus half the difference of the scores."""
        one = self.answers(principles, events, firsts)
        two = self.answers(principles, events, seconds)
        return [
            [
                None if a is None or b is None else 0.5 + (a - b) / 2
                for a, b in zip(*rows, strict=True)
            ]
            for rows in zip(one, two, strict=True)
        ]

    def _answer(self, principle: Principle, events: Sequence[Event], texts: Sequence[str]) -> Row:
        if not principle.check:
            return [None] * len(texts)
        if principle.check not in self._checks:
            known = ", ".join(sorted(self._checks))
            raise ConfigError(
                f"principle {principle.id!r} names the check {principle.check!r}; there are {known}"
            )
        return self._checks[principle.check].scores(events, texts)


class ModelJudge:
    """Judges by asking a model one question per principle and text."""

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle
        self.name = oracle.name

    def answers(
        self, principles: Sequence[Principle], events: Sequence[Event], texts: Sequence[str]
    ) -> list[Row]:
        """Return how probable the model finds yes."""
        places = list(zip(events, texts, strict=True))
        questions = [about_one(p, event, text) for p in principles for event, text in places]
        return _rows(self._oracle.probabilities(questions), len(principles), len(places))

    def prefers(
        self,
        principles: Sequence[Principle],
        events: Sequence[Event],
        firsts: Sequence[str],
        seconds: Sequence[str],
    ) -> list[Row]:
        """Ask in both orders; return the mean of "A is better" and of "not: B is better"."""
        places = list(zip(events, firsts, seconds, strict=True))
        there = [about_two(p, event, a, b) for p in principles for event, a, b in places]
        back = [about_two(p, event, b, a) for p in principles for event, a, b in places]
        said = self._oracle.probabilities([*there, *back])
        both = zip(said[: len(there)], said[len(there) :], strict=True)
        means = [None if a is None or b is None else (a + 1 - b) / 2 for a, b in both]
        return _rows(means, len(principles), len(places))


def fractions(principles: Sequence[Principle], rows: Sequence[Row]) -> Row:
    """Return each text's weighted fraction of yes among the principles that were answered."""
    found: Row = []
    for answers in zip(*rows, strict=True):
        said = [(p.weight, a) for p, a in zip(principles, answers, strict=True) if a is not None]
        total = sum(weight for weight, _ in said)
        found.append(sum(weight * a for weight, a in said) / total if total else None)
    return found


def _rows(flat: Row, count: int, width: int) -> list[Row]:
    return [flat[n * width : (n + 1) * width] for n in range(count)]
