"""The seam between what scores a completion and what trains on the score.

An objective sees where a text was written and the text, and says how good it is by one measure
only; several are combined by a scalarisation. Knows nothing of models and of training.
"""

from collections.abc import Sequence
from typing import Protocol

from penchant_trainer.units import Event


class Objective(Protocol):
    """Scores completions by one measure, named for cards and reports."""

    @property
    def name(self) -> str:
        """Return a short name, such as ``parses``."""
        ...

    def scores(self, events: Sequence[Event], texts: Sequence[str]) -> list[float | None]:
        """Return one score in 0..1 per text written at its event; None where it has no opinion.

        ``events`` and ``texts`` have one length. The event's ``truth`` may be looked at only by an
        objective that says so in its name's documentation: it is unknown where suggestions are
        really asked for.
        """
        ...
