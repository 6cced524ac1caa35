"""Direct preference optimisation on pairs, anchored by an SFT term, a short while after SFT.

Unanchored, it teaches small models to rank every pair rightly and to write nonsense. The reference
is the adapter as SFT left it (TRL keeps a frozen copy of it).
Pairs come tokenised: TRL would end every rejected text, also where the engine was cut off.
Source: Rafailov et al., arXiv 2305.18290; the robust loss: Chowdhury et al., arXiv 2403.00409.
"""

from pathlib import Path
from typing import Any

from datasets import Dataset
from trl import DPOConfig, DPOTrainer

from penchant_trainer.progress import Report
from penchant_trainer.recipe import Recipe, steps
from penchant_trainer.sampling import Steps, Weighted
from penchant_trainer.sft import arguments, finished
from penchant_trainer.tokens import Tokens
from penchant_trainer.units import Pair


class _Trainer(Weighted, DPOTrainer):
    def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
        return dataset  # its columns are prompt_ids, chosen_ids and rejected_ids already


def train(
    model: Any,
    tokens: Tokens,
    pairs: tuple[Pair, ...],
    recipe: Recipe,
    *,
    seed: int,
    scratch: Path,
    report: Report,
) -> dict[str, Any]:
    """Train the model's adapter in place; return figures (rows, steps, final loss)."""
    rows = [(row, p.weight) for p in pairs if (row := tokens.dpo_row(p))]
    mean = sum(_length(row) for row, _ in rows) / max(1, len(rows))
    count = steps(
        len(rows),
        mean,
        epochs=recipe.dpo_epochs,
        budget=recipe.dpo_tokens,
        batch=recipe.batch * recipe.accumulate,
    )
    trainer = _Trainer(
        model=model,
        args=DPOConfig(
            **arguments(recipe, scratch, count, recipe.dpo_rate, seed, model),
            beta=recipe.beta,
            loss_type=list(recipe.loss),
            loss_weights=list(recipe.loss_weights),
            label_smoothing=recipe.label_smoothing,
            # Worth its pass over all rows only when rows are met more than once.
            precompute_ref_log_probs=count * recipe.batch * recipe.accumulate > len(rows),
        ),
        train_dataset=Dataset.from_list([row for row, _ in rows]),
        processing_class=tokens.tokenizer,
        callbacks=[Steps(report)],
    )
    trainer.row_weights = [weight for _, weight in rows]
    trainer.row_lengths = [_length(row) for row, _ in rows]
    loss = finished(trainer)
    return {
        "rows": len(rows),
        "steps": count,
        "loss": loss,
        "mean_tokens": round(mean, 1),
    }


def _length(row: dict[str, list[int]]) -> int:
    return 2 * len(row["prompt_ids"]) + len(row["chosen_ids"]) + len(row["rejected_ids"])
