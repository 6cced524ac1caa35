"""The learned show filter: weights in, the chance that a suggestion is kept out.

Two stages share one form: ``before`` sees the place and the developer's habits and may save the
request, ``after`` also sees what the engine wrote and may keep it from being shown. A file that is
damaged, of another format or holds a number that is none is refused whole. Knows nothing of
editors and of learning.
"""

import json
import math
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from penchant_core.errors import ConfigError
from penchant_core.paths import write_private
from penchant_core.show_filter.features import Features
from penchant_core.show_filter.habits import Habits, habits_from

Finite = Annotated[float, Field(allow_inf_nan=False)]
Chance = Annotated[float, Field(ge=0.0, le=1.0)]
LARGEST = 256_000
"""A file with more bytes is not read: some sixty weights need four thousand."""
BOUND = 8.0
"""A feature counts as at most so many of its own standard deviations."""


CEILING = 0.5
"""What is rather kept than not is never hidden."""
_ROOM_CHARS = 15.0


def worth(chars: float) -> float:
    """Return what a kept suggestion of so many characters is worth, beside others.

    Something even when it is short, and less than twice as much when it is twice as long: of a long
    one less is kept. Tried on synthetic developers against the length itself and against nothing.
    """
    return math.sqrt(max(0.0, chars) + _ROOM_CHARS)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Term(_Strict):
    """One feature: its mean and scale where it was learned, and its weight."""

    mean: Finite
    scale: Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
    weight: Finite


class Stage(_Strict):
    """A calibrated logistic regression, and the chance below which nothing is shown.

    With ``typical_chars`` the threshold holds for a suggestion of that length; see ``least``.
    """

    bias: Finite
    terms: Annotated[dict[str, Term], Field(max_length=400)]
    threshold: Chance
    typical_chars: Annotated[float, Field(ge=0.0, allow_inf_nan=False)] = 0.0

    def fair(self, features: Features) -> bool:
        """Whether a suggestion with these features is worth a glance."""
        return self.threshold <= 0 or self.chance(features) >= self.least(features)

    def least(self, features: Features) -> float:
        """Return the chance (0..1) below which it is not shown.

        Losing a long one costs more text, so it may be less likely; what is rather kept than not
        is always shown.
        """
        if not self.typical_chars:
            return min(CEILING, self.threshold)
        chars = math.expm1(min(12.0, features.get("chars", 0.0)))
        return min(CEILING, self.threshold * worth(self.typical_chars) / worth(chars))

    def chance(self, features: Features) -> float:
        """Return the chance (0..1) that a suggestion with these features is kept.

        A feature that was not seen in learning counts nothing, one that is absent as 0.
        """
        total = self.bias
        for name, term in self.terms.items():
            distance = (features.get(name, 0.0) - term.mean) / term.scale
            total += term.weight * min(BOUND, max(-BOUND, distance))
        return 1.0 / (1.0 + math.exp(-min(40.0, max(-40.0, total))))


class Past(_Strict):
    """The habits at the time of learning, as numbers."""

    overall: tuple[Finite, Finite]
    languages: dict[str, tuple[Finite, Finite]]
    last: tuple[bool, ...]
    at: Finite


class ShowFilter(_Strict):
    """Both stages; ``learned_from`` signals, the newest of which had the number ``last_seq``."""

    format: Literal[1] = 1
    created_at: Finite
    learned_from: int
    last_seq: int
    before: Stage
    after: Stage
    past: Past
    figures: dict[str, Finite] = {}

    def habits(self) -> Habits:
        """Return the developer's habits as they were when this was learned."""
        past = self.past
        return habits_from(past.overall, past.languages, past.last, past.at)


def save(path: Path, learned: ShowFilter) -> None:
    """Replace the filter's file atomically, mode 0600. Raises OSError or ConfigError."""
    write_private(path, json.dumps(learned.model_dump(), allow_nan=False) + "\n")


def load(path: Path) -> ShowFilter | None:
    """Return the filter of a file, None where there is none.

    Raises ConfigError when the file is not one: then everything is shown.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise ConfigError(f"{path} is too large for a show filter; remove it")
        data: object = json.loads(path.read_text("utf-8"))
        return ShowFilter.model_validate(data)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError, ValidationError) as error:
        raise ConfigError(
            f"the show filter {path} cannot be read ({type(error).__name__}); "
            "remove it: it is learned again from your signals"
        ) from error


def past_of(habits: Habits) -> Past:
    """Return habits in the form that is stored."""
    return Past.model_validate(habits.as_json())
