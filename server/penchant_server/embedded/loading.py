"""Loads a base model into memory: weights, tokenizer, end tokens, number type and threads.

Local files and safetensors only; no code from a model's directory is ever run. Knows nothing of
requests.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psutil
import torch
from tokenizers import Tokenizer

from penchant_core.copying import declared
from penchant_core.errors import EngineError
from penchant_server.embedded.adapters import AdapterRack
from penchant_server.embedded.generation import Generator

SMALL_PARAMETERS = 500_000_000
Dtype = Literal["auto", "float32", "bfloat16"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A generator with the facts that the HTTP side needs."""

    generator: Generator
    tokenizer: Tokenizer
    max_model_len: int
    vocabulary: int
    device: str
    dtype: str


def load(
    directory: Path, *, dtype: Dtype, max_rank: int, max_model_len: int, threads: int
) -> Loaded:
    """Load the model in ``directory``; raise EngineError when it cannot be used."""
    if threads:
        torch.set_num_threads(threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = _model(directory, _dtype(directory, dtype, device)).to(device)
    tokenizer = _tokenizer(directory)
    rack = AdapterRack(model, max_rank=max_rank, merged_bytes=_spare_bytes(device))
    limit = getattr(model.config, "max_position_embeddings", None) or max_model_len
    return Loaded(
        Generator(model, tokenizer, rack, _ends(directory), declared(directory)),
        tokenizer,
        min(max_model_len, int(limit)),
        int(model.get_input_embeddings().weight.shape[0]),
        device,
        str(model.dtype).removeprefix("torch."),
    )


def _model(directory: Path, dtype: torch.dtype) -> Any:
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        model = AutoModelForCausalLM.from_pretrained(
            directory,
            dtype=dtype,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise EngineError(
            f"the base model cannot be loaded ({type(error).__name__}); "
            "check engine.model with `penchant doctor`"
        ) from error
    return model.eval().requires_grad_(False)


def _dtype(directory: Path, wanted: Dtype, device: str) -> torch.dtype:
    """Choose bfloat16 on a GPU; on a CPU float32 for small models, where it is faster."""
    if wanted != "auto":
        return torch.float32 if wanted == "float32" else torch.bfloat16
    if device != "cpu":
        return torch.bfloat16
    size = sum(path.stat().st_size for path in directory.glob("*.safetensors"))
    return torch.float32 if size < SMALL_PARAMETERS * 2 else torch.bfloat16


def _tokenizer(directory: Path) -> Tokenizer:
    path = directory / "tokenizer.json"
    if not path.exists():
        raise EngineError("the base model has no tokenizer.json; choose a model that ships one")
    return Tokenizer.from_file(str(path))


def _ends(directory: Path) -> frozenset[int]:
    ends: set[int] = set()
    for name in ("generation_config.json", "config.json"):
        path = directory / name
        if path.exists():
            value = json.loads(path.read_text("utf-8")).get("eos_token_id")
            ends |= {value} if isinstance(value, int) else set(value or ())
    return frozenset(ends)


def _spare_bytes(device: str) -> int:
    """Return a quarter of the memory that is free now, for merged adapters."""
    if device == "cpu":
        return int(psutil.virtual_memory().available) // 4
    return int(torch.cuda.mem_get_info()[0]) // 4
