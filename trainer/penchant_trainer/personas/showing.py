"""Goes through the cells of a measurement in their order and gathers the results.

First every training at the number of events that counts, then the matrix, then the curve: what
matters most is there first when time runs out. Knows nothing of how a cell is made.
"""

from penchant_trainer.personas.people import Persona
from penchant_trainer.personas.rehearsal import BASE, Rehearsal
from penchant_trainer.personas.results import Result, Results, perplexity_ratio


def results(rehearsal: Rehearsal) -> Results:
    """Return everything that the rehearsal's plan asks for."""
    plan = rehearsal.plan
    found = [result(rehearsal, persona, plan.events) for persona in plan.personas]
    matrix = _matrix(rehearsal) if plan.matrix else {}
    for size in plan.sizes:
        if size != plan.events:
            found += [result(rehearsal, persona, size) for persona in plan.personas]
    return Results(plan.events, tuple(found), matrix)


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
    )


def _matrix(rehearsal: Rehearsal) -> dict[str, dict[str, float]]:
    """Return what every style persona's adapter shows at every style persona's places."""
    events = rehearsal.plan.events
    styled = [persona for persona in rehearsal.plan.personas if persona.kind == "style"]
    found: dict[str, dict[str, float]] = {}
    for row in styled:
        found[row.name] = {}
        for column in styled:
            adapter = rehearsal.candidate(column, events)
            if adapter is not None:
                shown = rehearsal.shown(row, adapter, f"{column.name}-{events}")
                found[row.name][column.name] = round(shown.share, 4)
    return found
