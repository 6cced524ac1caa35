"""Divides places into past and future, and takes out of the future what the past already holds.

The border lies between two commits, so no commit is on both sides. A future place that nearly
repeats a past one tests memory and not learning: it is purged and counted. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from penchant_trainer.replay.walk import Place

SHARE = 0.2
NEAR = 0.9
CONTEXT_LINES = 2


@dataclass(frozen=True, slots=True)
class Division:
    """Past and future places, oldest first; ``purged`` future ones were nearly in the past."""

    past: tuple[Place, ...]
    future: tuple[Place, ...]
    purged: int

    @property
    def purge_rate(self) -> float:
        """Which share of the future was purged."""
        whole = self.purged + len(self.future)
        return self.purged / whole if whole else 0.0

    @property
    def border(self) -> float:
        """The time (epoch s) of the first future commit; nothing trained on is younger."""
        return min((place.at for place in self.future), default=float("inf"))


def divide(places: Sequence[Place], *, share: float = SHARE, near: float = NEAR) -> Division:
    """Hold out the newest commits until they have ``share`` of the places.

    ``near`` is the edit similarity of two places (the lines before the cursor with what was
    written) from which they count as the same.
    """
    ordered = sorted(places, key=lambda place: place.at)
    index = _border(ordered, share)
    past, future = ordered[:index], ordered[index:]
    seen = [_text(place) for place in past]
    fresh = [place for place in future if not _repeats(_text(place), seen, near)]
    return Division(tuple(past), tuple(fresh), len(future) - len(fresh))


def _border(ordered: Sequence[Place], share: float) -> int:
    """Return the index of the first future place: the first of its moment in time."""
    index = len(ordered) - max(1, round(share * len(ordered))) if ordered else 0
    while 0 < index < len(ordered) and ordered[index].at == ordered[index - 1].at:
        index -= 1
    return index


def _text(place: Place) -> str:
    lines = place.prefix.split("\n")[-1 - CONTEXT_LINES :]
    return "\n".join(line.strip() for line in (*lines[:-1], lines[-1] + place.truth))


def _repeats(text: str, seen: Sequence[str], near: float) -> bool:
    return any(
        Levenshtein.normalized_similarity(text, other, score_cutoff=near) >= near for other in seen
    )
