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
LARGEST = 256_000
"""A file with more bytes is not read: some hundred weights need twenty thousand."""
BOUND = 8.0
"""A feature counts as at most so many of its own standard deviations."""


CEILING = 0.5
"""What is rather kept than not is never hidden."""
PER_CHAR = 0.1
"""Thirty-three characters that are left of a suggestion are worth as much as that it is kept."""
MOST_CHARS = 200.0
"""More characters than these are never expected: a line is not longer."""


def worth(chance: float, chars: float) -> float:
    """Return what showing is worth: the chance that it is kept, times what it then spares.

    ``chars`` are the characters that are expected to be left of it once it is kept.
    """
    return chance * (1.0 + PER_CHAR * min(MOST_CHARS, max(0.0, chars)))


_LONGEST = math.log1p(MOST_CHARS)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Term(_Strict):
    """One feature: its mean and scale where it was learned, and its weights.

    ``weight`` moves the log odds of being kept, ``chars`` log(1 + characters left once kept).
    """

    mean: Finite
    scale: Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
    weight: Finite
    chars: Finite = 0.0


class Stage(_Strict):
    """Two regressions on the same features, and the worth below which nothing is shown.

    A calibrated logistic one gives the chance that a suggestion is kept, a linear one the logarithm
    of the characters that are left of it once it is.
    """

    bias: Finite
    chars_bias: Finite = 0.0
    terms: Annotated[dict[str, Term], Field(max_length=1000)]
    threshold: Annotated[float, Field(ge=0.0, allow_inf_nan=False)]

    def fair(self, features: Features) -> bool:
        """Whether a suggestion with these features is worth a glance."""
        if self.threshold <= 0:
            return True
        chance, chars = self.expected(features)
        return chance >= CEILING or worth(chance, chars) >= self.threshold

    def chance(self, features: Features) -> float:
        """Return the chance (0..1) that a suggestion with these features is kept."""
        return self.expected(features)[0]

    def expected(self, features: Features) -> tuple[float, float]:
        """Return the chance (0..1) that it is kept, and the characters that are left of it then.

        A feature that was not seen in learning counts nothing, one that is absent as 0.
        """
        total, length = self.bias, self.chars_bias
        for name, term in self.terms.items():
            distance = (features.get(name, 0.0) - term.mean) / term.scale
            distance = min(BOUND, max(-BOUND, distance))
            total += term.weight * distance
            length += term.chars * distance
        chance = 1.0 / (1.0 + math.exp(-min(40.0, max(-40.0, total))))
        return chance, math.expm1(min(_LONGEST, max(0.0, length)))


class Past(_Strict):
    """The habits at the time of learning, as numbers."""

    overall: tuple[Finite, Finite]
    languages: dict[str, tuple[Finite, Finite]]
    last: tuple[bool, ...]
    at: Finite


class ShowFilter(_Strict):
    """Both stages; ``learned_from`` signals, the newest of which had the number ``last_seq``."""

    format: Literal[3] = 3
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
