"""Whether a persona's lines parse, at so many places that one point can be told.

At the places where style is measured (200) one line more or less is half a point or more, and an
adapter mends and breaks lines at one place in ten. So the cursors are drawn again and again in the
same held-out files, until there are enough places at which the persona's own line parses. Knows
nothing of models.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from penchant_core.syntax import parses
from penchant_trainer.personas.desk import Place

DRAWS = 12
"""At most so many draws: the held-out files may be few."""


@dataclass(frozen=True, slots=True)
class Parsing:
    """At ``judged`` places: lines of the base model and of the adapter that parse.

    ``broken`` parse with the base model alone, ``mended`` with the adapter alone.
    """

    judged: int
    base: int
    adapter: int
    broken: int
    mended: int

    @property
    def change(self) -> float:
        """By how much the share that parses changed."""
        return (self.adapter - self.base) / self.judged if self.judged else 0.0

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def enough(draw: Callable[[int], Sequence[Place]], seed: int, count: int) -> list[Place]:
    """Return ``count`` different places whose own line parses, fewer if the files have no more.

    ``draw`` returns the places of a seed.
    """
    found: dict[tuple[str, str, str], Place] = {}
    for number in range(DRAWS):
        for place in draw(seed + number):
            key = (place.path, place.prefix, place.suffix)
            if key not in found and _parses(place, place.truth):
                found[key] = place
        if len(found) >= count:
            break
    return [*found.values()][:count]


def compared(places: Sequence[Place], base: Sequence[str], adapter: Sequence[str]) -> Parsing:
    """Return how many lines of both parse in their places."""
    old = [_parses(place, line) for place, line in zip(places, base, strict=True)]
    new = [_parses(place, line) for place, line in zip(places, adapter, strict=True)]
    pairs = list(zip(old, new, strict=True))
    broken, mended = pairs.count((True, False)), pairs.count((False, True))
    return Parsing(len(places), sum(old), sum(new), broken, mended)


def _parses(place: Place, line: str) -> bool:
    return parses(place.prefix + line + place.suffix)
