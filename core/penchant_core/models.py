"""Finds the base model that the settings name, and says what is known about it.

``bundled`` is the model that ships with the server, a path is used as it is, anything else is a
Hugging Face model id. Gateway, engine and trainer ask here, so that all three mean the same model.
Knows nothing of torch: it returns a directory.
"""

import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path

from penchant_core.errors import ConfigError
from penchant_core.fim import MODEL_FILE, FimRenderer, renderer_for
from penchant_core.fingerprint import base_fingerprint, base_shapes
from penchant_core.paths import absolute

BUNDLED = "bundled"
_WANTED = ("*.json", "*.safetensors", "*.model", "*.txt")


@dataclass(frozen=True, slots=True)
class BaseModel:
    """A base model on this machine: where it is, its name, its fingerprint and its FIM renderer."""

    directory: Path
    name: str
    fingerprint: str
    renderer: FimRenderer

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of every tensor (read from the safetensors headers)."""
        return base_shapes(self.directory)


def resolve(model: str, cache: Path | None = None) -> BaseModel:
    """Return the base model that ``model`` names (``bundled``, a path, or a Hub id).

    ``cache`` keeps fingerprints. Raises ConfigError when it cannot be found or fetched, FimError
    when it is no model for code completion.
    """
    directory = model_directory(model)
    return BaseModel(
        directory,
        _name(directory, model),
        base_fingerprint(directory, cache),
        renderer_for(directory),
    )


def model_directory(model: str) -> Path:
    """Return the directory of a model's files, fetching a Hub id if it is not cached."""
    if model == BUNDLED:
        return _bundled()
    path = absolute(model)
    if path.is_dir():
        return path
    if model.startswith(("/", ".", "~")):
        raise ConfigError(f"engine.model {model} is not a directory; check the path")
    return _fetched(model)


def _bundled() -> Path:
    spec = importlib.util.find_spec("penchant_server")
    for place in spec.submodule_search_locations or [] if spec else []:
        directory = Path(place) / "base_model"
        if (directory / "config.json").exists():
            return directory
    raise ConfigError("the bundled base model is missing; install penchant again")


def _fetched(model: str) -> Path:
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise ConfigError(
            f"fetching {model} needs the server extra: pip install 'penchant[server]'"
        ) from error
    try:
        return Path(snapshot_download(model, allow_patterns=list(_WANTED)))
    except (OSError, ValueError, RuntimeError) as error:
        raise ConfigError(
            f"the model {model} is neither a directory here nor to be had from the Hub "
            f"({type(error).__name__}); check the name and the network, or use a local path"
        ) from error


def _name(directory: Path, model: str) -> str:
    try:
        declared = json.loads((directory / MODEL_FILE).read_text("utf-8")).get("name")
    except (OSError, ValueError, AttributeError):
        declared = None
    return str(declared) if declared else Path(model).name or model
