"""How often a judge sides with the developer, on the developer's own preference pairs.

Nothing that a judge says is used before this is known: a judge who is right no more often than a
coin teaches somebody else's taste. Reported per principle, per objective and over all, with a
Wilson interval (E. B. Wilson, JASA 22, 1927). Knows nothing of labels and of training.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from penchant_trainer.intervals import wilson
from penchant_trainer.rewards.constitution import Principle
from penchant_trainer.rewards.judge import Judge, Row, fractions
from penchant_trainer.rewards.objective import Objective
from penchant_trainer.units import Event, Pair

Form = Literal["answers", "comparisons"]

MOST = 200
"""A judge is asked about so many pairs at most, the newest."""

LEAST_DECIDED = 20
"""Fewer decided pairs say nothing about a judge."""
_Z = 1.959964  # 95 %
_EQUAL = 1e-9


@dataclass(frozen=True, slots=True)
class Tally:
    """On how many pairs somebody sided with the developer, against them, or with neither."""

    agreed: int = 0
    against: int = 0
    silent: int = 0

    @property
    def decided(self) -> int:
        """How many pairs were decided at all."""
        return self.agreed + self.against

    @property
    def share(self) -> float | None:
        """The share of agreement among decided pairs, None without any."""
        return self.agreed / self.decided if self.decided else None

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % Wilson interval of the share; 0 to 1 where nothing was decided."""
        return wilson(self.agreed, self.decided)

    def as_json(self) -> dict[str, Any]:
        """Return the figures for reports."""
        low, high = self.interval
        return {
            "agreed": self.agreed,
            "against": self.against,
            "silent": self.silent,
            "share": self.share,
            "low": low,
            "high": high,
        }


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was found on ``pairs`` pairs; ``overall`` counts differences of ``least`` or more."""

    judge: str
    pairs: int
    least: float
    overall: Tally
    principles: dict[str, Tally]
    objectives: dict[str, Tally]

    def believed(self, bound: float) -> bool:
        """Whether labels may be used: the interval lies above ``bound``, on enough pairs."""
        low, _ = self.overall.interval
        return self.overall.decided >= LEAST_DECIDED and low > bound


def measure(
    judge: Judge,
    principles: Sequence[Principle],
    events: Sequence[Event],
    *,
    form: Form = "answers",
    least: float = 0.25,
    objectives: Iterable[Objective] = (),
) -> Agreement:
    """Return how a judge, its principles and the objectives side on the pairs of ``events``."""
    places, pairs = own_pairs(events)
    chosen, rejected = [p.chosen for p in pairs], [p.rejected for p in pairs]
    rows = differences(judge, principles, places, chosen, rejected, form=form)
    overall = [None if d is None or abs(d) < least else d for d in total(principles, rows)]
    return Agreement(
        judge.name,
        len(pairs),
        least,
        _tally(overall),
        {p.id: _tally(row) for p, row in zip(principles, rows, strict=True)},
        {o.name: _tally(_scored(o, places, chosen, rejected)) for o in objectives},
    )


def newest(events: Sequence[Event], most: int = MOST) -> list[Event]:
    """Return the newest events that hold at most ``most`` pairs together."""
    found: list[Event] = []
    for event in sorted(events, key=lambda e: (e.at, e.seq), reverse=True):
        if event.pairs and sum(len(e.pairs) for e in found) + len(event.pairs) <= most:
            found.append(event)
    return found[::-1]


def own_pairs(events: Sequence[Event]) -> tuple[list[Event], list[Pair]]:
    """Return every preference pair with the place that it stands at, its truth left out."""
    found = [(_at(event, pair), pair) for event in events for pair in event.pairs]
    return [place for place, _ in found], [pair for _, pair in found]


def differences(
    judge: Judge,
    principles: Sequence[Principle],
    events: Sequence[Event],
    firsts: Sequence[str],
    seconds: Sequence[str],
    *,
    form: Form,
) -> list[Row]:
    """Return per principle by how much each first text is better than the second (-1..1)."""
    if form == "comparisons":
        preferred = judge.prefers(principles, events, firsts, seconds)
        return [[None if p is None else 2 * p - 1 for p in row] for row in preferred]
    asked = list(zip([*events, *events], [*firsts, *seconds], strict=True))
    once = {question: number for number, question in enumerate(dict.fromkeys(asked))}
    rows = judge.answers(principles, [e for e, _ in once], [text for _, text in once])
    count = len(events)
    said = [[row[once[question]] for question in asked] for row in rows]
    return [_minus(row[:count], row[count:]) for row in said]


def total(principles: Sequence[Principle], rows: Sequence[Row]) -> Row:
    """Return each pair's difference over all principles, weighted."""
    return fractions(principles, rows)


def _scored(
    objective: Objective, events: Sequence[Event], firsts: Sequence[str], seconds: Sequence[str]
) -> Row:
    return _minus(objective.scores(events, firsts), objective.scores(events, seconds))


def _minus(one: Row, two: Row) -> Row:
    return [None if a is None or b is None else a - b for a, b in zip(one, two, strict=True)]


def _at(event: Event, pair: Pair) -> Event:
    return replace(event, prefix=pair.prefix, suffix=pair.suffix, truth=None, pairs=(), examples=())


def _tally(row: Row) -> Tally:
    said = [value for value in row if value is not None and abs(value) > _EQUAL]
    agreed = sum(value > 0 for value in said)
    return Tally(agreed, len(said) - agreed, len(row) - len(said))
