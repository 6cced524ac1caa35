"""Preference pairs from a judge: candidates in, pairs out, weighted by how clear the verdict is.

A label is made only of a difference that is large enough, only by a judge whose agreement with the
developer was measured and is good enough, and it bears the id of the signal at whose place the
candidates were drawn, so that erasing the signal erases it. Knows nothing of who judges.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from penchant_trainer.extent import comparable
from penchant_trainer.metrics import Generation
from penchant_trainer.rewards.agreement import LEAST_DECIDED, Agreement, Form, differences, total
from penchant_trainer.rewards.constitution import Principle
from penchant_trainer.rewards.judge import Judge, JudgeError
from penchant_trainer.units import Event, Pair

WEIGHT = 0.5
"""What a judge's clearest label counts beside a developer's own preference."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a model wrote at the place of one event; several candidates."""

    event: Event
    candidates: tuple[Generation, ...]


def labelled(
    judge: Judge,
    principles: Sequence[Principle],
    drawn: Sequence[Drawn],
    agreement: Agreement,
    *,
    bound: float = 0.5,
    form: Form = "answers",
    weight: float = WEIGHT,
) -> list[Pair]:
    """Return at most one pair per place: the two candidates that the judge sets farthest apart.

    The bound on the difference is the one that ``agreement`` was measured with. Raises JudgeError
    when the judge was not asked about this developer's own pairs or does not agree with them.
    """
    ensure_believed(agreement, judge.name, bound)
    choices = [choice for place in drawn for choice in _choices(place)]
    rows = differences(
        judge,
        principles,
        [event for event, _, _ in choices],
        [one.text for _, one, _ in choices],
        [two.text for _, _, two in choices],
        form=form,
    )
    clearest: dict[str, tuple[float, Pair]] = {}
    for (event, one, two), difference in zip(choices, total(principles, rows), strict=True):
        if difference is None or abs(difference) < agreement.least:
            continue
        best = clearest.get(event.signal_id)
        if best is None or abs(difference) > best[0]:
            clearest[event.signal_id] = (
                abs(difference),
                _pair(event, one, two, difference, weight),
            )
    return [pair for _, pair in clearest.values()]


def ensure_believed(agreement: Agreement, judge: str, bound: float) -> None:
    """Raise JudgeError, saying why, when labels of this judge must not be used."""
    if agreement.judge != judge:
        raise JudgeError(
            f"the agreement was measured for {agreement.judge}, not for {judge}; measure it "
            "first (`penchant judge`)"
        )
    if agreement.believed(bound):
        return
    low, high = agreement.overall.interval
    decided = agreement.overall.decided
    if decided < LEAST_DECIDED:
        raise JudgeError(
            f"{judge} decided {decided} of your own pairs, {LEAST_DECIDED} are the least; "
            "go on writing, or choose another judge"
        )
    raise JudgeError(
        f"{judge} agrees with you on {low:.0%} to {high:.0%} of your own pairs, which must "
        f"be above {bound:.0%}; its labels are not used. Edit the constitution or choose another"
    )


def _choices(place: Drawn) -> Iterable[tuple[Event, Generation, Generation]]:
    distinct = {g.text: g for g in place.candidates if g.text.strip()}
    for one, two in combinations(distinct.values(), 2):
        if comparable(one.text, two.text):
            yield place.event, one, two


def _pair(event: Event, one: Generation, two: Generation, difference: float, weight: float) -> Pair:
    chosen, rejected = (one, two) if difference > 0 else (two, one)
    return Pair(
        event.prefix,
        event.suffix,
        event.context,
        event.path,
        chosen.text,
        rejected.text,
        round(weight * abs(difference), 6),
        (event.signal_id,),
        chosen.ended,
        rejected.ended,
    )
