"""Keeps a model where it was on code that is not the developer's: distillation from its own base.

With every batch of the developer's rows comes one of neutral code, on which the adapter is pulled
back to the base model's own predictions, at every token. Replaying neutral code as plain examples
holds a small model less well: it says one token was right, where this says how likely each was.
``Anchored`` adds this drift to the loss of any TRL trainer. Knows nothing of signals.
Source: Learning without Forgetting, Li and Hoiem, arXiv 1606.09282 (the distillation term).
"""

import random
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch.nn import functional

from penchant_trainer.recipe import Recipe
from penchant_trainer.tokens import Tokens
from penchant_trainer.units import Example

Row = dict[str, list[int]]

COLUMNS = 64
"""In so many places of each row the drift is measured at a time."""


class Anchor:
    """Neutral rows (``input_ids``), drawn ``batch`` at a time in an order of their own seed."""

    def __init__(self, rows: Sequence[Row], *, batch: int, pad: int, seed: int) -> None:
        self.rows = [row["input_ids"] for row in rows]
        self.batch, self.pad = batch, pad
        self._draws = self._endless(random.Random(seed))  # noqa: S311 (no secret hangs on it)
        self._columns = torch.Generator().manual_seed(seed)

    @property
    def mean_tokens(self) -> float:
        """Mean number of tokens of a row."""
        return sum(map(len, self.rows)) / max(1, len(self.rows))

    def drift(self, model: Any) -> torch.Tensor:
        """Return KL(base ‖ adapter) in nats per token over the next batch, with gradient.

        Measured in ``COLUMNS`` random columns of the batch: the same in the mean, at half the cost.
        """
        ids, mask = self._next(model.device)
        at = torch.randperm(ids.size(1), generator=self._columns)[:COLUMNS].to(ids.device)
        batch = {"input_ids": ids, "attention_mask": mask, "logits_to_keep": at}
        with torch.no_grad(), model.disable_adapter():
            base = model(**batch).logits.float()
        own = model(**batch).logits.float()
        each = functional.kl_div(
            own.log_softmax(-1), base.log_softmax(-1), log_target=True, reduction="none"
        ).sum(-1)
        return (each * mask[:, at]).sum() / mask[:, at].sum().clamp(min=1)

    def _next(self, device: Any) -> tuple[torch.Tensor, torch.Tensor]:
        rows = [next(self._draws) for _ in range(self.batch)]
        width = max(map(len, rows))
        ids = [row + [self.pad] * (width - len(row)) for row in rows]
        mask = [[1] * len(row) + [0] * (width - len(row)) for row in rows]
        return torch.tensor(ids, device=device), torch.tensor(mask, device=device)

    def _endless(self, chance: random.Random) -> Iterator[list[int]]:
        """Yield every row once per round; rows of like length follow one another."""
        by_length = sorted(self.rows, key=len)
        groups = [by_length[i : i + self.batch] for i in range(0, len(by_length), self.batch)]
        while True:
            for group in chance.sample(groups, len(groups)):
                yield from group


def anchor_on(tokens: Tokens, neutral: Sequence[Example], recipe: Recipe, seed: int) -> Anchor:
    """Return an anchor on neutral code, of the recipe's share of rows beside each batch."""
    rows = [row for e in neutral if (row := tokens.sft_row(e))]
    share = recipe.replay_share
    batch = max(1, round(recipe.batch * share / (1 - share)))
    return Anchor(rows, batch=batch, pad=tokens.tokenizer.pad_token_id, seed=seed)


class Anchored:
    """A TRL trainer whose loss has ``anchor_weight`` times the drift on neutral code added.

    Stands before the trainer in a class's bases.
    """

    anchor: Anchor
    anchor_weight: float
    args: Any
    loss_is_scaled_for_ga: bool | None

    def compute_loss(self, model: Any, inputs: Any, **more: Any) -> Any:
        """Return TRL's loss with the drift."""
        loss = super().compute_loss(model, inputs, **more)  # type: ignore[misc]
        # Some of TRL's losses are divided by the number of accumulated batches already.
        divided = self.loss_is_scaled_for_ga is not False
        parts = self.args.gradient_accumulation_steps if divided else 1
        return loss + self.anchor_weight / parts * self.anchor.drift(model)
