"""An adapter that forgets is weakened until it does not; one that does not stays as it is."""

from typing import Any

import pytest
import torch

from penchant_core import models
from penchant_trainer import model as networks
from penchant_trainer import neutral
from penchant_trainer.evaluate import perplexity
from penchant_trainer.recipe import recipe
from penchant_trainer.resources import Device
from penchant_trainer.tempering import temper
from penchant_trainer.tokens import Tokens, load_tokens

PROBES = neutral.probing(12, 3)


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    base = models.resolve("bundled")
    return load_tokens(str(base.directory), base.renderer, 512)


def adapted(noise: float) -> Any:
    """The bundled model with an adapter of random numbers."""
    base = models.resolve("bundled")
    chosen = recipe("small", parameters=4_000_000, max_rank=8)
    model = networks.with_new_adapter(networks.load_base(base, Device("cpu")), chosen, 0)
    chance = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.copy_(noise * torch.randn(weight.shape, generator=chance))
    return model


def learned(model: Any) -> dict[str, torch.Tensor]:
    return {n: w.detach().clone() for n, w in model.named_parameters() if "lora_" in n}


def test_what_forgets_is_weakened_as_a_whole_until_it_does_not(tokens: Tokens) -> None:
    model = adapted(0.02)
    before = learned(model)
    found = temper(model, tokens, PROBES, most=0.02)
    assert 0 < found["strength"] < 1
    assert 0 <= found["neutral_rise"] <= 0.02
    for name, weight in learned(model).items():
        expected = found["strength"] if "lora_B" in name else 1.0
        assert torch.allclose(weight, before[name] * expected, rtol=1e-3, atol=1e-6)
    own = perplexity(model, tokens, PROBES)
    with model.disable_adapter():
        base = perplexity(model, tokens, PROBES)
    assert own / base - 1 == pytest.approx(found["neutral_rise"], abs=1e-4)


def test_what_does_not_forget_stays_as_it_is(tokens: Tokens) -> None:
    model = adapted(0.0005)
    model.train()
    before = learned(model)
    found = temper(model, tokens, PROBES, most=0.02)
    assert found["strength"] == 1.0
    assert found["neutral_rise"] < 0.02
    assert all(torch.equal(weight, before[name]) for name, weight in learned(model).items())
    assert model.training


def test_probes_are_none_of_those_that_judge() -> None:
    judged = {example.path for example in neutral.judging(200, 0)}
    probed = {example.path for example in neutral.probing(200, 0)}
    assert not judged & probed
    assert not any(example.ended for example in neutral.probing(20, 0))
