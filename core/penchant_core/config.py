"""Reads the settings, and records where each value came from.

Order, later wins: defaults, the user's ``config.toml``, the environment
(``PENCHANT_SECTION__KEY``), flags. A workspace's own file comes last and may only tighten
(``workspace_limits``). Knows nothing of what the settings do.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from penchant_core.errors import ConfigError
from penchant_core.paths import Paths, absolute, default_paths
from penchant_core.settings import Settings

ENVIRONMENT_PREFIX = "PENCHANT_"

Layer = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Config:
    """Settings with the source of each value (``section.key`` → where it came from)."""

    settings: Settings
    paths: Paths
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def adapter_root(self) -> Path:
        """The directory of the adapter store."""
        store = self.settings.adapters.store
        return absolute(store) if store else self.paths.adapters


def load(
    overrides: Mapping[str, Any] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    paths: Paths | None = None,
) -> Config:
    """Read the settings of this user.

    ``overrides`` maps ``section.key`` to a value (flags). Raises ConfigError, naming the key and
    its source, when a value is unknown or out of range.
    """
    paths = paths or default_paths()
    layers = [
        (str(paths.config_file), _toml_layer(paths.config_file)),
        ("environment", _environment_layer(os.environ if environment is None else environment)),
        ("flag", _flag_layer(overrides or {})),
    ]
    merged: Layer = {}
    sources: dict[str, str] = {}
    for source, layer in layers:
        for section, values in layer.items():
            for key, value in values.items():
                merged.setdefault(section, {})[key] = value
                sources[f"{section}.{key}"] = source
    return Config(_validate(merged, sources), paths, sources)


def check_layer(layer: Layer, source: str) -> None:
    """Raise ConfigError when the values of one layer alone would not do."""
    sources = {f"{section}.{key}": source for section, values in layer.items() for key in values}
    _validate(layer, sources)


def _toml_layer(path: Path) -> Layer:
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path} cannot be read: {error}; mend or remove it") from error
    strays = [key for key, value in data.items() if not isinstance(value, dict)]
    if strays:
        raise ConfigError(f"{path}: {strays[0]!r} stands outside a [section]")
    return data


def _environment_layer(environment: Mapping[str, str]) -> Layer:
    layer: Layer = {}
    for name, raw in environment.items():
        if not name.startswith(ENVIRONMENT_PREFIX) or "__" not in name:
            continue
        section, _, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().partition("__")
        layer.setdefault(section, {})[key] = literal(f"{section}.{key}", raw)
    return layer


def literal(name: str, raw: str) -> Any:
    """Read ``raw`` as the setting ``section.key`` wants it.

    As text where the setting is one, else as a TOML value where it is one (numbers, lists,
    booleans); what is neither stays text, for validation to refuse.
    """
    section, _, key = name.partition(".")
    field = setting(section, key)
    if field is not None and field.annotation is str:
        return raw
    try:
        found = tomllib.loads(f"value = {raw}")
    except (ValueError, RecursionError):
        return raw
    return found["value"] if set(found) == {"value"} else raw


def setting(section: str, key: str) -> FieldInfo | None:
    """Return what is declared about ``section.key``, None when there is no such setting."""
    found = Settings.model_fields.get(section)
    if found is None or not isinstance(found.annotation, type):
        return None
    declared: dict[str, FieldInfo] = getattr(found.annotation, "model_fields", {})
    return declared.get(key)


def _flag_layer(overrides: Mapping[str, Any]) -> Layer:
    layer: Layer = {}
    for name, value in overrides.items():
        section, _, key = name.partition(".")
        if value is not None:
            layer.setdefault(section, {})[key] = value
    return layer


def _validate(merged: Layer, sources: Mapping[str, str]) -> Settings:
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        source = sources.get(".".join(name.split(".")[:2]), "the settings")
        raise ConfigError(
            f"{name} ({source}): {first['msg']}; `penchant config show` lists every setting"
        ) from error
