"""The fingerprint of a base model: what an adapter was trained for, and what it may be loaded on.

A model's name is only a string and can lie; the fingerprint covers its tensors (names, types,
shapes, content), its architecture and its tokenizer. Hashing a large model takes seconds, so the
result is cached by the files' sizes and times. Knows nothing of torch: safetensors headers are
plain JSON.
"""

import hashlib
import json
import re
import struct
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from penchant_core.errors import AdapterRejected, ConfigError
from penchant_core.paths import write_private

MAX_HEADER_BYTES = 50_000_000
_FINGERPRINT = re.compile(r"[0-9a-f]{16}")
_ARCHITECTURE = (
    "model_type",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "vocab_size",
    "tie_word_embeddings",
)


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """Type, shape and place of one tensor in a safetensors file (byte offsets into the data)."""

    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


def read_header(path: Path) -> tuple[dict[str, TensorInfo], int]:
    """Return the tensors of a safetensors file and the offset at which its data begin.

    Raises AdapterRejected when the header is not what the format demands: a JSON object of bounded
    size, no duplicate names, offsets that cover the file exactly.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
            length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
            if not 2 <= length <= min(MAX_HEADER_BYTES, size - 8):
                raise AdapterRejected(f"{path.name} has no valid safetensors header")
            raw = file.read(length)
    except OSError as error:
        raise AdapterRejected(f"{path.name} cannot be read ({error.strerror})") from error
    tensors = _tensors(path.name, raw)
    data = size - 8 - length
    end = 0
    for info in sorted(tensors.values(), key=lambda info: info.begin):
        if info.begin != end or info.end < info.begin:
            raise AdapterRejected(f"{path.name}: tensor data overlap or leave gaps")
        end = info.end
    if end != data:
        raise AdapterRejected(f"{path.name} is cut off or has bytes after its tensors")
    return tensors, 8 + length


def _tensors(name: str, raw: bytes) -> dict[str, TensorInfo]:
    try:
        header = json.loads(raw.decode("utf-8"), object_pairs_hook=_unique)
        header.pop("__metadata__", None)
        return {name: _info(entry) for name, entry in header.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise AdapterRejected(f"{name} has no valid safetensors header") from error


def _info(entry: dict[str, Any]) -> TensorInfo:
    begin, end = entry["data_offsets"]
    shape = tuple(entry["shape"])
    if not all(type(number) is int and number >= 0 for number in (begin, end, *shape)):
        raise ValueError("sizes and offsets are whole numbers")
    return TensorInfo(str(entry["dtype"]), shape, begin, end)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate names")
    return found


def weight_files(model_dir: Path) -> list[Path]:
    """Return the safetensors files of a model, sorted; raise ConfigError when there are none."""
    found = sorted(model_dir.glob("*.safetensors"))
    if not found:
        raise ConfigError(
            f"{model_dir} holds no *.safetensors weights; name another engine.model "
            "(pickled weights are never loaded)"
        )
    return found


def base_shapes(model_dir: Path) -> dict[str, tuple[int, ...]]:
    """Return the shape of every tensor of a base model."""
    shapes: dict[str, tuple[int, ...]] = {}
    for path in weight_files(model_dir):
        shapes |= {name: info.shape for name, info in read_header(path)[0].items()}
    return shapes


def base_fingerprint(model_dir: Path, cache: Path | None = None) -> str:
    """Return 16 hex digits that stand for the base model in ``model_dir``.

    ``cache`` is a directory for results. Raises ConfigError when there is no usable model.
    """
    parts = [*weight_files(model_dir), *_small_files(model_dir)]
    try:
        stamp = [(p.name, *_stamp(p)) for p in parts]
    except OSError as error:
        raise ConfigError(f"{model_dir} cannot be read; fetch the model again") from error
    key = hashlib.sha256(json.dumps([str(model_dir.resolve()), stamp]).encode()).hexdigest()
    kept = cache / "fingerprints" / key if cache else None
    found = _kept(kept) or _digest(model_dir)
    if kept:
        with suppress(OSError, ConfigError):  # a cache that cannot be written costs time only
            write_private(kept, found)
    return found


def _kept(path: Path | None) -> str:
    try:
        text = path.read_text("utf-8").strip() if path else ""
    except (OSError, UnicodeDecodeError):
        return ""
    return text if _FINGERPRINT.fullmatch(text) else ""


def _stamp(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _small_files(model_dir: Path) -> list[Path]:
    names = ("config.json", "tokenizer.json")
    return [model_dir / name for name in names if (model_dir / name).exists()]


def _digest(model_dir: Path) -> str:
    digest = hashlib.sha256()
    for path in weight_files(model_dir):
        digest.update(path.name.encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    tokenizer = model_dir / "tokenizer.json"
    if tokenizer.exists():
        digest.update(tokenizer.read_bytes())
    digest.update(json.dumps(_architecture(model_dir), sort_keys=True).encode())
    return digest.hexdigest()[:16]


def _architecture(model_dir: Path) -> dict[str, Any]:
    try:
        config = json.loads((model_dir / "config.json").read_text("utf-8"))
        return {name: config.get(name) for name in _ARCHITECTURE}
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise ConfigError(
            f"{model_dir} has no readable config.json; fetch the model again"
        ) from error
