"""The base model with a LoRA on attention and MLP: made, saved and loaded again.

Adapters are plain LoRA in bf16 safetensors, in PEFT's own layout, which is what the store accepts
and every engine serves. Knows nothing of data and methods.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, set_seed

from penchant_core.adapter_files import CONFIG, WEIGHTS
from penchant_core.models import BaseModel
from penchant_core.paths import FILE_MODE, private_directory
from penchant_trainer.recipe import TARGETS, Recipe
from penchant_trainer.resources import Device

ADAPTER = "default"


@dataclass(slots=True)
class Loaded:
    """A base model in memory, on its device, without an adapter."""

    base: BaseModel
    device: Device
    network: Any


def load_base(base: BaseModel, device: Device) -> Loaded:
    """Load a base model: bfloat16 on a GPU that has it, else float32 (a CPU emulates bfloat16)."""
    torch.set_num_threads(device.threads)
    half = device.kind == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    dtype = torch.bfloat16 if half else torch.float32
    network = AutoModelForCausalLM.from_pretrained(
        base.directory, dtype=dtype, local_files_only=True, use_safetensors=True
    )
    network.to("cuda" if device.kind == "cuda" else "cpu")
    return Loaded(base, device, network)


def with_new_adapter(loaded: Loaded, recipe: Recipe, seed: int) -> Any:
    """Return the model with a fresh LoRA (initialised from ``seed``, at first without effect)."""
    set_seed(seed)
    config = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=0.0,
        bias="none",
        task_type="CAUSAL_LM",
        target_modules=list(TARGETS),
    )
    return get_peft_model(loaded.network, config)


def with_adapter(loaded: Loaded, directory: Path, *, trainable: bool = False) -> Any:
    """Return the model with a saved adapter on it."""
    return PeftModel.from_pretrained(
        loaded.network, directory, adapter_name=ADAPTER, is_trainable=trainable
    )


def without_adapter(loaded: Loaded, model: Any) -> None:
    """Take every adapter off again, so that the base model can carry another one."""
    loaded.network = model.unload()
    if hasattr(loaded.network, "peft_config"):
        del loaded.network.peft_config


def save(model: Any, directory: Path, base_name: str) -> None:
    """Write the adapter alone into ``directory`` (bf16, no reference copies, no local paths)."""
    private_directory(directory)
    state = get_peft_model_state_dict(model, adapter_name=ADAPTER)
    tensors = {
        name: tensor.detach().to("cpu", torch.bfloat16).contiguous()
        for name, tensor in sorted(state.items())
    }
    save_file(tensors, directory / WEIGHTS, metadata={"format": "pt"})
    config = model.peft_config[ADAPTER]
    before = config.base_model_name_or_path, config.inference_mode, config.target_modules
    config.base_model_name_or_path, config.inference_mode = base_name, True
    config.target_modules = sorted(config.target_modules)
    config.save_pretrained(directory)
    config.base_model_name_or_path, config.inference_mode, config.target_modules = before
    for name in (CONFIG, WEIGHTS):
        (directory / name).chmod(FILE_MODE)


def readable(directory: Path) -> bool:
    """Whether a directory holds a whole adapter (a killed run may have left half of one)."""
    try:
        return bool(load_file(directory / WEIGHTS)) and (directory / CONFIG).stat().st_size > 0
    except (OSError, ValueError, RuntimeError):
        return False
    except Exception as error:
        if type(error).__name__ == "SafetensorError":  # has no importable base of its own
            return False
        raise
