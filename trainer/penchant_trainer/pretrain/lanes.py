"""Computes the gradients of a batch in lanes: one thread each, one core each.

Torch's own threads meet after every operation, so on a machine whose cores have other work too
all of them wait for the slowest, hundreds of times a second. Lanes take small pieces of the batch
from a queue and meet once per batch. On a GPU there is one lane. Knows nothing of optimisers.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import torch

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""Takes ids and kinds of some rows; returns the three sums that ``Gradients`` adds up."""


def lane_count(device: torch.device) -> int:
    """Return how many lanes to use: the cores this process may run on, or one on a GPU."""
    return len(os.sched_getaffinity(0)) if device.type == "cpu" else 1


class Lanes:
    """Adds up gradients over the pieces of a batch."""

    def __init__(self, count: int, parameters: Sequence[torch.nn.Parameter], loss: Loss) -> None:
        self._parameters, self._loss = list(parameters), loss
        self._direct = count == 1
        self._pool = ThreadPoolExecutor(count, initializer=self._alone)

    def gradients(
        self, pieces: Sequence[tuple[torch.Tensor, torch.Tensor]]
    ) -> tuple[list[torch.Tensor], torch.Tensor]:
        """Return the gradients of ``Loss``'s first sum, and all its sums, over all pieces."""
        run = map if self._direct else self._pool.map
        gradients: list[torch.Tensor] = []
        total = torch.zeros(())
        for found, sums in run(self._piece, pieces):
            total = total.to(sums.device) + sums
            if gradients:
                torch._foreach_add_(gradients, found)
            else:
                gradients = found
        return gradients, total

    def _piece(
        self, piece: tuple[torch.Tensor, torch.Tensor]
    ) -> tuple[list[torch.Tensor], torch.Tensor]:
        sums = self._loss(*piece)
        found = torch.autograd.grad(sums[0], self._parameters)
        return list(found), sums.detach()

    @staticmethod
    def _alone() -> None:
        torch.set_num_threads(1)
