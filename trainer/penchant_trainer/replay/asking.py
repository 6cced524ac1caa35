"""Asks a model for suggestions at places: greedy, in batches, with the prompts that are served.

Knows nothing of verdicts.
"""

from collections.abc import Sequence
from typing import Any

import torch

from penchant_core.copying import Copier
from penchant_trainer.copies import copier, processors
from penchant_trainer.evaluate import text_of
from penchant_trainer.padding import left_padded
from penchant_trainer.progress import Report
from penchant_trainer.replay.answer import Answer, cut
from penchant_trainer.replay.recall import Context, plain
from penchant_trainer.replay.walk import Place
from penchant_trainer.tokens import Tokens


def prompts(tokens: Tokens, places: Sequence[Place], context: Context = plain) -> list[list[int]]:
    """Return the token ids of the served prompt at each place."""
    found = []
    for place in places:
        asked, snippets = context(place)
        found.append(tokens.prompt_ids(asked.prefix, asked.suffix, snippets, asked.path))
    return found


@torch.inference_mode()
def answers(
    model: Any,
    tokens: Tokens,
    places: Sequence[Place],
    *,
    max_tokens: int,
    batch: int,
    context: Context = plain,
    report: Report = lambda _done: None,
) -> list[Answer]:
    """Return one answer per place, in order."""
    model.eval()
    asked = prompts(tokens, places, context)
    order = sorted(range(len(places)), key=lambda i: (places[i].many, len(asked[i])))
    found: list[Answer | None] = [None] * len(places)
    done = 0
    for many in (False, True):
        rows = [i for i in order if places[i].many == many]
        for start in range(0, len(rows), batch):
            chosen = rows[start : start + batch]
            given = [asked[i] for i in chosen]
            near = [_copier(tokens, places[i], context) for i in chosen]
            written = _generate(model, tokens, given, near, max_tokens, many)
            for i, row in zip(chosen, written, strict=True):
                found[i] = _answer(tokens, places[i], *row)
            done += len(chosen)
            report(done / max(1, len(places)))
    return [answer for answer in found if answer is not None]


def _copier(tokens: Tokens, place: Place, context: Context) -> Copier | None:
    asked, snippets = context(place)
    return copier(tokens, asked, snippets, one_line=not place.many)


def _generate(
    model: Any,
    tokens: Tokens,
    given: Sequence[list[int]],
    near: Sequence[Copier | None],
    max_tokens: int,
    many: bool,
) -> list[tuple[list[int], list[float]]]:
    """Return the new tokens of each row, up to the end, with their log-probabilities."""
    pad = tokens.tokenizer.pad_token_id
    ids, mask = left_padded(given, pad, model.device)

    def over(made: Any, _scores: Any, **_: Any) -> Any:
        last = tokens.tokenizer.batch_decode(made[:, -1:])
        return torch.tensor(["\n" in text for text in last], device=made.device)

    out = model.generate(
        input_ids=ids,
        attention_mask=mask,
        max_new_tokens=max_tokens,
        do_sample=False,
        pad_token_id=pad,
        eos_token_id=tokens.end,
        stopping_criteria=None if many else [over],
        logits_processor=processors(tokens, near, ids.size(1)),
        return_dict_in_generate=True,
        output_scores=True,
    )
    made = out.sequences[:, ids.size(1) :]
    # Step by step: all steps' distributions at once would be gigabytes for a large vocabulary.
    steps = [
        step.float().log_softmax(-1).gather(1, made[:, number, None])[:, 0]
        for number, step in enumerate(out.scores)
    ]
    rows = zip(made.tolist(), torch.stack(steps, dim=1).tolist(), strict=True)
    return [_own(tokens, row, scores, many) for row, scores in rows]


def _own(
    tokens: Tokens, row: list[int], scores: list[float], many: bool
) -> tuple[list[int], list[float]]:
    """Cut a row after its end, and after its line when no more of it was asked for."""
    for number, token in enumerate(row):
        last = token == tokens.end
        if not many and not last:
            last = "\n" in tokens.tokenizer.decode([token])
        if last:
            return row[: number + 1], scores[: number + 1]
    return row, scores


def _answer(tokens: Tokens, place: Place, ids: list[int], scores: list[float]) -> Answer:
    whole = text_of(tokens, ids)
    text = cut(whole, place)
    ended = bool(ids) and (ids[-1] == tokens.end or ("\n" in whole and not place.many))
    confidence = sum(scores) / len(scores) if scores else 0.0
    return Answer(text, ended, confidence, tuple(ids))
