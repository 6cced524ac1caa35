"""Turns what became of suggestions into real signals, and signals back into what training takes.

The signals go through the product's own store and the product's own harvest, so a replay learns
exactly what the same outcomes would teach in daily use. Knows nothing of models.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from penchant_core.models import BaseModel
from penchant_core.settings import CompletionSettings
from penchant_core.signals import Candidate, Completion, Outcome, OutcomeKind, Signal
from penchant_core.store import SignalStore
from penchant_trainer.caps import UNCAPPED
from penchant_trainer.pairs import harvest
from penchant_trainer.replay.answer import Answer
from penchant_trainer.replay.policy import Policy, judged
from penchant_trainer.replay.walk import Place
from penchant_trainer.units import Event, Example, Pair

_STORED = CompletionSettings()
"""What the language server stores of a document around the cursor, by default."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """What signals taught, as events; ``outcomes`` counts the signals by kind."""

    events: tuple[Event, ...]
    outcomes: Mapping[str, int]

    @property
    def examples(self) -> tuple[Example, ...]:
        """The completions that were wanted."""
        return tuple(e for event in self.events for e in event.examples if e.desirable)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The preference pairs."""
        return tuple(pair for event in self.events for pair in event.pairs)


def write(
    path: Path,
    places: Sequence[Place],
    answers: Sequence[Answer],
    policy: Policy,
    base: BaseModel,
) -> None:
    """Write one signal per place into the signal log at ``path``, in one transaction."""
    with SignalStore(path) as store:
        store.add_all(
            signal(place, answer, policy, base)
            for place, answer in zip(places, answers, strict=True)
        )


def read(path: Path, places: Iterable[Place], *, capped: bool = True) -> Lessons:
    """Return what the logged signals of these places teach, under the product's usual caps."""
    wanted = {place.id for place in places}
    with SignalStore(path) as store:
        signals = [signal for signal in store.signals() if signal.completion.id in wanted]
    events = harvest(signals, (), None if capped else UNCAPPED)
    return Lessons(events, dict(Counter(_kind(signal) for signal in signals)))


def signal(place: Place, answer: Answer, policy: Policy, base: BaseModel) -> Signal:
    """Return the signal of one suggestion at one place, as the language server would store it."""
    verdict = judged(answer.text, place.written, policy)
    completion = Completion(
        id=place.id,
        at=place.at,
        developer="replay",
        workspace="replay",
        path=place.path,
        language=place.language,
        prefix=place.prefix[-_STORED.prefix_chars :],
        suffix=place.suffix[: _STORED.suffix_chars],
        candidates=(
            Candidate(
                answer.text,
                answer.confidence * len(answer.ids),
                "stop" if answer.ended else "length",
            ),
        ),
        shown=None if verdict.kind is None else 0,
        not_shown="filtered" if verdict.kind is None else "",
        base_fingerprint=base.fingerprint,
    )
    if verdict.kind is None:
        return Signal(completion)
    taken = verdict.kind is not OutcomeKind.REJECTED
    outcome = Outcome(
        place.id,
        verdict.kind,
        place.at,
        place.at,
        accepted_chars=len(answer.text) if taken else 0,
        retained_chars=verdict.retained,
        final_text=verdict.wanted if taken else "",
        instead="" if taken else place.written,
        kept=verdict.kept if taken else None,
    )
    return Signal(completion, outcome)


def _kind(signal: Signal) -> str:
    return signal.outcome.kind.value if signal.outcome else "not_shown"
