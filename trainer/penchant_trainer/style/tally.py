"""How often habits show over many completions: counts alone, never a text.

Counts can be kept between the phases of a run and put on a card. Knows nothing of what they mean.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from penchant_trainer.style.habits import verdicts

Fragment = tuple[str, str, str]
"""Prefix, completion and suffix."""


@dataclass(frozen=True, slots=True)
class Count:
    """In how many completions a habit showed, of those in which it had an occasion."""

    shown: int
    occasions: int

    @property
    def share(self) -> float:
        """From 0 to 1; 0 without an occasion."""
        return self.shown / self.occasions if self.occasions else 0.0


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of each habit that had an occasion."""

    counts: Mapping[str, Count] = field(default_factory=dict)

    def __getitem__(self, habit: str) -> Count:
        return self.counts.get(habit, Count(0, 0))

    def as_json(self) -> dict[str, list[int]]:
        """Return it as plain values: ``{habit: [shown, occasions]}``."""
        return {name: [count.shown, count.occasions] for name, count in self.counts.items()}


def tally(fragments: Iterable[Fragment]) -> Tally:
    """Return how often each habit shows in the completions of these fragments (Python only)."""
    found: dict[str, list[bool]] = {}
    for prefix, completion, suffix in fragments:
        for name, shown in verdicts(prefix, completion, suffix).items():
            found.setdefault(name, []).append(shown)
    return Tally({name: Count(sum(rows), len(rows)) for name, rows in sorted(found.items())})


def tally_from_json(data: Mapping[str, list[int]]) -> Tally:
    """Return what ``as_json`` wrote."""
    return Tally({name: Count(*numbers) for name, numbers in data.items()})
