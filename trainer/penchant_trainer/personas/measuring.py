"""What a model shows of a persona's style at places that nobody ever wrote while recording.

A habit is counted where the persona itself shows it, and where the model's line has an occasion for
it. Whether a line parses is asked where the persona's own does. Counts alone leave this module.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from statistics import fmean
from typing import Any

from penchant_core.syntax import parses
from penchant_trainer.metrics import similarity
from penchant_trainer.personas.desk import Place
from penchant_trainer.personas.people import Persona
from penchant_trainer.style.habits import verdicts


@dataclass(frozen=True, slots=True)
class Shown:
    """How one model did at a persona's places.

    ``habits`` maps each habit to (lines as the persona wants them, lines with an occasion, places
    where the persona shows it). ``parses`` is (lines that parse in place, places judged).
    ``tally`` counts every habit there is.
    """

    habits: dict[str, tuple[int, int, int]]
    parses: tuple[int, int]
    similarity: float
    places: int
    tally: dict[str, list[int]] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """The share of lines in the persona's style, over all its habits."""
        occasions = sum(row[1] for row in self.habits.values())
        return sum(row[0] for row in self.habits.values()) / occasions if occasions else 0.0

    @property
    def reach(self) -> float:
        """The share of places at which the line shows what the persona shows there.

        A line without an occasion counts against it: a model may lack content rather than style.
        """
        places = sum(row[2] for row in self.habits.values())
        return sum(row[0] for row in self.habits.values()) / places if places else 0.0

    @property
    def occasions(self) -> int:
        """How many verdicts the share stands on."""
        return sum(row[1] for row in self.habits.values())

    @property
    def parse_rate(self) -> float:
        """The share of lines that parse in place."""
        return self.parses[0] / self.parses[1] if self.parses[1] else 0.0

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def shown_from_json(data: dict[str, Any]) -> Shown:
    """Return what ``as_json`` wrote."""
    habits = {name: (row[0], row[1], row[2]) for name, row in data["habits"].items()}
    good, judged = data["parses"]
    return Shown(habits, (good, judged), data["similarity"], data["places"], data["tally"])


def measured(persona: Persona, places: Sequence[Place], lines: Sequence[str]) -> Shown:
    """Return how the lines that a model wrote at a persona's places look."""
    counts = {name: [0, 0, 0] for name in persona.wants}
    every: dict[str, list[bool]] = {}
    good = judged = 0
    for place, line in zip(places, lines, strict=True):
        own, parsed = _own(place)
        found = verdicts(place.prefix, line, place.suffix)
        for name, shown in found.items():
            every.setdefault(name, []).append(shown)
        for name, wanted in persona.wants.items():
            if own.get(name) is wanted:
                counts[name][2] += 1
                counts[name][1] += name in found
                counts[name][0] += found.get(name) is wanted
        if parsed:
            judged += 1
            good += parses(place.prefix + line + place.suffix)
    pairs = zip(lines, places, strict=True)
    alike = [similarity(line, place.truth) for line, place in pairs]
    return Shown(
        {name: (row[0], row[1], row[2]) for name, row in counts.items()},
        (good, judged),
        round(fmean(alike), 4) if alike else 0.0,
        len(places),
        {name: [sum(shown), len(shown)] for name, shown in sorted(every.items())},
    )


@lru_cache(maxsize=4096)
def _own(place: Place) -> tuple[dict[str, bool], bool]:
    """Return what the persona's own line shows, and whether it parses: the same for each model."""
    own = verdicts(place.prefix, place.truth, place.suffix)
    return own, parses(place.prefix + place.truth + place.suffix)
