"""A reward model: learns from preference pairs to tell which of two texts the developer prefers.

A LoRA of its own on the base model with a score in place of the words. Both texts of a pair are
judged without their end: mostly the chosen one has one, and the model would learn to look for
that; so the score is read at the last token of the text, also where the end is what is padded with.
It is saved in the run's directory alone, never published. Knows nothing of how it is used.
Source: Bradley-Terry loss as in Ouyang et al., arXiv 2203.02155, equation 1.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict
from safetensors import safe_open
from safetensors.torch import save_file
from transformers import AutoModelForSequenceClassification, set_seed
from trl import RewardConfig, RewardTrainer

from penchant_core.adapter_files import CONFIG, WEIGHTS
from penchant_core.models import BaseModel
from penchant_core.paths import FILE_MODE, private_directory
from penchant_trainer.progress import Report
from penchant_trainer.recipe import TARGETS, Recipe, steps
from penchant_trainer.resources import Device
from penchant_trainer.sampling import Steps, Weighted
from penchant_trainer.sft import arguments, finished
from penchant_trainer.tokens import Tokens
from penchant_trainer.units import Event, Pair

BATCH = 16
CENTRED = 0.01
"""How strongly scores are held around 0 (Eisenstein et al., arXiv 2312.09244)."""


class _Trainer(Weighted, RewardTrainer):
    pass


class Judge:
    """A reward model in memory: an objective named ``preference``.

    A score is turned into 0..1 by the logistic function, counted from the mean score of the
    training pairs' texts (``centre``) in their standard deviations (``spread``).
    """

    name = "preference"

    def __init__(
        self, model: Any, tokens: Tokens, *, centre: float = 0.0, spread: float = 1.0
    ) -> None:
        self.model, self.tokens = model.eval(), tokens
        self.centre, self.spread = centre, spread

    def scores(self, events: Sequence[Event], texts: Sequence[str]) -> list[float | None]:
        """Return how much each text would be preferred at its event; 0 for an empty one."""
        rows = [
            self.tokens.event_ids(event) + self.tokens.completion_ids(text, False)
            for event, text in zip(events, texts, strict=True)
        ]
        found = (torch.tensor(self.raw(rows)) - self.centre) / self.spread
        shares = found.sigmoid().tolist()
        return [share if text.strip() else 0.0 for share, text in zip(shares, texts, strict=True)]

    @torch.inference_mode()
    def raw(self, rows: Sequence[list[int]]) -> list[float]:
        """Return the model's own score of each row of token ids."""
        found = [0.0] * len(rows)
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        pad = self.tokens.tokenizer.pad_token_id
        for start in range(0, len(order), BATCH):
            part = order[start : start + BATCH]
            width = max(len(rows[i]) for i in part)
            gaps = [width - len(rows[i]) for i in part]
            ids = [rows[i] + [pad] * gap for i, gap in zip(part, gaps, strict=True)]
            mask = [[1] * (width - gap) + [0] * gap for gap in gaps]
            out = self.model(
                input_ids=torch.tensor(ids, device=self.model.device),
                attention_mask=torch.tensor(mask, device=self.model.device),
                use_cache=False,
            )
            for i, value in zip(part, out.logits[:, 0].float().tolist(), strict=True):
                found[i] = value
        return found


