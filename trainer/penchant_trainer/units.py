"""What training is made of: preference pairs, examples, and the prompt that both stand on.

Plain immutable values. ``ended`` says that the text stopped there by itself; where an engine was
cut off, no end of text may be taught. Knows nothing of signals, tokens or models.
"""

from dataclasses import dataclass

from penchant_core.signals import Snippet


@dataclass(frozen=True, slots=True)
class Pair:
    """``chosen`` was preferred to ``rejected`` after the same prompt; ``weight`` is above 0."""

    prefix: str
    suffix: str
    context: tuple[Snippet, ...]
    path: str
    chosen: str
    rejected: str
    weight: float
    signal_ids: tuple[str, ...]
    chosen_ended: bool
    rejected_ended: bool


@dataclass(frozen=True, slots=True)
class Example:
    """``completion`` was wanted (or not) after this prompt; ``weight`` is above 0."""

    prefix: str
    suffix: str
    context: tuple[Snippet, ...]
    path: str
    completion: str
    desirable: bool
    weight: float
    signal_ids: tuple[str, ...]
    ended: bool


def place_of(unit: Pair | Example, text: str) -> tuple[str, str, str, str]:
    """Return what tells one text at one place from every other."""
    return unit.path, unit.prefix, unit.suffix, text


@dataclass(frozen=True, slots=True)
class Event:
    """One signal, harvested: its time (s since the epoch), place, and what it teaches.

    ``truth`` is what the developer finally had at that place, None where that is not known. Events
    with a truth can be held out to judge generations by.
    """

    signal_id: str
    seq: int
    at: float
    workspace: str
    path: str
    language: str
    prefix: str
    suffix: str
    context: tuple[Snippet, ...]
    truth: str | None
    pairs: tuple[Pair, ...] = ()
    examples: tuple[Example, ...] = ()
