"""Muon orthogonalises, and learns what it is asked to."""

import pytest
import torch

from penchant_trainer.pretrain.muon import Muon, orthogonalised


@pytest.mark.parametrize("shape", [(16, 16), (8, 24), (24, 8), (3, 12, 20)])
def test_singular_values_come_near_one(shape: tuple[int, ...]) -> None:
    torch.manual_seed(1)
    values = torch.linalg.svdvals(orthogonalised(torch.randn(shape)))
    assert values.min() > 0.4
    assert values.max() < 1.4


def test_directions_are_kept() -> None:
    torch.manual_seed(1)
    left, _, right = torch.linalg.svd(torch.randn(12, 12))
    matrix = left @ torch.diag(torch.linspace(0.5, 3, 12)) @ right
    found = orthogonalised(matrix)
    assert (
        torch.nn.functional.cosine_similarity(found.flatten(), (left @ right).flatten(), 0) > 0.95
    )


def test_it_solves_a_least_squares_problem() -> None:
    torch.manual_seed(1)
    wanted, weight = torch.randn(6, 10), torch.nn.Parameter(torch.zeros(6, 10))
    muon = Muon([weight], lr=0.05)
    inputs = torch.randn(200, 10)
    for step in range(150):
        muon.param_groups[0]["lr"] = 0.05 * (1 - step / 150)
        muon.zero_grad()
        loss = ((inputs @ (weight - wanted).T) ** 2).mean()
        loss.backward()
        muon.step()
    assert loss < 0.05


def test_weight_decay_pulls_to_zero() -> None:
    weight = torch.nn.Parameter(torch.ones(4, 4))
    muon = Muon([weight], lr=0.1, weight_decay=0.5)
    weight.grad = torch.zeros(4, 4)
    muon.step()
    assert torch.allclose(weight, torch.full((4, 4), 0.95))


def test_vectors_are_refused() -> None:
    with pytest.raises(ValueError, match="matrices"):
        Muon([torch.nn.Parameter(torch.zeros(3))], lr=0.1)
