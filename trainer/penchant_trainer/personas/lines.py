"""What a network writes after each of many prompts: greedily, to the end of the line.

A row leaves its batch when its line ends, so that a long line keeps nobody else waiting; the tokens
are the ones that the network's own ``generate`` would choose, with the served copies. Knows
nothing of adapters and places.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers import DynamicCache

from penchant_core.copying import Copier
from penchant_trainer.copies import with_copies
from penchant_trainer.evaluate import text_of
from penchant_trainer.tokens import Tokens


@dataclass(slots=True)
class Line:
    """The tokens of one line with their log-probabilities (nats, the end's included)."""

    ids: list[int] = field(default_factory=list)
    logs: list[float] = field(default_factory=list)
    copier: Copier | None = None


@torch.inference_mode()
def written(
    network: Any,
    tokens: Tokens,
    prompts: Sequence[list[int]],
    *,
    most: int,
    batch: int,
    near: Sequence[Copier | None] = (),
) -> list[Line]:
    """Return the line of each prompt (token ids), at most ``most`` tokens long.

    It ends with the end of text or with the first token that holds a line end. ``near`` holds what
    copies for each, nothing at all for a model that does not copy.
    """
    ends = Ends(tokens)
    found = [Line(copier=one) for one in near] if near else [Line() for _ in prompts]
    for rows in _alike(prompts, batch):
        chosen = [prompts[i] for i in rows]
        _write(network, tokens, chosen, [found[i] for i in rows], ends, most)
    return found


class Ends:
    """Which tokens end a line."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._known: dict[int, bool] = {tokens.end: True}

    def __contains__(self, token: int) -> bool:
        if token not in self._known:
            self._known[token] = "\n" in text_of(self._tokens, [token])
        return self._known[token]


def _alike(prompts: Sequence[list[int]], batch: int) -> Iterator[list[int]]:
    """Yield the numbers of prompts of like length: padding is paid for."""
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    for start in range(0, len(order), batch):
        yield order[start : start + batch]


def _write(
    network: Any,
    tokens: Tokens,
    prompts: Sequence[list[int]],
    lines: Sequence[Line],
    ends: Ends,
    most: int,
) -> None:
    ids, mask = _padded(prompts, tokens.tokenizer.pad_token_id, network.device)
    cache, open_lines = DynamicCache(), list(lines)
    places = (mask.cumsum(-1) - 1).clamp(min=0)
    while True:
        scores = network(
            input_ids=ids,
            attention_mask=mask,
            position_ids=places,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]
        scores = _with_copies(tokens, open_lines, scores)
        best, token = torch.log_softmax(scores.float(), dim=-1).max(dim=-1)
        _note(open_lines, token.tolist(), best.tolist())
        left = [n for n, x in enumerate(open_lines) if x.ids[-1] not in ends and len(x.ids) < most]
        if not left:
            return
        if len(left) < len(open_lines):
            index = torch.tensor(left, device=mask.device)
            cache.batch_select_indices(index)
            open_lines = [open_lines[n] for n in left]
            mask, places, token = mask[index], places[index], token[index]
        ids, places = token[:, None], places[:, -1:] + 1
        mask = torch.cat([mask, torch.ones_like(ids)], dim=-1)


def _with_copies(tokens: Tokens, lines: Sequence[Line], scores: Any) -> Any:
    copiers = [line.copier for line in lines]
    return with_copies(scores, copiers, lambda row: text_of(tokens, lines[row].ids))


def _note(lines: Sequence[Line], tokens: Sequence[int], logs: Sequence[float]) -> None:
    for line, token, log in zip(lines, tokens, logs, strict=True):
        line.ids.append(token)
        line.logs.append(log)


def _padded(prompts: Sequence[list[int]], pad: int, device: Any) -> tuple[Any, Any]:
    width = max(map(len, prompts))
    ids = [[pad] * (width - len(row)) + row for row in prompts]
    mask = [[0] * (width - len(row)) + [1] * len(row) for row in prompts]
    return torch.tensor(ids, device=device), torch.tensor(mask, device=device)
