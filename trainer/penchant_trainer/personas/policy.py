"""How a persona answers a suggestion: by what it wants to write, by its style, and by its slips.

One suggestion in, one outcome out, as the tracker would have settled it. The text that is compared
ends at the end of the line, like every place. Deterministic for a random source. Knows nothing of
models and stores.
"""

import random
from dataclasses import dataclass

from rapidfuzz.distance import Prefix

from penchant_core.signals import OutcomeKind
from penchant_trainer.metrics import kept_share, similarity
from penchant_trainer.personas.desk import Place
from penchant_trainer.personas.people import Persona
from penchant_trainer.style.habits import HABITS, verdicts

WORTH_MENDING, AGAINST_THE_GRAIN = 0.55, 0.75
"""A suggestion at least so similar is taken and mended; more is asked of one in another style."""

WORTH_A_PART = 6
"""A right beginning of so many characters is taken by itself."""

TYPED_BY_HAND, DISMISSED, UNSEEN = 0.15, 0.6, 0.08


@dataclass(frozen=True, slots=True)
class Answer:
    """What was done: the kind of outcome and the texts that go with it."""

    kind: OutcomeKind
    accepted: str = ""
    final: str = ""
    instead: str = ""
    kept: float | None = None
    flags: tuple[str, ...] = ()


def answer(
    persona: Persona, place: Place, suggestion: str, chance: random.Random, elsewhere: str = ""
) -> Answer:
    """Return the persona's answer; ``elsewhere`` is what it wrote at another place."""
    match persona.manner:
        case "accept_all":
            return _taken(suggestion)
        case "reject_all":
            return Answer(OutcomeKind.REJECTED, flags=("dismissed",))
        case "shuffled":
            return _steadily(persona, place, suggestion, elsewhere, chance)
        case "random":
            return _thrown(suggestion, elsewhere, chance)
    if chance.random() < persona.slips:
        return _slip(suggestion, place.truth, chance)
    return _steadily(persona, place, suggestion, place.truth, chance)


def _steadily(
    persona: Persona, place: Place, suggestion: str, wanted: str, chance: random.Random
) -> Answer:
    if suggestion.rstrip() == wanted.rstrip():
        by_hand = chance.random() < TYPED_BY_HAND
        return _taken(suggestion, OutcomeKind.TYPED_THROUGH if by_hand else OutcomeKind.ACCEPTED)
    if chance.random() < UNSEEN:
        return Answer(OutcomeKind.IGNORED)
    alike = similarity(suggestion, wanted)
    least = WORTH_MENDING if in_style(persona, place, suggestion) else AGAINST_THE_GRAIN
    if alike >= least:
        kept = kept_share(suggestion, wanted)
        return Answer(OutcomeKind.ACCEPTED_EDITED, suggestion, wanted, kept=kept)
    part = _word_edge(suggestion, Prefix.similarity(suggestion, wanted))
    if part >= WORTH_A_PART:
        return Answer(OutcomeKind.PARTIALLY_ACCEPTED, suggestion[:part], wanted)
    flags = ("dismissed",) if chance.random() < DISMISSED else ()
    return Answer(OutcomeKind.REJECTED, instead=wanted, flags=flags)


def in_style(persona: Persona, place: Place, suggestion: str) -> bool:
    """Whether a suggestion goes against none of the persona's habits."""
    habits = tuple(HABITS[name] for name in persona.wants)
    found = verdicts(place.prefix, suggestion, place.suffix, habits)
    return all(persona.wants[name] is shown for name, shown in found.items())


def _taken(suggestion: str, kind: OutcomeKind = OutcomeKind.ACCEPTED) -> Answer:
    return Answer(kind, suggestion, suggestion, kept=1.0)


def _slip(suggestion: str, wanted: str, chance: random.Random) -> Answer:
    """Take what is wrong, or dismiss it and leave the rest for later."""
    if chance.random() < 0.5:
        return _taken(suggestion)
    return Answer(OutcomeKind.REJECTED, instead=wanted[: len(wanted) // 2])


def _thrown(suggestion: str, elsewhere: str, chance: random.Random) -> Answer:
    match chance.randrange(4):
        case 0 | 1:
            return _taken(suggestion)
        case 2:
            return Answer(OutcomeKind.REJECTED, instead=elsewhere, flags=("dismissed",))
        case _:
            return Answer(OutcomeKind.IGNORED)


def _word_edge(text: str, same: int) -> int:
    """Return the last word edge of ``text`` within its first ``same`` characters."""
    while same and text[same - 1].isalnum() and same < len(text) and text[same].isalnum():
        same -= 1
    return same
