"""The written principles that a judge goes by: a TOML file that its user may edit.

Every principle is a question to which "yes" is the good answer. Read strictly: a mistake in the
file is an error that names the principle and the key. Knows nothing of judges.
"""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from penchant_core.errors import ConfigError

SHIPPED = "constitution.toml"
_MOST_BYTES = 100_000

Family = Literal["correctness", "api", "style", "safety", "brevity", "retention"]


class Principle(BaseModel):
    """One question; ``check`` names the verifiable check that can answer it without a model."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    question: str = Field(min_length=10, max_length=500)
    weight: float = Field(gt=0, le=100)
    family: Family
    check: str = ""

    @field_validator("question")
    @classmethod
    def _asks(cls, value: str) -> str:
        if not value.rstrip().endswith("?"):
            raise ValueError("a question ends with a question mark, and yes is the good answer")
        return value.strip()


class Constitution(BaseModel):
    """All principles, in the order of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    principle: tuple[Principle, ...] = Field(min_length=1, max_length=50)

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        ids = [p.id for p in self.principle]
        twice = sorted({i for i in ids if ids.count(i) > 1})
        if twice:
            raise ValueError(f"two principles are called {twice[0]!r}; each needs an id of its own")
        return self


def principles(path: str = "") -> tuple[Principle, ...]:
    """Return the principles of a file, of the shipped one when ``path`` is empty.

    Raises ConfigError, saying which principle and key is wrong.
    """
    name = path or f"the shipped {SHIPPED}"
    try:
        data = tomllib.loads(_text(path))
        return Constitution.model_validate(data).principle
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"the constitution {name} cannot be read: {error}; mend it, or leave "
            "judging.constitution empty"
        ) from error
    except ValidationError as error:
        raise ConfigError(f"the constitution {name}: {_first(error, data)}") from error


def _text(path: str) -> str:
    if not path:
        return files("penchant_trainer.rewards").joinpath(SHIPPED).read_text("utf-8")
    with Path(path).expanduser().open("rb") as file:
        raw = file.read(_MOST_BYTES + 1)
    if len(raw) > _MOST_BYTES:
        raise OSError(f"it is larger than {_MOST_BYTES} bytes")
    return raw.decode("utf-8")


def _first(error: ValidationError, data: dict[str, object]) -> str:
    """Say what is wrong first, with the principle's number and id."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = first["loc"]
    if len(place) < 2 or not isinstance(place[1], int):
        return f"{'.'.join(map(str, place)) or 'principle'}: {first['msg']}"
    entries = data.get("principle")
    entry = entries[place[1]] if isinstance(entries, list) else None
    known = entry.get("id") if isinstance(entry, dict) else None
    called = f" ({known})" if isinstance(known, str) else ""
    key = ".".join(str(part) for part in place[2:])
    return f"principle {place[1] + 1}{called}: {key}: {first['msg']}"