def train(
    base: BaseModel,
    device: Device,
    tokens: Tokens,
    pairs: Sequence[Pair],
    held_out: Sequence[Pair],
    recipe: Recipe,
    *,
    seed: int,
    scratch: Path,
    report: Report,
) -> tuple[Judge, dict[str, Any]]:
    """Train a reward model; return it with figures, among them how well it ranks held-out pairs.

    ``accuracy`` is the share of the held-out pairs that it ranks rightly, None without any.
    """
    found = [(row, pair.weight) for pair in pairs if (row := _row(tokens, pair))]
    rows = [row for row, _ in found]
    model = _with_score(base, device, tokens, recipe, seed)
    mean = sum(map(_length, rows)) / len(rows)
    count = steps(
        len(rows),
        mean,
        epochs=recipe.reward_epochs,
        budget=recipe.reward_tokens,
        batch=recipe.batch * recipe.accumulate,
    )
    trainer = _Trainer(
        model=model,
        args=RewardConfig(
            **arguments(recipe, scratch, count, recipe.reward_rate, seed, model),
            center_rewards_coefficient=CENTRED,
        ),
        train_dataset=Dataset.from_list(rows),
        processing_class=tokens.tokenizer,
        callbacks=[Steps(report)],
    )
    trainer.row_weights = [weight for _, weight in found]
    trainer.row_lengths = [_length(row) for row in rows]
    loss = finished(trainer)
    judge = Judge(model, tokens)
    told = torch.tensor(
        judge.raw([r["chosen_ids"] for r in rows] + [r["rejected_ids"] for r in rows])
    )
    judge.centre, judge.spread = float(told.mean()), max(1e-3, float(told.std()))
    later = [row for pair in held_out if (row := _row(tokens, pair))]
    return judge, {
        "rows": len(rows),
        "held_out": len(later),
        "accuracy": accuracy(judge, later),
        "train_accuracy": round(float((told[: len(rows)] > told[len(rows) :]).float().mean()), 4),
        "steps": count,
        "loss": loss,
        "mean_tokens": round(mean, 1),
    }


def accuracy(judge: Judge, rows: Sequence[dict[str, list[int]]]) -> float | None:
    """Return the share of rows whose chosen text scores higher, None without rows."""
    if not rows:
        return None
    chosen = judge.raw([row["chosen_ids"] for row in rows])
    rejected = judge.raw([row["rejected_ids"] for row in rows])
    right = sum(a > b for a, b in zip(chosen, rejected, strict=True))
    return round(right / len(rows), 4)


def save(judge: Judge, directory: Path, base_name: str) -> None:
    """Write the LoRA, the score and how scores are read into ``directory`` (safetensors)."""
    private_directory(directory)
    state = get_peft_model_state_dict(judge.model)
    tensors = {name: t.detach().to("cpu").contiguous() for name, t in sorted(state.items())}
    reading = {"centre": repr(judge.centre), "spread": repr(judge.spread)}
    save_file(tensors, directory / WEIGHTS, metadata={"format": "pt", **reading})
    config = judge.model.peft_config["default"]
    config.base_model_name_or_path = base_name
    config.save_pretrained(directory)
    for name in (CONFIG, WEIGHTS):
        (directory / name).chmod(FILE_MODE)


def load(base: BaseModel, device: Device, tokens: Tokens, directory: Path) -> Judge:
    """Return the reward model that ``save`` wrote."""
    with safe_open(directory / WEIGHTS, "pt") as file:
        reading = file.metadata()
    model = PeftModel.from_pretrained(_network(base, device, tokens), directory)
    return Judge(model, tokens, centre=float(reading["centre"]), spread=float(reading["spread"]))


def _with_score(base: BaseModel, device: Device, tokens: Tokens, recipe: Recipe, seed: int) -> Any:
    set_seed(seed)
    config = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        lora_dropout=0.0,
        bias="none",
        task_type="SEQ_CLS",
        target_modules=list(TARGETS),
        modules_to_save=["score"],
    )
    return get_peft_model(_network(base, device, tokens), config)


def _network(base: BaseModel, device: Device, tokens: Tokens) -> Any:
    torch.set_num_threads(device.threads)
    half = device.kind == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    network = AutoModelForSequenceClassification.from_pretrained(
        base.directory,
        num_labels=1,
        dtype=torch.bfloat16 if half else torch.float32,
        local_files_only=True,
        use_safetensors=True,
    )
    # The score is read at the last token that is no padding.
    network.config.get_text_config().pad_token_id = tokens.tokenizer.pad_token_id
    return network.to("cuda" if device.kind == "cuda" else "cpu")


def _row(tokens: Tokens, pair: Pair) -> dict[str, list[int]] | None:
    """Return both texts after their prompt, without their ends; None when too long."""
    row = tokens.dpo_row(pair)
    if row is None:
        return None
    sides = {}
    for side, text in (("chosen", pair.chosen), ("rejected", pair.rejected)):
        ids = tokens.completion_ids(text, False)
        if not ids:
            return None
        sides[f"{side}_ids"] = row["prompt_ids"] + ids
    return sides


def _length(row: dict[str, list[int]]) -> int:
    return len(row["chosen_ids"]) + len(row["rejected_ids"])
