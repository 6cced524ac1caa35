"""Lets a model write on held-out prompts, and measures what it forgot.

Greedy, batched, with the served prompts, copies and length. Ranking pairs is no evidence: a
model can rank every pair rightly and write nonsense, so this generates. Knows nothing of verdicts.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch

from penchant_core.copying import Copier
from penchant_trainer.canaries import Canary
from penchant_trainer.copies import copier, processors
from penchant_trainer.interrogation import canary_ids, exposures
from penchant_trainer.metrics import Figures, Generation, judge
from penchant_trainer.padding import left_padded
from penchant_trainer.progress import Report
from penchant_trainer.recipe import Recipe
from penchant_trainer.tokens import Tokens
from penchant_trainer.units import Event, Example

KL_PROMPTS = 12
"""How many generations the divergence is measured on."""

WORST = 1e9
"""Stands for a figure that is no number, so that it can be written down and is refused."""


def assess(
    model: Any,
    tokens: Tokens,
    events: Sequence[Event],
    neutral: Sequence[Example],
    recipe: Recipe,
    *,
    max_tokens: int,
    report: Report,
    planted: Sequence[Canary] = (),
) -> Figures:
    """Return a model's figures on held-out events, neutral code and planted canaries.

    ``max_tokens`` is what is served. A model with an adapter is also compared with its base.
    Every figure is finite, whatever the model's weights are.
    """
    model.eval()
    prompts = [tokens.event_ids(event) for event in events]
    written = generate(
        model,
        tokens,
        [*prompts, *(canary_ids(tokens, canary) for canary in planted)],
        max_tokens=max_tokens,
        batch=recipe.generation_batch,
        copiers=[*(_copier(tokens, event) for event in events), *(None for _ in planted)],
        report=lambda done: report(0.6 * done),
    )
    texts = [_text(tokens, ids) for ids in written]
    found = judge(texts[: len(events)], events)
    lost = perplexity(model, tokens, neutral, lambda done: report(0.6 + 0.25 * done))
    pairs = list(zip(prompts, written, strict=False))[:KL_PROMPTS]
    if hasattr(model, "disable_adapter"):
        found = replace(found, kl=divergence(model, pairs))
    else:
        found = replace(found, surprise=surprise(model, tokens, events[:KL_PROMPTS]))
    shown = exposures(model, tokens, planted, batch=recipe.generation_batch)
    report(1.0)
    return replace(
        found,
        perplexity=lost,
        canaries=len(planted),
        told=sum(any(canary.told_in(g.text) for g in texts) for canary in planted),
        exposure=round(max(shown, default=0.0), 2),
    )


@torch.inference_mode()
def generate(
    model: Any,
    tokens: Tokens,
    prompts: Sequence[list[int]],
    *,
    max_tokens: int,
    batch: int,
    copiers: Sequence[Copier | None] = (),
    report: Report = lambda _done: None,
) -> list[list[int]]:
    """Return the greedy continuation (token ids, with the end if it came) of each prompt.

    ``copiers`` stand in the prompts' order, none at all for a model that copies nothing.
    """
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    found: list[list[int]] = [[] for _ in prompts]
    pad = tokens.tokenizer.pad_token_id
    for start in range(0, len(order), batch):
        rows = order[start : start + batch]
        ids, mask = left_padded([prompts[i] for i in rows], pad, model.device)
        copying = [copiers[i] for i in rows] if copiers else []
        out = model.generate(
            input_ids=ids,
            attention_mask=mask,
            max_new_tokens=max_tokens,
            do_sample=False,
            pad_token_id=pad,
            eos_token_id=tokens.end,
            logits_processor=processors(tokens, copying, ids.size(1)),
        )
        for i, row in zip(rows, out[:, ids.size(1) :].tolist(), strict=True):
            found[i] = _until_end(row, tokens.end, pad)
        report((start + len(rows)) / len(order))
    return found


def _copier(tokens: Tokens, event: Event) -> Copier | None:
    one_line = "\n" not in (event.truth or "").rstrip("\n")
    return copier(tokens, event, event.context, one_line=one_line)


def text_of(tokens: Tokens, ids: list[int]) -> str:
    """Return the text of a continuation as it would be served: without any FIM token."""
    text = tokens.tokenizer.decode(ids, skip_special_tokens=True)
    for mark in tokens.renderer.template.stops:
        text = text.split(mark, 1)[0]
    return str(text)


def _text(tokens: Tokens, ids: list[int]) -> Generation:
    return Generation(text_of(tokens, ids), bool(ids) and ids[-1] == tokens.end)


def _until_end(row: list[int], end: int, pad: int) -> list[int]:
    if end in row:
        return row[: row.index(end) + 1]
    while row and row[-1] == pad:
        row = row[:-1]
    return row


@torch.inference_mode()
def perplexity(
    model: Any, tokens: Tokens, neutral: Sequence[Example], report: Report = lambda _done: None
) -> float:
    """Return the perplexity per token of neutral code in its place; prompts do not count.

    Given that the text goes on: the end of text is taken out of the distribution, because stopping
    where this developer stops is learned on purpose and is not forgetting.
    """
    total, count = 0.0, 0
    for number, example in enumerate(neutral):
        report(number / len(neutral))
        row = tokens.sft_row(example)
        if row is None:
            continue
        length = sum(row["completion_mask"])
        log_p = log_probabilities(model, row["input_ids"], length, without=tokens.end)
        wanted = torch.tensor(row["input_ids"][-length:], device=log_p.device)
        total -= float(log_p.gather(1, wanted[:, None]).sum())
        count += length
    return _finite(math.exp(min(total / count, 700.0))) if count else 0.0


@torch.inference_mode()
def surprise(model: Any, tokens: Tokens, events: Sequence[Event]) -> float:
    """Return the mean nats per token at which the model sees what the developer really wrote."""
    total, count = 0.0, 0
    for event in events:
        truth = tokens.completion_ids(event.truth or "", False)
        if not truth:
            continue
        log_p = log_probabilities(model, tokens.event_ids(event) + truth, len(truth))
        wanted = torch.tensor(truth, device=log_p.device)
        total -= float(log_p.gather(1, wanted[:, None]).sum())
        count += len(truth)
    return total / count if count else 0.0


@torch.inference_mode()
def divergence(model: Any, rows: Sequence[tuple[list[int], list[int]]]) -> float:
    """Return the mean KL divergence (nats per token) from the base, on the model's own texts."""
    total, count = 0.0, 0
    for prompt, written in rows:
        if not written:
            continue
        own = log_probabilities(model, prompt + written, len(written))
        with model.disable_adapter():
            base = log_probabilities(model, prompt + written, len(written))
        total += float((own.exp() * (own - base)).sum())
        count += len(written)
    return _finite(total / count) if count else 0.0


def _finite(value: float) -> float:
    return min(value, WORST) if math.isfinite(value) else WORST


def log_probabilities(
    model: Any, ids: list[int], length: int, *, without: int | None = None
) -> torch.Tensor:
    """Return log-probabilities of the last ``length`` tokens' places (length x vocabulary).

    Given that the token ``without`` does not come, if one is named.
    """
    inputs = torch.tensor([ids], device=model.device)
    logits = model(input_ids=inputs, logits_to_keep=length + 1).logits[0, :-1]
    if without is not None:
        logits[:, without] = -torch.inf
    return torch.log_softmax(logits.float(), dim=-1)
