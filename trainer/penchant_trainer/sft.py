"""Supervised fine-tuning on what the developer finally wrote: the method to beat, and the ground
that preference training stands on.

Only completion tokens are learned; where the text left a suggestion that was turned down, that
token against the suggestion's (``contrast``). Neutral code anchors the model against forgetting.
Rows come tokenised, exactly as they are served. Knows nothing of signals.
"""

from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from torch.nn import functional
from transformers import PrinterCallback
from trl import SFTConfig, SFTTrainer

from penchant_trainer.anchor import Anchored, anchor_on
from penchant_trainer.contrast import Fork, Forks, preference
from penchant_trainer.progress import Report
from penchant_trainer.recipe import Recipe, steps
from penchant_trainer.sampling import Steps, Weighted
from penchant_trainer.tokens import Tokens
from penchant_trainer.units import Example, Pair

LOGGED = 100
"""About how many points the curves of a training have."""


UNLEARNED = -100
"""The label of tokens that are not learned, as everywhere in transformers."""


class _Completions(SFTTrainer):
    """Cross-entropy of completion tokens, plus ``contrast`` times the mean preference of a row.

    Logits are made from the first completion token of a batch on. TRL's own loss makes those of the
    prompts as well, which takes half of a step where the vocabulary is most of the model.
    """

    forks: Forks
    contrast: float
    margin: float

    def compute_loss(self, model: Any, inputs: Any, **more: Any) -> Any:
        """Return the loss of a batch of TRL's rows, as its part of an optimiser step.

        ``num_items_in_batch`` is how many tokens are learned in the whole step.
        """
        ids, mask, labels = (inputs[name] for name in ("input_ids", "attention_mask", "labels"))
        first = int((labels != UNLEARNED).any(0).nonzero()[0])
        columns = torch.arange(first - 1, ids.size(1) - 1, device=ids.device)
        logits = model(input_ids=ids, attention_mask=mask, logits_to_keep=columns).logits.float()
        wanted = labels[:, first:]
        nats = functional.cross_entropy(
            logits.flatten(0, 1), wanted.flatten(), ignore_index=UNLEARNED, reduction="sum"
        )
        count, parts = more.get("num_items_in_batch"), self.args.gradient_accumulation_steps
        if count is None:  # Trainer divides by the parts of a step itself
            count, parts = (wanted != UNLEARNED).sum(), 1
        leads = self._leads(logits, first, self.forks.of(ids, mask))
        return nats / count + self.contrast * leads / (len(ids) * parts)

    def _leads(
        self, logits: torch.Tensor, first: int, found: list[tuple[int, Fork]]
    ) -> torch.Tensor:
        """Return the preferences at the forks of a batch whose logits begin before ``first``."""
        rows = torch.tensor([row for row, _ in found], dtype=torch.long, device=logits.device)
        forks = [fork for _, fork in found]
        columns = [fork.place - first for fork in forks]
        places = torch.tensor(columns, dtype=torch.long, device=logits.device)
        return preference(logits[rows, places], forks, self.margin)


class _Trainer(Anchored, Weighted, _Completions):
    """SFT, anchored: the loss of completions plus the drift on neutral code."""


def train(
    model: Any,
    tokens: Tokens,
    examples: tuple[Example, ...],
    neutral: tuple[Example, ...],
    recipe: Recipe,
    *,
    pairs: tuple[Pair, ...] = (),
    seed: int,
    scratch: Path,
    report: Report,
) -> dict[str, Any]:
    """Train the model's adapter in place; return figures (rows, steps, final loss).

    Of ``pairs`` those count whose chosen text is an example's, at its place.
    """
    own = [(row, e) for e in examples if (row := tokens.sft_row(e))]
    rows, weights = [row for row, _ in own], [e.weight for _, e in own]
    anchor = anchor_on(tokens, neutral, recipe, seed)
    mean = sum(len(r["input_ids"]) * w for r, w in zip(rows, weights, strict=True)) / sum(weights)
    count = steps(
        len(own),
        mean + anchor.mean_tokens * anchor.batch / recipe.batch,
        epochs=recipe.sft_epochs,
        budget=recipe.sft_tokens,
        batch=recipe.batch * recipe.accumulate,
    )
    trainer = _Trainer(
        model=model,
        args=SFTConfig(
            **arguments(recipe, scratch, count, recipe.sft_rate, seed, model),
            completion_only_loss=True,
        ),
        train_dataset=Dataset.from_list(rows),
        processing_class=tokens.tokenizer,
        callbacks=[Steps(report)],
    )
    trainer.anchor, trainer.anchor_weight = anchor, recipe.anchor
    trainer.forks, trainer.contrast = Forks(tokens, own, pairs), recipe.contrast
    trainer.margin = recipe.contrast_margin
    trainer.row_weights = weights
    trainer.row_lengths = [len(row["input_ids"]) for row in rows]
    loss = finished(trainer)
    return {
        "rows": len(own),
        "forks": len(trainer.forks),
        "neutral_rows": len(anchor.rows),
        "steps": count,
        "loss": loss,
        "mean_tokens": round(mean, 1),
    }


def arguments(
    recipe: Recipe, scratch: Path, count: int, rate: float, seed: int, model: Any
) -> dict[str, Any]:
    """Return the arguments that every TRL trainer gets here."""
    on_cpu = model.device.type == "cpu"
    return {
        "output_dir": str(scratch / "trainer"),
        "per_device_train_batch_size": recipe.batch,
        "gradient_accumulation_steps": recipe.accumulate,
        "max_steps": count,
        "learning_rate": rate,
        "lr_scheduler_type": recipe.schedule,
        "warmup_steps": max(1, round(recipe.warmup_share * count)),
        "max_grad_norm": recipe.max_grad_norm,
        "max_length": recipe.max_length,
        "use_cpu": on_cpu,
        "bf16": str(model.dtype) == "torch.bfloat16",
        "fp16": False,
        # Recomputing activations costs a third of the time; only big models need it.
        "gradient_checkpointing": not on_cpu and model.num_parameters() > 500_000_000,
        "dataloader_pin_memory": False,
        "save_strategy": "no",
        "logging_strategy": "steps",
        "logging_steps": max(1, count // LOGGED),
        "eval_strategy": "no",
        "report_to": [],
        "disable_tqdm": True,
        "seed": seed,
        "data_seed": seed,
    }


def finished(trainer: Any) -> float:
    """Let a TRL trainer train its model's adapter in place; return the final loss.

    The frozen copy of the adapter that TRL measured from is taken off the model again.
    """
    trainer.remove_callback(PrinterCallback)  # it prints to stdout, which belongs to the report
    result = trainer.train()
    if "ref" in trainer.model.peft_config:
        trainer.model.delete_adapter("ref")
    return round(float(result.training_loss), 4)
