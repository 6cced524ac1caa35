"""What a policy writes at the places of practice, with all that PPO needs to know about it.

Prompts are padded on the left and texts on the right, so that every text begins in one column.
Knows nothing of losses.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from penchant_trainer.evaluate import text_of
from penchant_trainer.model import ADAPTER
from penchant_trainer.padding import left_padded
from penchant_trainer.practice import Place
from penchant_trainer.tokens import Tokens

REFERENCE = "ref"


@dataclass(frozen=True, slots=True)
class Written:
    """A batch of texts as token ids: prompts and texts in one, where the texts begin, their mask.

    ``texts`` are as they would be served; ``ended`` says which of them ended by themselves.
    """

    ids: Tensor
    attention: Tensor
    begin: int
    mask: Tensor
    texts: tuple[str, ...]
    ended: Tensor


@dataclass(frozen=True, slots=True)
class Seen:
    """What a policy thinks of a batch of texts, per token: log-probability, value, logits."""

    logp: Tensor
    values: Tensor
    logits: Tensor


class ValueHead(nn.Module):
    """Expects the reward still to come, from the hidden state before each token.

    A linear layer that begins at 0. The hidden state is taken as it is: the value's error does not
    reach the adapter, which so learns from the policy's loss alone and stays what is served.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, 1)
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, hidden: Tensor) -> Tensor:
        """Return one value per token."""
        return self.linear(hidden.detach().float()).squeeze(-1)


def freeze_reference(model: Any) -> None:
    """Add a frozen copy of the model's adapter, to be measured from."""
    model.add_adapter(REFERENCE, model.peft_config[ADAPTER])
    parts = dict(model.named_parameters())
    for name, part in parts.items():
        if f".{ADAPTER}." in name:
            copy = parts[name.replace(f".{ADAPTER}.", f".{REFERENCE}.")]
            copy.data.copy_(part.data)
            copy.requires_grad_(False)


@contextmanager
def reference(model: Any) -> Iterator[None]:
    """Let the model answer as the reference does."""
    model.set_adapter(REFERENCE)
    try:
        yield
    finally:
        model.set_adapter(ADAPTER)


@torch.no_grad()
def write(
    model: Any, tokens: Tokens, places: Sequence[Place], *, max_tokens: int, temperature: float
) -> Written:
    """Sample one text at each place."""
    pad = tokens.tokenizer.pad_token_id
    ids, prompts = left_padded([place.ids for place in places], pad, model.device)
    width = ids.size(1)
    out = model.generate(
        input_ids=ids,
        attention_mask=prompts,
        max_new_tokens=max_tokens,
        do_sample=True,
        temperature=temperature,
        top_k=0,
        top_p=1.0,
        pad_token_id=pad,
        eos_token_id=tokens.end,
    )
    written = out[:, width:]
    ended = (written == tokens.end).any(1)
    after_end = ((written == tokens.end).cumsum(1) - (written == tokens.end).long()) > 0
    mask = (~after_end).float()
    kept = [row[: int(n)] for row, n in zip(written.tolist(), mask.sum(1).tolist(), strict=True)]
    texts = tuple(text_of(tokens, row) for row in kept)
    return Written(out, torch.cat([prompts, mask.long()], 1), width, mask, texts, ended)


def look(model: Any, head: ValueHead, written: Written, temperature: float) -> Seen:
    """Return what the model's active adapter, and the head, think of a batch of texts."""
    length = written.mask.size(1)
    out = model(
        input_ids=written.ids,
        attention_mask=written.attention,
        position_ids=(written.attention.cumsum(1) - 1).clamp(min=0),
        output_hidden_states=True,
        logits_to_keep=length + 1,
        use_cache=False,
    )
    logits = out.logits[:, :-1].float() / temperature
    chosen = written.ids[:, written.begin :, None]
    logp = logits.log_softmax(-1).gather(-1, chosen).squeeze(-1)
    values = head(out.hidden_states[-1][:, -(length + 1) : -1])
    return Seen(logp * written.mask, values * written.mask, logits)
