"""Weakens an adapter that forgets, until it does not: the whole of it, in equal measure.

On the line from the base model to the adapter, what was learned lasts longer than the forgetting
grows: the drift of the predictions begins with the square of the way. So an adapter a little beyond
the bound is brought back to it and keeps nearly all of its habits, instead of being thrown away.
The neutral code it is measured on here is not that of the gate. Knows nothing of methods.
Source: weight-space interpolation, Wortsman et al., arXiv 2109.01903.
"""

import math
from collections.abc import Sequence
from typing import Any

import torch

from penchant_trainer.evaluate import perplexity
from penchant_trainer.tokens import Tokens
from penchant_trainer.units import Example

TRIES = 8
HARSHEST, GENTLEST = 0.6, 0.95
"""Each try keeps a share of the adapter between these."""


def temper(
    model: Any, tokens: Tokens, neutral: Sequence[Example], *, most: float
) -> dict[str, float]:
    """Scale the model's adapter in place until neutral code is at most ``most`` harder for it.

    ``most`` is the relative rise of the perplexity. Returns ``strength``, what is left of the
    adapter (1.0: all), and ``neutral_rise``, the rise that is left.
    """
    training = model.training
    model.eval()
    with model.disable_adapter():
        base = perplexity(model, tokens, neutral)
    strength, rise = 1.0, _rise(model, tokens, neutral, base)
    for _ in range(TRIES):
        if rise <= most:
            break
        kept = max(HARSHEST, min(GENTLEST, math.sqrt(most / rise)))
        _scale(model, kept)
        strength, rise = strength * kept, _rise(model, tokens, neutral, base)
    model.train(training)
    return {"strength": round(strength, 4), "neutral_rise": round(rise, 5)}


def _rise(model: Any, tokens: Tokens, neutral: Sequence[Example], base: float) -> float:
    return perplexity(model, tokens, neutral) / base - 1 if base else 0.0


@torch.no_grad()
def _scale(model: Any, factor: float) -> None:
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            weight.mul_(factor)
