"""Kahneman-Tversky optimisation: learns from single texts that were wanted or not, without pairs.

Two anchors hold it, because on accept and reject alone it teaches small models to write nonsense:
an SFT term on the wanted texts (what was written is among them), and the drift on neutral code.
The reference is the adapter as SFT left it (TRL keeps a frozen copy of it). Rows come tokenised, as
they are served; neighbours have different prompts, since each row's completion after its
neighbour's prompt is what the method measures its distance from the reference by.
Source: Ethayarajh et al., arXiv 2402.01306; the balance of both sides: its equation 8.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from trl import KTOConfig, KTOTrainer
from trl.trainer.kto_trainer import DataCollatorForUnpairedPreference

from penchant_trainer.anchor import Anchored, anchor_on
from penchant_trainer.progress import Report
from penchant_trainer.recipe import Recipe, steps
from penchant_trainer.sampling import POOL, ByWeight, Steps
from penchant_trainer.sft import arguments, finished
from penchant_trainer.tokens import Tokens
from penchant_trainer.units import Example

Row = dict[str, Any]

BALANCE = 7 / 6
"""Where in the paper's range (1 to 4/3) the weight of wanted over unwanted texts stands."""


class Apart(ByWeight):
    """Draws rows by weight so that no batch holds one prompt twice, as far as there are others."""

    def __init__(
        self, rows: Sequence[Row], weights: Sequence[float], batch: int, seed: int
    ) -> None:
        lengths = [len(row["prompt_ids"]) + len(row["completion_ids"]) for row in rows]
        super().__init__(weights, lengths, batch, seed)
        self.prompts = [tuple(row["prompt_ids"]) for row in rows]

    def __iter__(self) -> Iterator[int]:
        drawn = torch.multinomial(
            self.weights, len(self.lengths), replacement=True, generator=self.generator
        ).tolist()
        left: list[int] = []
        for start in range(0, len(drawn), self.batch * POOL):
            pool = [*left, *drawn[start : start + self.batch * POOL]]
            batches, left = self._batches(sorted(pool, key=lambda i: self.lengths[i]))
            for index in torch.randperm(len(batches), generator=self.generator).tolist():
                yield from batches[index]
        yield from left

    def _batches(self, pool: list[int]) -> tuple[list[list[int]], list[int]]:
        """Return full batches of different prompts, and the rows that fit into none."""
        batches: list[list[int]] = []
        while True:
            taken = {self.prompts[i]: i for i in reversed(pool)}
            if len(taken) < self.batch:
                return batches, pool
            batch = list(reversed(taken.values()))[: self.batch]
            for i in batch:
                pool.remove(i)
            batches.append(batch)


class _Collator(DataCollatorForUnpairedPreference):
    def torch_call(self, examples: list[Row]) -> dict[str, Any]:
        """Give every row the completion of the next one with another prompt, then batch them."""
        return super().torch_call(
            [row | _mismatched(examples, n) for n, row in enumerate(examples)]
        )


def _mismatched(rows: list[Row], n: int) -> Row:
    others = [*rows[n + 1 :], *rows[:n]]
    apart = (o for o in others if o["prompt_ids"] != rows[n]["prompt_ids"])
    return {"KL_completion_ids": next(apart, rows[n])["completion_ids"]}


class _Trainer(Anchored, KTOTrainer):
    sampler: Apart
    sft_weight: float

    def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
        return dataset  # its columns are prompt_ids, completion_ids and label already

    def _get_train_sampler(self, _dataset: Any = None) -> Apart:
        return self.sampler

    def _compute_loss(self, model: Any, inputs: Any, *more: Any) -> Any:
        seen: list[torch.Tensor] = []

        def note(_model: Any, _inputs: Any, outputs: Any) -> None:
            if outputs.log_probs.requires_grad:  # the others are references
                seen.append(outputs.log_probs)

        handle = model.register_forward_hook(note)
        try:
            loss = super()._compute_loss(model, inputs, *more)
        finally:
            handle.remove()
        return loss + self.sft_weight * _surprise(seen[0], inputs)


def _surprise(log_p: torch.Tensor, inputs: Any) -> torch.Tensor:
    """Return the mean nats per token of the wanted texts, 0 without any."""
    wanted = inputs["label"].bool().to(log_p.device)
    width = inputs["completion_mask"].size(1) - 1
    count = inputs["completion_mask"][:, 1:].to(log_p.device)[wanted].sum()
    return -log_p[:, -width:][wanted].sum() / count.clamp(min=1)


def side_weights(wanted: float, unwanted: float) -> tuple[float, float]:
    """Return the loss weights of both sides from how much is drawn of each; the rarer is raised.

    The ratio of (weight x amount), wanted over unwanted, is ``BALANCE``.
    """
    factor = BALANCE * unwanted / wanted
    return (factor, 1.0) if factor >= 1 else (1.0, 1 / factor)


def train(
    model: Any,
    tokens: Tokens,
    examples: tuple[Example, ...],
    neutral: tuple[Example, ...],
    recipe: Recipe,
    *,
    seed: int,
    scratch: Path,
    report: Report,
) -> dict[str, Any]:
    """Train the model's adapter in place; return figures (rows of each side, steps, final loss)."""
    found = [(_row(row, e), e.weight) for e in examples if (row := tokens.sft_row(e))]
    rows, weights = [row for row, _ in found], [weight for _, weight in found]
    drawn = {side: sum(w for r, w in found if r["label"] is side) for side in (True, False)}
    desirable, undesirable = side_weights(drawn[True], drawn[False])
    anchor = anchor_on(tokens, neutral, recipe, seed)
    sampler = Apart(rows, weights, recipe.batch, seed)
    mean = 2 * sum(sampler.lengths) / len(rows)  # each is seen after its neighbour's prompt too
    count = steps(
        len(rows),
        mean + anchor.mean_tokens * anchor.batch / recipe.batch,
        epochs=recipe.kto_epochs,
        budget=recipe.kto_tokens,
        batch=recipe.batch * recipe.accumulate,
    )
    trainer = _Trainer(
        model=model,
        args=KTOConfig(
            **arguments(recipe, scratch, count, recipe.kto_rate, seed, model),
            beta=recipe.kto_beta,
            desirable_weight=desirable,
            undesirable_weight=undesirable,
        ),
        data_collator=_Collator(tokens.tokenizer.pad_token_id, recipe.max_length),
        train_dataset=Dataset.from_list(rows),
        processing_class=tokens.tokenizer,
        callbacks=[Steps(report)],
    )
    trainer.anchor, trainer.anchor_weight = anchor, recipe.anchor
    trainer.sampler, trainer.sft_weight = sampler, recipe.kto_sft
    loss = finished(trainer)
    wanted = sum(row["label"] for row in rows)
    return {
        "wanted": wanted,
        "unwanted": len(rows) - wanted,
        "weights": [round(desirable, 3), round(undesirable, 3)],
        "steps": count,
        "loss": loss,
        "mean_tokens": round(mean / 2, 1),
    }


def _row(row: dict[str, list[int]], example: Example) -> Row:
    prompt = row["completion_mask"].index(1)
    ids = row["input_ids"]
    return {
        "prompt_ids": ids[:prompt],
        "completion_ids": ids[prompt:],
        "label": example.desirable,
    }
