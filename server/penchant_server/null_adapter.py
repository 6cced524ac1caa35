"""A LoRA that changes nothing, for engines that mix up adapter and base requests.

vLLM's CPU build gives base requests another user's adapter when they share a batch, so the
gateway sends base traffic to this adapter of zeros. Written as plain bytes: the gateway needs no
tensor library. Knows nothing of engines.
Source: vLLM pull requests 48421 and 49656; the file format is safetensors'.
"""

import json
import shutil
import struct
import uuid
from collections.abc import Mapping
from pathlib import Path

from penchant_core.adapter_files import CONFIG, TARGETS, WEIGHTS, check
from penchant_core.errors import AdapterError, EngineError
from penchant_core.paths import private_directory


def null_adapter(
    cache: Path, fingerprint: str, base_name: str, shapes: Mapping[str, tuple[int, ...]]
) -> Path:
    """Return the directory of the null adapter for a base model, writing it if need be."""
    directory = cache / "null-adapters" / fingerprint
    if not _sound(directory, shapes):
        staged = private_directory(directory.parent / f".{uuid.uuid4().hex}")
        _write(staged, base_name, shapes)
        shutil.rmtree(directory, ignore_errors=True)
        staged.rename(directory)
    return directory


def _sound(directory: Path, shapes: Mapping[str, tuple[int, ...]]) -> bool:
    try:
        check(directory, shapes)
    except (AdapterError, OSError):
        return False
    return True


def _write(directory: Path, base_name: str, shapes: Mapping[str, tuple[int, ...]]) -> None:
    module = _module(shapes)
    outputs, inputs = shapes[f"{module}.weight"]
    prefix = f"base_model.model.{module}"
    a_bytes, b_bytes = 4 * inputs, 4 * outputs
    header = {
        f"{prefix}.lora_A.weight": {
            "dtype": "F32",
            "shape": [1, inputs],
            "data_offsets": [0, a_bytes],
        },
        f"{prefix}.lora_B.weight": {
            "dtype": "F32",
            "shape": [outputs, 1],
            "data_offsets": [a_bytes, a_bytes + b_bytes],
        },
    }
    raw = json.dumps(header).encode()
    raw += b" " * (-len(raw) % 8)
    (directory / WEIGHTS).write_bytes(struct.pack("<Q", len(raw)) + raw + bytes(a_bytes + b_bytes))
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base_name,
        "r": 1,
        "lora_alpha": 1,
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": [module.rsplit(".", 1)[-1]],
    }
    (directory / CONFIG).write_text(json.dumps(config), "utf-8")


def _module(shapes: Mapping[str, tuple[int, ...]]) -> str:
    for name, shape in sorted(shapes.items()):
        module = name.removesuffix(".weight")
        if len(shape) == 2 and module != name and module.rsplit(".", 1)[-1] in TARGETS:
            return module
    raise EngineError("this base model has no layer that a LoRA could touch; choose another")
