"""Objective ``brevity``: the text is about as long as this developer's texts usually are.

Measured against a typical length that is given beforehand, never against the true text, which
nobody knows when a suggestion is asked for. Knows nothing of what is written.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from penchant_trainer.units import Event

TYPICAL_CHARS = 32
"""What is typical of a developer of whom nothing is known: about one line of code."""


@dataclass(frozen=True, slots=True)
class Brevity:
    """Scores ``exp(-|log(length / typical)|)``: 1 at the typical length, a half at its double."""

    typical_chars: float = TYPICAL_CHARS
    name: str = "brevity"

    def scores(self, _events: Sequence[Event], texts: Sequence[str]) -> list[float | None]:
        """Return the score of each text; 0 for an empty one."""
        return [self.score(len(text.strip())) for text in texts]

    def score(self, length: int) -> float:
        """Return the score of a length (characters)."""
        if not length:
            return 0.0
        return math.exp(-abs(math.log(length / self.typical_chars)))


def typical_chars(texts: Iterable[str], least: int = 8) -> float:
    """Return the median length of texts (characters); the default when there are fewer."""
    lengths = [len(text.strip()) for text in texts if text.strip()]
    return float(median(lengths)) if len(lengths) >= least else float(TYPICAL_CHARS)
