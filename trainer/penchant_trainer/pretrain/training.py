"""The third step: trains the network on the rows, resumable after any kill.

Reads top to bottom: restore, then per step a learning rate by the clock, a batch by seed and step,
gradients, two optimisers, a line in the log; every few minutes validation and a checkpoint. Time
that counts is time spent training, over all legs. Knows nothing of text.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from penchant_core.paths import private_directory
from penchant_trainer.pretrain import checkpoint, network, schedule
from penchant_trainer.pretrain.lanes import Lanes, lane_count
from penchant_trainer.pretrain.muon import Muon
from penchant_trainer.pretrain.recipe import Recipe
from penchant_trainer.pretrain.rows import MIDDLE, PAD, Rows, ids_and_kinds

LOG_EVERY = 10
Tell = Callable[[str], None]


@dataclass(slots=True)
class Progress:
    """How far a run is; everything in it is in the checkpoint."""

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0


class Training:
    """One run of pretraining in the directory ``run``."""

    def __init__(self, run: Path, recipe: Recipe, minutes: float | None, tell: Tell) -> None:
        self.recipe, self.progress = recipe, Progress()
        self._decayed = False
        self._run, self._tell = run, tell
        self._budget = 60 * (minutes or recipe.train.minutes)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._rows, self._held_out = Rows(run / "rows" / "train"), Rows(run / "rows" / "held_out")
        self.network = network.build(recipe).to(self.device)
        self._optimisers = self._make_optimisers()
        compiled = recipe.train.compiled and network.compilable(self.device)
        self._losses = torch.compile(network.token_losses) if compiled else network.token_losses
        self._lanes = Lanes(
            lane_count(self.device), list(self.network.parameters()), self._weighted_sums
        )
        self._restore()

    def go(self, leg_minutes: float | None = None) -> Progress:
        """Train until the time budget is spent, or for ``leg_minutes``; return how far it is."""
        begun = time.monotonic()
        before = self.progress.seconds
        saved = begun
        while self._spent() < 1:
            if self._decays() and not self._decayed:
                self._keep("stable")
                self._decayed = True
            self._step()
            spent_s = time.monotonic() - begun
            self.progress.seconds = before + spent_s
            if time.monotonic() - saved > 60 * self.recipe.train.checkpoint_minutes:
                self._keep()
                saved = time.monotonic()
            if leg_minutes and spent_s >= 60 * leg_minutes:
                break
        self._keep()
        return self.progress

    def _step(self) -> None:
        part, begun = self.recipe.train, time.monotonic()
        spent = self._spent()
        factor = schedule.rate(
            self.progress.step, spent, warmup_steps=part.warmup_steps, decay_share=part.decay_share
        )
        for optimiser in self._optimisers:
            for group in optimiser.param_groups:
                group["lr"] = group["base"] * factor
        ids, kinds = ids_and_kinds(self._rows.take(self._batch()))
        gradients, sums = self._lanes.gradients(list(self._pieces(ids, kinds)))
        self._apply(gradients, float(sums[1]))
        self.progress.step += 1
        self.progress.tokens += ids.size
        if self.progress.step % LOG_EVERY == 0 or self.progress.step == 1:
            self._log_step(sums, factor, ids.size / (time.monotonic() - begun))

    def _batch(self) -> list[int]:
        """Return the row numbers of the present step: a permutation per epoch, by the seed."""
        rows, count = len(self._rows), self.recipe.train.batch_rows
        first = self.progress.step * count
        numbers = []
        for at in range(first, first + count):
            numbers.append(int(_order(rows, self.recipe.seed, at // rows)[at % rows]))
        return numbers

    def _pieces(self, ids: Any, kinds: Any) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        size = self.recipe.train.piece_rows
        for at in range(0, len(ids), size):
            yield (
                torch.from_numpy(ids[at : at + size]).to(self.device),
                torch.from_numpy(kinds[at : at + size]).to(self.device),
            )

    def _weighted_sums(self, ids: torch.Tensor, kinds: torch.Tensor) -> torch.Tensor:
        """Return sums over tokens: weighted loss, weights, loss, count, middle loss, count."""
        part = self.recipe
        # Its cache of cast weights is one for all threads, behind a lock: a lane that empties it
        # waits for Python's lock while another, which has that, waits for the cache. For ever.
        with torch.autocast(
            self.device.type, torch.bfloat16, enabled=part.train.autocast, cache_enabled=False
        ):
            # Validation is seldom: not worth a compilation of its own.
            compute = self._losses if torch.is_grad_enabled() else network.token_losses
            losses = compute(self.network, ids)
        weights = network.weights(kinds, part.samples.middle_weight)
        targets = kinds[:, 1:]
        some, middle = (targets != PAD).float(), (targets == MIDDLE).float()
        pairs = ((losses, weights), (losses.detach(), some), (losses.detach(), middle))
        return torch.stack([s for loss, w in pairs for s in ((loss * w).sum(), w.sum())])

    def _apply(self, gradients: list[torch.Tensor], weight: float) -> None:
        for parameter, gradient in zip(self.network.parameters(), gradients, strict=True):
            parameter.grad = gradient.div_(weight)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.train.clip)
        for optimiser in self._optimisers:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)

    def _make_optimisers(self) -> list[torch.optim.Optimizer]:
        part = self.recipe.train
        turned = network.matrices(self.network)
        others = [p for name, p in self.network.named_parameters() if name not in turned]
        muon = Muon(turned.values(), part.muon_rate, weight_decay=part.weight_decay)
        adam = torch.optim.AdamW(
            others, part.adam_rate, betas=(0.9, 0.95), eps=1e-10, weight_decay=0.0, fused=True
        )
        for optimiser in (muon, adam):
            for group in optimiser.param_groups:
                group["base"] = group["lr"]
        return [muon, adam]

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Return the loss on rows of held-out packages, in nats per token."""
        count = min(self.recipe.train.validation_rows, len(self._held_out))
        picked = np.random.default_rng(0).choice(len(self._held_out), count, replace=False)
        ids, kinds = ids_and_kinds(self._held_out.take(map(int, picked)))
        sums = sum(self._weighted_sums(*piece).cpu() for piece in self._pieces(ids, kinds))
        return {"loss": float(sums[2] / sums[3]), "middle": float(sums[4] / sums[5].clamp(min=1))}

    def _log_step(self, sums: torch.Tensor, factor: float, speed: float) -> None:
        text, middle = float(sums[2] / sums[3]), float(sums[4] / sums[5].clamp(min=1))
        self._log("train", loss=text, middle=middle, rate=factor, tokens_per_second=speed)

    def _log(self, kind: str, **figures: float) -> None:
        done = self.progress
        line = {"kind": kind, "step": done.step, "tokens": done.tokens, "seconds": done.seconds}
        line |= {name: round(value, 4) for name, value in figures.items()}
        with (private_directory(self._run) / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        told = " ".join(f"{name} {value:.4g}" for name, value in figures.items())
        self._tell(f"{kind} step {done.step} {done.seconds / 60:.1f} min {told}")

    def _decays(self) -> bool:
        return self._spent() > 1 - self.recipe.train.decay_share

    def _spent(self) -> float:
        """Return the share of the run that is over: of its time, and of its least steps."""
        least = self.recipe.train.least_steps
        share = self.progress.seconds / self._budget
        return min(share, self.progress.step / least) if least else share

    def _keep(self, name: str = "checkpoint") -> None:
        self._log("held_out", **self.validate())
        tensors = dict(self.network.state_dict())
        tensors.pop("lm_head.weight", None)  # tied to the embeddings
        for kind, optimiser in zip(("muon", "adam"), self._optimisers, strict=True):
            for number, state in optimiser.state_dict()["state"].items():
                tensors |= {f"{kind}.{number}.{key}": value for key, value in state.items()}
        done = self.progress
        state = {"step": done.step, "tokens": done.tokens, "seconds": done.seconds}
        state |= {"budget": self._budget, "decayed": self._decayed}
        state |= {"recipe": self.recipe.model_dump(mode="json")}
        checkpoint.save(self._run / name, done.step, tensors, state)

    def _restore(self) -> None:
        place = checkpoint.newest(self._run / "checkpoint")
        if place is None:
            return
        tensors, state = checkpoint.load(place)
        stable = checkpoint.newest(self._run / "stable")
        if stable is not None and self._budget > state.get("budget", self._budget):
            # More time was granted after the decay began: go on from where it was still learning.
            tensors, state = checkpoint.load(stable)
        self._decayed = state.get("decayed", False)
        kept = {n: t for n, t in tensors.items() if not n.startswith(("muon.", "adam."))}
        self.network.load_state_dict(kept, strict=False)
        for kind, optimiser in zip(("muon", "adam"), self._optimisers, strict=True):
            whole = optimiser.state_dict()
            for name, tensor in tensors.items():
                if name.startswith(f"{kind}."):
                    _, number, key = name.split(".")
                    whole["state"].setdefault(int(number), {})[key] = tensor
            optimiser.load_state_dict(whole)
        self.progress = Progress(state["step"], state["tokens"], state["seconds"])
        self._tell(f"going on from step {self.progress.step}")


_orders: dict[tuple[int, int, int], Any] = {}


def _order(rows: int, seed: int, epoch: int) -> Any:
    key = (rows, seed, epoch)
    if key not in _orders:
        _orders.clear()
        _orders[key] = np.random.default_rng([seed, epoch]).permutation(rows)
    return _orders[key]
