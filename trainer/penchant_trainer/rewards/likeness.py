"""How near a completion comes to what the developer finally had at that place.

Looks at the event's truth, so it can judge practice on past events only, never a suggestion whose
outcome is open. The whole text is compared: going on where the developer stopped costs. Knows
nothing of models.
"""

from collections.abc import Sequence

from penchant_trainer.metrics import similarity
from penchant_trainer.units import Event


class Likeness:
    """Edit similarity to the event's truth (1 is equal); no opinion where none is known."""

    name = "likeness"

    def scores(self, events: Sequence[Event], texts: Sequence[str]) -> list[float | None]:
        """Return 1 minus the normalised Levenshtein distance per text."""
        return [
            None if event.truth is None else similarity(text, event.truth)
            for event, text in zip(events, texts, strict=True)
        ]
