"""Muon: momentum whose update is orthogonalised, for the matrices of a network.

Every update moves all directions of a matrix alike, which takes far fewer tokens than AdamW to
reach the same loss. Only for matrices between hidden states; embeddings, norms and biases go to
AdamW. Source: Jordan et al., "Muon: an optimizer for hidden layers in neural networks" (2024), with
its quintic Newton-Schulz iteration. Knows nothing of schedules.
"""

from collections.abc import Iterable
from typing import Any

import torch

_QUINTIC = (3.4445, -4.7750, 2.0315)


def orthogonalised(stack: torch.Tensor, steps: int = 5) -> torch.Tensor:
    """Return the matrices of ``stack`` (…, rows, columns) with singular values near one.

    Five steps bring them between about 0.7 and 1.2, which is all that an update needs.
    """
    a, b, c = _QUINTIC
    tall = stack.size(-2) > stack.size(-1)
    x = (stack.mT if tall else stack).bfloat16()
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.mT if tall else x).to(stack.dtype)


class Muon(torch.optim.Optimizer):
    """Orthogonalised Nesterov momentum; matrices of one shape are handled together."""

    def __init__(
        self,
        parameters: Iterable[torch.nn.Parameter],
        lr: float,
        momentum: float = 0.95,
        weight_decay: float = 0.0,
    ) -> None:
        defaults = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay}
        super().__init__(parameters, defaults)
        if any(p.ndim != 2 for group in self.param_groups for p in group["params"]):
            raise ValueError("Muon is for matrices; give vectors to AdamW")

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        """Move every matrix that has a gradient."""
        for group in self.param_groups:
            shapes: dict[torch.Size, list[torch.nn.Parameter]] = {}
            for parameter in group["params"]:
                if parameter.grad is not None:
                    shapes.setdefault(parameter.shape, []).append(parameter)
            for same in shapes.values():
                self._move(same, group)

    def _move(self, same: list[torch.nn.Parameter], group: dict[str, Any]) -> None:
        looks = []
        for parameter in same:
            state = self.state[parameter]
            if "momentum" not in state:
                state["momentum"] = torch.zeros_like(parameter)
            kept = state["momentum"].lerp_(parameter.grad, 1 - group["momentum"])
            looks.append(torch.lerp(parameter.grad, kept, group["momentum"]))
        rows, columns = same[0].shape
        rate = group["lr"] * max(1.0, rows / columns) ** 0.5
        for parameter, update in zip(same, orthogonalised(torch.stack(looks)), strict=True):
            parameter.mul_(1 - group["lr"] * group["weight_decay"])
            parameter.add_(update, alpha=-rate)
