"""Lanes add up to what one pass over the whole batch gives."""

import pytest
import torch

from penchant_trainer.pretrain.lanes import Lanes


@pytest.mark.parametrize("count", [1, 2, 3])
def test_gradients_and_sums_are_those_of_the_whole_batch(count: int) -> None:
    torch.manual_seed(1)
    weight = torch.nn.Parameter(torch.randn(5, 5))
    ids, kinds = torch.randn(8, 5), torch.rand(8, 5)

    def loss(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        first = ((left @ weight) ** 2 * right).sum()
        return torch.stack([first, right.sum()])

    loss(ids, kinds)[0].backward()
    pieces = [(ids[i : i + 2], kinds[i : i + 2]) for i in range(0, 8, 2)]
    gradients, sums = Lanes(count, [weight], loss).gradients(pieces)
    assert weight.grad is not None
    assert torch.allclose(gradients[0], weight.grad, atol=1e-5)
    assert torch.allclose(sums, loss(ids, kinds).detach(), rtol=1e-5)
