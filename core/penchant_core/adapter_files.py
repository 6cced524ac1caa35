"""Decides whether a directory is an adapter that may be loaded.

An engine trusts what it is given: wrong shapes, NaN weights and adapters of another base model are
all answered with garbage, and pickles with somebody else's code. So everything is checked here,
from the safetensors header and the PEFT configuration, before an engine sees a path. Needs no torch
and a few milliseconds. Knows nothing of owners, versions or stores.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from penchant_core.errors import AdapterMismatch, AdapterRejected
from penchant_core.fingerprint import TensorInfo, read_header

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
CARD = "card.json"
FILES = frozenset({CONFIG, WEIGHTS, CARD, "README.md"})
MAX_BYTES = 2_000_000_000

TARGETS = frozenset({"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"})
"""What a LoRA may touch: attention and MLP, which every engine accepts."""

# Of PEFT's other settings, unknown ones of later releases included, only the unused value passes.
_FREE = frozenset(
    {
        "peft_type",
        "peft_version",
        "task_type",
        "base_model_name_or_path",
        "revision",
        "inference_mode",
        "r",
        "lora_alpha",
        "lora_dropout",
        "target_modules",
        "megatron_core",
        "qalora_group_size",
    }
)
_UNUSED: tuple[Any, ...] = (None, False, [], {})
_PLAIN = {"bias": ("none",), "init_lora_weights": (True, "gaussian")}

_TENSOR = re.compile(r"base_model\.model\.(?P<module>.+)\.lora_(?P<side>[AB])\.weight")
_ELEMENT_BYTES = {"F32": 4, "F16": 2, "BF16": 2}
# Exponent all ones: infinity or not a number. High bytes, little endian.
_SUSPECT = {
    "F32": re.compile(rb"[\x7f\xff]"),
    "BF16": re.compile(rb"[\x7f\xff]"),
    "F16": re.compile(rb"[\x7c-\x7f\xfc-\xff]"),
}


@dataclass(frozen=True, slots=True)
class AdapterShape:
    """What was learned from an adapter's files: rank, scaling numerator and touched modules."""

    rank: int
    alpha: float
    targets: tuple[str, ...]


def check(
    directory: Path, shapes: Mapping[str, tuple[int, ...]], *, max_rank: int = 512
) -> AdapterShape:
    """Check every rule an adapter must keep before it may be loaded on a base model.

    ``shapes`` are the base model's tensors (``fingerprint.base_shapes``). Raises AdapterRejected
    for broken or forbidden files and AdapterMismatch for another base model's shapes.
    """
    _only_known_files(directory)
    config = _config(directory / CONFIG)
    rank = config["r"]
    if rank > max_rank:
        raise AdapterRejected(
            f"rank {rank} is above the engine's {max_rank}; raise engine.max_lora_rank or retrain"
        )
    tensors, start = read_header(directory / WEIGHTS)
    _fits(tensors, shapes, rank, set(config["target_modules"]))
    _all_finite(directory / WEIGHTS, tensors, start)
    return AdapterShape(rank, float(config["lora_alpha"]), tuple(sorted(config["target_modules"])))


