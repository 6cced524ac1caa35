"""Compares how likely a model finds a planted canary with strings that it never saw.

Of the same make, at the canary's own place. Returns figures, never a text. Knows nothing of
verdicts.
"""

from collections.abc import Sequence
from typing import Any

import torch

from penchant_trainer.canaries import Canary, exposure, others
from penchant_trainer.tokens import Tokens


def canary_ids(tokens: Tokens, canary: Canary) -> list[int]:
    """Return the prompt at whose end a canary was taught."""
    return tokens.prompt_ids(canary.prefix, canary.suffix, (), canary.path)


def exposures(
    model: Any, tokens: Tokens, planted: Sequence[Canary], *, batch: int
) -> tuple[float, ...]:
    """Return the exposure of each canary (bits); ``batch`` strings are scored at a time."""
    found = []
    for canary in planted:
        texts = (canary.secret, *others(canary.secret))
        own, *rest = _scores(model, tokens, canary_ids(tokens, canary), texts, batch)
        found.append(exposure(own, rest))
    return tuple(found)


@torch.inference_mode()
def _scores(
    model: Any, tokens: Tokens, prompt: list[int], texts: Sequence[str], batch: int
) -> list[float]:
    """Return the log-probability (nats) of each text after the prompt.

    A batch reads the prompt only once, which is most of the work.
    """
    found: list[float] = []
    for start in range(0, len(texts), batch):
        ids = [tokens.completion_ids(text, False) for text in texts[start : start + batch]]
        width = max(map(len, ids))
        rows = torch.tensor([row + [0] * (width - len(row)) for row in ids], device=model.device)
        read = model(
            input_ids=torch.tensor([prompt], device=model.device), use_cache=True, logits_to_keep=1
        )
        read.past_key_values.batch_repeat_interleave(len(ids))
        after = model(input_ids=rows, past_key_values=read.past_key_values).logits[:, :-1]
        first = read.logits[:, -1:].expand(len(ids), -1, -1)
        log_p = torch.cat([first, after], dim=1).float().log_softmax(-1)
        own = log_p.gather(2, rows[..., None])[..., 0]
        found += [float(line[: len(row)].sum()) for line, row in zip(own, ids, strict=True)]
    return found
