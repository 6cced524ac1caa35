"""The anchor pulls a real adapter back to its base, and only the adapter."""

from typing import Any

import pytest
import torch

from penchant_core import models
from penchant_trainer import model as networks
from penchant_trainer import neutral
from penchant_trainer.anchor import Anchor
from penchant_trainer.recipe import recipe
from penchant_trainer.resources import Device
from penchant_trainer.tokens import load_tokens

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::FutureWarning")


def test_drift_is_zero_at_first_grows_with_the_adapter_and_is_trained_away() -> None:
    base = models.resolve("bundled")
    chosen = recipe("small", parameters=7_600_000, max_rank=8)
    model = networks.with_new_adapter(networks.load_base(base, Device("cpu")), chosen, 0)
    tokens = load_tokens(str(base.directory), base.renderer, 256)
    rows = [row for e in neutral.replay(6, 0) if (row := tokens.sft_row(e))]
    anchor = Anchor(rows, batch=2, pad=tokens.tokenizer.pad_token_id, seed=0)
    assert float(anchor.drift(model).detach()) == pytest.approx(0.0, abs=1e-5)

    trained = [p for p in model.parameters() if p.requires_grad]
    with torch.no_grad():
        for parameter in trained:
            parameter.add_(0.04 * torch.randn(parameter.shape, generator=torch.Generator()))
    before = _mean_drift(anchor, model)
    optimiser = torch.optim.AdamW(trained, lr=2e-3)
    for _ in range(18):
        drift = anchor.drift(model)
        optimiser.zero_grad()
        drift.backward()
        optimiser.step()
    assert before > 0.01
    assert _mean_drift(anchor, model) < before / 2
    assert all(p.grad is None for p in model.parameters() if not p.requires_grad)


@torch.no_grad()
def _mean_drift(anchor: Anchor, model: Any) -> float:
    """Over every row once (three batches of two)."""
    return sum(float(anchor.drift(model)) for _ in range(3)) / 3


def test_every_neutral_row_comes_once_before_any_comes_again() -> None:
    rows = [{"input_ids": [n] * (n + 1)} for n in range(6)]
    anchor = Anchor(rows, batch=2, pad=0, seed=0)
    firsts = [ids[0] for ids in (next(anchor._draws) for _ in range(12))]
    assert sorted(firsts[:6]) == sorted(firsts[6:]) == list(range(6))
    assert anchor.mean_tokens == pytest.approx(3.5)