def file_digests(directory: Path) -> dict[str, str]:
    """Return the sha256 of every file but the card, which holds these digests itself.

    Raises AdapterRejected for anything that is not a plain file.
    """
    found = {}
    try:
        for path in sorted(directory.iterdir()):
            if path.is_symlink() or not path.is_file():
                raise AdapterRejected(f"{path.name!r} does not belong in an adapter")
            if path.name != CARD:
                with path.open("rb") as file:
                    found[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise AdapterRejected(f"{directory.name} cannot be read ({error.strerror})") from error
    return found


def _only_known_files(directory: Path) -> None:
    if directory.is_symlink() or not directory.is_dir():
        raise AdapterRejected(f"{directory.name} is not a directory")
    total = 0
    try:
        entries = list(directory.iterdir())
    except OSError as error:
        raise AdapterRejected(f"{directory.name} cannot be read ({error.strerror})") from error
    for path in entries:
        if path.is_symlink() or not path.is_file() or path.name not in FILES:
            raise AdapterRejected(
                f"{path.name!r} does not belong in an adapter; only {', '.join(sorted(FILES))} do "
                "(pickled weights are never loaded)"
            )
        total += path.stat().st_size
    if total > MAX_BYTES:
        raise AdapterRejected(f"the adapter is larger than {MAX_BYTES:,} bytes")
    for name in (CONFIG, WEIGHTS):
        if not (directory / name).exists():
            raise AdapterRejected(f"{name} is missing; the adapter is incomplete")


def _config(path: Path) -> dict[str, Any]:
    try:
        config = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise AdapterRejected(f"{CONFIG} is not readable JSON") from error
    if not isinstance(config, dict) or config.get("peft_type") != "LORA":
        raise AdapterRejected(f"{CONFIG} does not describe a LoRA")
    rank, alpha, targets = (config.get(key) for key in ("r", "lora_alpha", "target_modules"))
    if not isinstance(rank, int) or isinstance(rank, bool) or not 1 <= rank <= 512:
        raise AdapterRejected("the adapter's rank is not a whole number between 1 and 512")
    if not isinstance(alpha, int | float) or isinstance(alpha, bool) or not 0 < alpha <= 8192:
        raise AdapterRejected("the adapter's lora_alpha is not a positive number")
    if not isinstance(targets, list) or not targets or not TARGETS.issuperset(map(str, targets)):
        raise AdapterRejected(
            f"the adapter targets other modules than {', '.join(sorted(TARGETS))}"
        )
    _plain(config)
    return config


def _plain(config: Mapping[str, Any]) -> None:
    """Refuse what engines reject or compute differently: everything but plain LoRA."""
    for name, value in config.items():
        if name not in _FREE and value not in _UNUSED and value not in _PLAIN.get(name, ()):
            raise AdapterRejected(
                f"{CONFIG}: {name[:40]!r} is not allowed; only plain LoRA is served"
            )


def _fits(
    tensors: Mapping[str, TensorInfo],
    shapes: Mapping[str, tuple[int, ...]],
    rank: int,
    targets: set[str],
) -> None:
    sides: dict[str, set[str]] = {}
    for name, info in tensors.items():
        match = _TENSOR.fullmatch(name)
        if not match:
            raise AdapterRejected("the adapter holds tensors that are not LoRA matrices")
        module, side = match["module"], match["side"]
        base = shapes.get(f"{module}.weight")
        if base is None or len(base) != 2:
            raise AdapterMismatch("the adapter touches layers that this base model does not have")
        if module.rsplit(".", 1)[-1] not in targets:
            raise AdapterRejected("the adapter holds tensors outside its declared targets")
        expected = (rank, base[1]) if side == "A" else (base[0], rank)
        if info.shape != expected:
            raise AdapterMismatch(
                "the adapter's matrices do not fit this base model or its declared rank"
            )
        _sized(info)
        sides.setdefault(module, set()).add(side)
    if not sides or any(both != {"A", "B"} for both in sides.values()):
        raise AdapterRejected("the adapter lacks one half of a LoRA pair")


def _sized(info: TensorInfo) -> None:
    width = _ELEMENT_BYTES.get(info.dtype)
    count = 1
    for size in info.shape:
        count *= size
    if width is None or info.end - info.begin != count * width:
        raise AdapterRejected("the adapter's tensors have an unknown type or the wrong size")


def _all_finite(path: Path, tensors: Mapping[str, TensorInfo], start: int) -> None:
    with path.open("rb") as file:
        for info in tensors.values():
            file.seek(start + info.begin)
            if not _finite(file.read(info.end - info.begin), info.dtype):
                raise AdapterRejected("the adapter holds NaN or infinite weights")


def _finite(data: bytes, dtype: str) -> bool:
    width = _ELEMENT_BYTES[dtype]
    high = data[width - 1 :: width]
    if dtype == "F16":
        return _SUSPECT[dtype].search(high) is None
    below = data[width - 2 :: width]
    return all(below[match.start()] < 0x80 for match in _SUSPECT[dtype].finditer(high))
