"""The numbers of one base model, read from a recipe file (TOML).

One file per size lies in ``recipes/``; a path to a file of one's own works as well. Everything
that changes the result is in here, so that recipe and seed stand for the model. Knows nothing of
how the numbers are used.
"""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from penchant_core.copying import Copying
from penchant_core.errors import ConfigError

BUILT_IN = ("cpu", "gpu", "smoke")


class Part(BaseModel):
    """Base of all parts: unknown names are refused, nothing changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CorpusPart(Part):
    """What is read, and what is kept apart (names as on PyPI, ``_`` written ``-``)."""

    held_out: tuple[str, ...]
    excluded: tuple[str, ...] = ()
    package_chars: int = Field(gt=0)
    stdlib_chars: int = Field(gt=0)
    full_docstrings: float = Field(ge=0, le=1)
    similarity: float = Field(gt=0, lt=1)


class SamplesPart(Part):
    """How text becomes training rows; sizes in characters except ``context`` (tokens)."""

    vocabulary: int = Field(ge=300, le=65_000)
    context: int = Field(ge=64)
    passes: int = Field(ge=1)
    fim_share: float = Field(ge=0, le=1)
    order: Literal["spm", "psm"] = "spm"
    prefix_chars: int
    suffix_chars: int
    context_chars: int
    snippet_share: float = Field(ge=0, le=1)
    window_chars: tuple[int, int]
    middle_weight: float = Field(gt=0)


class ModelPart(Part):
    """The Qwen2 architecture's sizes."""

    hidden: int
    layers: int
    intermediate: int
    heads: int
    key_value_heads: int
    positions: int = Field(ge=2048)
    rope_theta: float = 10_000.0


class TrainPart(Part):
    """The schedule; rates are per step, ``decay_share`` is a share of the time budget.

    ``least_steps`` are done even when the time is up: a machine may be too busy to learn anything.
    """

    minutes: float = Field(gt=0)
    batch_rows: int = Field(ge=1)
    piece_rows: int = Field(ge=1)
    muon_rate: float
    adam_rate: float
    warmup_steps: int
    least_steps: int = Field(default=0, ge=0)
    decay_share: float = Field(gt=0, le=1)
    weight_decay: float = 0.0
    clip: float = 1.0
    compiled: bool = False
    autocast: bool = True
    checkpoint_minutes: float = 4.0
    validation_rows: int = 32


class Recipe(Part):
    """A whole recipe; ``name`` and ``copying`` go into the package."""

    name: str
    seed: int = 1
    corpus: CorpusPart
    samples: SamplesPart
    model: ModelPart
    train: TrainPart
    copying: Copying | None = None


def load(name: str) -> Recipe:
    """Return a built-in recipe or the one in the file ``name``.

    Raises ConfigError when there is none, or when it holds an unknown or impossible number.
    """
    place = files(__package__).joinpath("recipes", f"{name}.toml") if name in BUILT_IN else None
    try:
        text = (place or Path(name)).read_text("utf-8")
        return Recipe.model_validate(tomllib.loads(text))
    except OSError as error:
        known = ", ".join(BUILT_IN)
        raise ConfigError(f"no recipe {name}; name one of {known}, or a TOML file") from error
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(f"recipe {name} cannot be used: {error}") from error
