"""Goes through the cells of a measurement in their order and gathers the results.

First every training at the number of events that counts, then the matrix and the show filter, then
the curve: what matters most is there first when time runs out. Knows nothing of how a cell is made.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from penchant_trainer.personas.people import Persona
from penchant_trainer.personas.rehearsal import BASE, Plan, Rehearsal
from penchant_trainer.personas.reports import perplexity_ratio
from penchant_trainer.personas.results import Result, Results


@dataclass(frozen=True, slots=True)
class Task:
    """A part of the measurement that hangs on no other one of its stage."""

    part: Literal["result", "row", "filter"]
    persona: Persona
    events: int

    def make(self, rehearsal: Rehearsal) -> None:
        """Make its cells, those that are not there yet."""
        if self.part == "row":
            _row(rehearsal, self.persona)
        elif self.part == "filter":
            rehearsal.filtered(self.persona)
        else:
            result(rehearsal, self.persona, self.events)


def stages(plan: Plan) -> Iterator[list[Task]]:
    """Yield the tasks of a plan, stage after stage; each one needs the stages before it."""
    if plan.train:
        yield [Task("result", persona, plan.events) for persona in plan.personas]
    if plan.train and plan.matrix:
        yield [Task("row", persona, plan.events) for persona in plan.styled]
    if plan.filter:
        yield [Task("filter", persona, plan.events) for persona in plan.styled]
    yield [Task("result", persona, size) for persona, size in _curve(plan)]


def results(rehearsal: Rehearsal) -> Results:
    """Return everything that the rehearsal's plan asks for."""
    plan = rehearsal.plan
    judged = [(persona, plan.events) for persona in plan.personas if plan.train]
    found = tuple(result(rehearsal, *each) for each in chain(judged, _curve(plan)))
    matrix = {p.name: _row(rehearsal, p) for p in plan.styled if plan.train and plan.matrix}
    sparing = rehearsal.sparing() if plan.filter and plan.styled else None
    return Results(plan.events, found, matrix, sparing)


def result(rehearsal: Rehearsal, persona: Persona, events: int) -> Result:
    """Return one training of one persona, measured."""
    cell = rehearsal.trained(persona, events)
    adapter = rehearsal.candidate(persona, events)
    name = f"{persona.name}-{events}"
    report = cell.report
    return Result(
        persona.name,
        persona.kind,
        events,
        report["status"],
        tuple(report["reasons"]),
        report["method"],
        cell.outcomes,
        rehearsal.shown(persona, None, BASE),
        rehearsal.shown(persona, adapter, name) if adapter else None,
        rehearsal.own(persona),
        perplexity_ratio(report),
        float(report["seconds"]),
        rehearsal.parsing(persona, events) if _decides(rehearsal.plan, persona, events) else None,
    )


def _decides(plan: Plan, persona: Persona, events: int) -> bool:
    """Whether the targets look at this training's lines: a style persona's, not of the curve."""
    return persona.kind == "style" and events == plan.events


def _curve(plan: Plan) -> list[tuple[Persona, int]]:
    """Return who is trained on which further number of events: those with a style to learn."""
    sizes = [size for size in plan.sizes if plan.train and size != plan.events]
    return [(persona, size) for size in sizes for persona in plan.styled]


def _row(rehearsal: Rehearsal, persona: Persona) -> dict[str, float]:
    """Return what every style persona's adapter shows at one's places."""
    events, found = rehearsal.plan.events, {}
    for other in rehearsal.plan.styled:
        adapter = rehearsal.candidate(other, events)
        if adapter is not None:
            shown = rehearsal.shown(persona, adapter, f"{other.name}-{events}")
            found[other.name] = round(shown.share, 4)
    return found
