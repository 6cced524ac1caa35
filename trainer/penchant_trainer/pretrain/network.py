"""The network: Qwen2's architecture at the recipe's sizes, and its loss on packed rows.

Embeddings are tied. The loss weighs the tokens that the model will be asked for more than the rest.
Knows nothing of optimisers.
"""

import os
import shutil
from typing import Any

import torch
import torch.nn.functional as F

from penchant_trainer.pretrain.recipe import ModelPart, Recipe
from penchant_trainer.pretrain.rows import MIDDLE, PAD


def config(part: ModelPart, vocabulary: int) -> Any:
    """Return the transformers configuration; token ids are those of the tokenizer's order."""
    from transformers import Qwen2Config

    return Qwen2Config(
        vocab_size=vocabulary,
        hidden_size=part.hidden,
        intermediate_size=part.intermediate,
        num_hidden_layers=part.layers,
        num_attention_heads=part.heads,
        num_key_value_heads=part.key_value_heads,
        max_position_embeddings=part.positions,
        rope_parameters={"rope_type": "default", "rope_theta": part.rope_theta},
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=0,
        pad_token_id=4,
    )


def build(recipe: Recipe) -> Any:
    """Return a freshly initialised network; the seed decides its weights."""
    from transformers import Qwen2ForCausalLM

    torch.manual_seed(recipe.seed)
    network = Qwen2ForCausalLM(config(recipe.model, recipe.samples.vocabulary))
    if not torch.cuda.is_available():
        # Torch's fused attention for CPUs is slower than plain products at this size (measured).
        network.set_attn_implementation("eager")
    with torch.no_grad():
        for layer in network.model.layers:  # each block starts as the identity
            layer.self_attn.o_proj.weight.zero_()
            layer.mlp.down_proj.weight.zero_()
    return network


def compilable(device: torch.device) -> bool:
    """Whether torch can compile for ``device``: on a CPU that takes a C++ compiler."""
    return device.type != "cpu" or shutil.which(os.environ.get("CXX", "g++")) is not None


def matrices(network: Any) -> dict[str, torch.nn.Parameter]:
    """Return the parameters that Muon moves, by name; all others are AdamW's."""
    return {
        name: parameter
        for name, parameter in network.named_parameters()
        if parameter.ndim == 2 and "embed" not in name
    }


def token_losses(network: Any, ids: torch.Tensor) -> torch.Tensor:
    """Return the loss of each token but the first, in nats: shape (rows, tokens - 1)."""
    logits = network(input_ids=ids[:, :-1], use_cache=False).logits
    flat = F.cross_entropy(logits.flatten(0, 1).float(), ids[:, 1:].flatten(), reduction="none")
    return flat.view(len(ids), -1)


def weights(kinds: torch.Tensor, middle_weight: float) -> torch.Tensor:
    """Return each target token's weight in the loss, from the kinds of a packed row."""
    targets = kinds[:, 1:]
    return (targets != PAD).float() + (targets == MIDDLE).float() * (middle_weight - 1)
