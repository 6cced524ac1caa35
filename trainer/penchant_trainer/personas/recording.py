"""Turns places, suggestions and answers into signals, and writes them into a real signal log.

What is written is what the language server would have recorded: one completion with its outcome
each, hours apart over several weeks. Deterministic for a seed. Knows nothing of models.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from penchant_core.signals import Candidate, Completion, Outcome, OutcomeKind, Signal
from penchant_core.store import SignalStore
from penchant_trainer.personas.desk import Place
from penchant_trainer.personas.people import Persona
from penchant_trainer.personas.policy import Answer, answer

BEGIN_S = 1_760_000_000.0
APART_S = 1500.0
READ_S, SETTLED_S = 2.0, 12.0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the base model wrote at a place (one line), and whether it stopped by itself there.

    ``logprob`` is how likely it found that (nats, the end included), and ``certainty`` how likely
    the beginning of it, as they come from an engine.
    """

    text: str
    ended: bool
    logprob: float | None = None
    certainty: tuple[float, ...] = ()


def signals(
    persona: Persona,
    places: Sequence[Place],
    suggestions: Sequence[Suggestion],
    *,
    fingerprint: str,
    seed: int,
) -> list[Signal]:
    """Return the persona's signals, oldest first, one per place."""
    chance = random.Random(f"{seed}/{persona.name}")  # noqa: S311 (no secret hangs on it)
    elsewhere = [place.truth for place in places]
    chance.shuffle(elsewhere)
    rows = zip(places, suggestions, elsewhere, strict=True)
    return [
        _signal(persona, number, place, suggested, other, fingerprint, chance)
        for number, (place, suggested, other) in enumerate(rows)
    ]


def record(path: Path, rows: Sequence[Signal]) -> dict[str, int]:
    """Write signals into the log at ``path``; return how many there are of each outcome."""
    with SignalStore(path) as store:
        store.add_all(rows)
    return outcomes(rows)


def outcomes(rows: Sequence[Signal]) -> dict[str, int]:
    """Return how many signals there are of each outcome."""
    found: dict[str, int] = {}
    for row in rows:
        kind = row.outcome.kind.value if row.outcome else "not shown"
        found[kind] = found.get(kind, 0) + 1
    return dict(sorted(found.items()))


def _signal(
    persona: Persona,
    number: int,
    place: Place,
    suggested: Suggestion,
    elsewhere: str,
    fingerprint: str,
    chance: random.Random,
) -> Signal:
    shown = bool(suggested.text.strip())
    completion = Completion(
        id=f"{persona.name}-{number:05d}",
        at=BEGIN_S + number * APART_S,
        developer=persona.name,
        workspace=f"personas-{persona.name}",
        path=place.path,
        language="python",
        prefix=place.prefix,
        suffix=place.suffix,
        candidates=(_candidate(suggested),),
        shown=0 if shown else None,
        not_shown="" if shown else "empty",
        base_fingerprint=fingerprint,
    )
    if not shown:
        return Signal(completion)
    given = answer(persona, place, suggested.text, chance, elsewhere)
    return Signal(completion, _outcome(completion, given))


def _candidate(suggested: Suggestion) -> Candidate:
    finish = "stop" if suggested.ended else "length"
    return Candidate(suggested.text, suggested.logprob, finish, tuple(suggested.certainty))


def _outcome(completion: Completion, given: Answer) -> Outcome:
    kept = given.kept or 0.0
    retained = round(kept * len(given.accepted))
    if given.kind is OutcomeKind.PARTIALLY_ACCEPTED:
        retained = len(given.accepted)
    return Outcome(
        completion.id,
        given.kind,
        completion.at + READ_S,
        completion.at + SETTLED_S,
        accepted_chars=len(given.accepted),
        retained_chars=retained,
        final_text=given.final,
        instead=given.instead,
        kept=given.kept,
        flags=given.flags,
    )
