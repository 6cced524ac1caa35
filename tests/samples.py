"""Sample values that tests build on: a sound little adapter, its card, a signal.

Knows nothing of pytest; each function writes or returns something that the product accepts, for a
test to break on purpose.
"""

import json
import os
import struct
from collections.abc import Mapping
from pathlib import Path

from penchant_core.card import Card
from penchant_core.signals import Candidate, Completion, Outcome, OutcomeKind, Signal

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""Where files cost no disk: for tests with thousands of syncs, whose faults are not the disk's."""

HIDDEN, INNER, RANK = 8, 12, 2


def signal(name: str = "c1", *, kind: str | None = "accepted", **changes: object) -> Signal:
    """A signal of one suggestion; ``kind`` None has no outcome."""
    retained = changes.pop("retained_chars", 8 if kind == "accepted" else 0)
    values: dict[str, object] = {
        "id": name,
        "at": 1000.0,
        "developer": "ada",
        "workspace": "w1",
        "path": "src/a.py",
        "language": "python",
        "prefix": "def f():\n    ",
        "suffix": "\n",
        "candidates": (Candidate("return 1", -0.5, "stop"),),
        "shown": 0,
    }
    completion = Completion(**{**values, **changes})  # type: ignore[arg-type]
    outcome = None
    if kind is not None:
        at = completion.at + 1
        outcome = Outcome(name, OutcomeKind(kind), at, at + 10, 8, int(str(retained)))
    return Signal(completion, outcome)


def write_safetensors(
    path: Path, tensors: Mapping[str, tuple[str, tuple[int, ...], bytes]]
) -> None:
    """Write a safetensors file from name → (dtype, shape, data)."""
    header: dict[str, object] = {}
    body = b""
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {
            "dtype": dtype,
            "shape": list(shape),
            "data_offsets": [len(body), len(body) + len(data)],
        }
        body += data
    raw = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(raw)) + raw + body)


SHAPES: dict[str, tuple[int, ...]] = {
    "model.layers.0.self_attn.q_proj.weight": (HIDDEN, HIDDEN),
    "model.layers.0.mlp.up_proj.weight": (INNER, HIDDEN),
    "model.norm.weight": (HIDDEN,),
}


def lora_tensors(dtype: str = "BF16") -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    """The tensors of a sound little adapter for ``SHAPES``."""
    width = 4 if dtype == "F32" else 2
    found = {}
    for name, shape in SHAPES.items():
        if len(shape) != 2:
            continue
        module = f"base_model.model.{name.removesuffix('.weight')}"
        a, b = (RANK, shape[1]), (shape[0], RANK)
        found[f"{module}.lora_A.weight"] = (dtype, a, b"\x01" * (a[0] * a[1] * width))
        found[f"{module}.lora_B.weight"] = (dtype, b, b"\x02" * (b[0] * b[1] * width))
    return found


def lora_config(**changes: object) -> dict[str, object]:
    """PEFT's configuration of that adapter."""
    return {
        "peft_type": "LORA",
        "r": RANK,
        "lora_alpha": 4,
        "target_modules": ["q_proj", "up_proj"],
        "bias": "none",
        "use_dora": False,
        **changes,
    }


def write_adapter(directory: Path, **config: object) -> Path:
    """Write a sound little adapter into ``directory``."""
    directory.mkdir(parents=True, exist_ok=True)
    write_safetensors(directory / "adapter_model.safetensors", lora_tensors())
    (directory / "adapter_config.json").write_text(json.dumps(lora_config(**config)))
    return directory


def make_card(owner: str = "dev/ada", **changes: object) -> Card:
    """A card as a trainer hands it in."""
    values: dict[str, object] = {
        "owner": owner,
        "version": "v0001",
        "created_at": 1.0,
        "base_model": "tiny",
        "base_fingerprint": "0" * 16,
        "method": "sft",
    }
    return Card.model_validate({**values, **changes})
