"""Finds the base model that the settings name, and says what is known about it.

``bundled`` is the model that ships with the server, a path is used as it is, anything else is a
Hugging Face model id. Gateway, engine and trainer ask here, so that all three mean the same model.
Knows nothing of torch: it returns a directory.
"""

import hashlib
import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from penchant_core.copying import Copying, declared
from penchant_core.errors import ConfigError
from penchant_core.fim import MODEL_FILE, FimRenderer, renderer_for
from penchant_core.fingerprint import base_fingerprint, base_shapes
from penchant_core.paths import absolute
from penchant_core.settings import EngineSettings

T = TypeVar("T")
BUNDLED = "bundled"
_WANTED = ("*.json", "*.safetensors", "*.model", "*.txt")


@dataclass(frozen=True, slots=True)
class BaseModel:
    """A base model on this machine: where it is, its name, its fingerprint and its FIM renderer.

    ``copying`` is None for a model that does not copy from what is nearby.
    """

    directory: Path
    name: str
    fingerprint: str
    renderer: FimRenderer
    copying: Copying | None = None

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of every tensor (read from the safetensors headers)."""
        return base_shapes(self.directory)


def resolve(model: str, cache: Path | None = None) -> BaseModel:
    """Return the base model that ``model`` names (``bundled``, a path, or a Hub id).

    ``cache`` keeps fingerprints. Raises ConfigError when it cannot be found or fetched or a file
    differs from its declared checksum, FimError when it is no model for code completion.
    """
    directory = model_directory(model)
    verify(directory)
    return BaseModel(
        directory,
        _name(directory, model),
        base_fingerprint(directory, cache),
        renderer_for(directory),
        declared(directory),
    )


def copying(engine: EngineSettings, base: BaseModel) -> Copying | None:
    """Return how ``base`` copies from nearby where ``engine`` serves it, None where it does not.

    Only our own engine copies, and a model that declares nothing is served as it is.
    """
    return base.copying if engine.copying and engine.kind == "embedded" else None


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


def verify(directory: Path) -> None:
    """Compare a model's files with the checksums that it declares, if it declares any.

    Raises ConfigError for a file that is missing or differs.
    """
    nothing: dict[str, str] = {}
    for name, expected in _declared(directory, "sha256", nothing).items():
        path = directory / Path(name).name
        if not path.is_file() or digest(path) != expected:
            raise ConfigError(
                f"{path} is not the file that the model was made with; install or copy it again"
            )


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
    declared = _declared(directory, "name", "")
    return declared or Path(model).name or model


def _declared(directory: Path, key: str, default: T) -> T:
    """Return what ``penchant.json`` says of ``key``; or the default without a fit one."""
    try:
        found = json.loads((directory / MODEL_FILE).read_text("utf-8")).get(key)
    except (OSError, ValueError, AttributeError):
        return default
    return found if isinstance(found, type(default)) else default
