"""An objective that looks at one text in its place at a time, by a pure function.

Most objectives are of this kind. A text of white space alone, and one in a language that the
function does not know, gets no opinion. Knows nothing of what is looked for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from penchant_trainer.units import Event

Look = Callable[[str, str, str], float | None]
"""Prefix, text and suffix in; a score in 0..1 out, None where nothing can be said."""


@dataclass(frozen=True, slots=True)
class Check:
    """A named look; ``language`` is the only one it knows, empty for all."""

    name: str
    look: Look
    language: str = "python"

    def scores(self, events: Sequence[Event], texts: Sequence[str]) -> list[float | None]:
        """Return the score of each text at its event."""
        return [self._score(event, text) for event, text in zip(events, texts, strict=True)]

    def _score(self, event: Event, text: str) -> float | None:
        if not text.strip() or (self.language and event.language != self.language):
            return None
        return self.look(event.prefix, text, event.suffix)
