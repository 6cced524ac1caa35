"""Puts LoRA adapters on a model by exchanging whole weight matrices.

An adapter's two small matrices are kept; its merged weights (``W + B·A·alpha/r``, summed in
float32, then cast) are computed at first use and kept for the most recently used adapters within a
memory bound. Switching is a change of pointers, so every adapter runs at the base model's speed.
Reads safetensors only. Knows nothing of requests or tokens.
Source of the formula: LoRA, arXiv 2106.09685; the file layout is PEFT's.
"""

import json
import re
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from penchant_core.errors import AdapterRejected

_TENSOR = re.compile(r"base_model\.model\.(?P<module>.+)\.lora_(?P<side>[AB])\.weight")

Weights = dict[str, torch.Tensor]


@dataclass(frozen=True, slots=True)
class Lora:
    """One adapter's matrices by module name, and the factor ``alpha/r``."""

    pairs: dict[str, tuple[torch.Tensor, torch.Tensor]]
    scale: float


class AdapterRack:
    """The adapters of one model; at any time one of them, or none, is on it.

    ``merged_bytes`` bounds the memory of merged weights; the one in use is always kept.
    """

    def __init__(self, model: Any, *, max_rank: int, merged_bytes: int) -> None:
        self._modules: dict[str, Any] = dict(model.named_modules())
        self._max_rank = max_rank
        self._merged_bytes = merged_bytes
        self._loras: dict[str, Lora] = {}
        self._merged: OrderedDict[str, Weights] = OrderedDict()
        self._base: Weights = {}
        self._active: str | None = None

    @property
    def names(self) -> list[str]:
        """Return the names of all loaded adapters."""
        return list(self._loras)

    def load(self, name: str, directory: Path) -> None:
        """Read an adapter; raise AdapterRejected when it does not fit this model."""
        lora = read_lora(directory)
        for module, (a, b) in lora.pairs.items():
            weight = getattr(self._modules.get(module), "weight", None)
            fits = weight is not None and weight.shape == (b.shape[0], a.shape[1])
            if not fits or a.shape[0] != b.shape[1] or a.shape[0] > self._max_rank:
                raise AdapterRejected(
                    "the adapter does not fit this base model or is above the engine's rank; "
                    "check engine.max_lora_rank"
                )
        self._loras[name] = lora

    def unload(self, name: str) -> None:
        """Forget an adapter; its weights are taken off first."""
        if self._active == name:
            self.use(None)
        self._loras.pop(name, None)
        self._merged.pop(name, None)

    def use(self, name: str | None) -> None:
        """Put an adapter (None: the base model) on; raise KeyError for an unknown one."""
        if name == self._active:
            return
        wanted = self._weights(name) if name is not None else {}
        for module, weight in self._base.items():
            self._modules[module].weight.data = wanted.get(module, weight)
        self._active = name

    def _weights(self, name: str) -> Weights:
        if name not in self._merged:
            self._merged[name] = self._merge(self._loras[name])
        self._merged.move_to_end(name)
        while len(self._merged) > 1 and self._size() > self._merged_bytes:
            self._merged.popitem(last=False)
        return self._merged[name]

    @torch.inference_mode()
    def _merge(self, lora: Lora) -> Weights:
        merged: Weights = {}
        for module, (a, b) in lora.pairs.items():
            base = self._base.setdefault(module, self._modules[module].weight.data)
            delta = (b.to(base.device, torch.float32) @ a.to(base.device, torch.float32)).mul_(
                lora.scale
            )
            merged[module] = delta.add_(base.to(torch.float32)).to(base.dtype)
        return merged

    def _size(self) -> int:
        return sum(
            weight.numel() * weight.element_size()
            for weights in self._merged.values()
            for weight in weights.values()
        )


def read_lora(directory: Path) -> Lora:
    """Read PEFT's layout from ``directory``; raise AdapterRejected when it is broken."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        config = json.loads((directory / "adapter_config.json").read_text("utf-8"))
        tensors = load_file(directory / "adapter_model.safetensors", device="cpu")
        scale = float(config["lora_alpha"]) / int(config["r"])
    except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
        raise AdapterRejected("the adapter's files cannot be read") from error
    sides: dict[str, dict[str, torch.Tensor]] = {}
    for name, tensor in tensors.items():
        match = _TENSOR.fullmatch(name)
        if not match:
            raise AdapterRejected("the adapter holds tensors that are not LoRA matrices")
        sides.setdefault(match["module"], {})[match["side"]] = tensor
    if not sides or any(len(both) != 2 for both in sides.values()):
        raise AdapterRejected("the adapter lacks one half of a LoRA pair")
    return Lora({module: (both["A"], both["B"]) for module, both in sides.items()}, scale)
