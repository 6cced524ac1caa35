"""The mathematics of PPO on tokens: pure functions of tensors, and the KL controller.

Tensors are (rows x tokens); ``mask`` is 1 on the tokens that were written, which stand first in
their row, and 0 on the padding after them. Knows nothing of models and texts.
Sources: Schulman et al., arXiv 1707.06347 (clipped loss) and arXiv 1506.02438 (GAE); Ziegler et
al., arXiv 1909.08593 (KL reward and its controller); Ouyang et al., arXiv 2203.02155 (value loss).
"""

from dataclasses import dataclass

import torch
from torch import Tensor


def mean(values: Tensor, mask: Tensor) -> Tensor:
    """Return the mean over the written tokens, 0 without any."""
    return (values * mask).sum() / mask.sum().clamp(min=1)


def token_rewards(
    scores: Tensor, logp: Tensor, reference: Tensor, mask: Tensor, coefficient: float
) -> Tensor:
    """Return the reward of each token: minus the KL it costs, and the text's score on the last.

    ``scores`` has one value per row; ``logp`` and ``reference`` are log-probabilities of the
    tokens under the policy that wrote them and under the reference (Ziegler et al., section 2.2).
    """
    rewards = -coefficient * (logp - reference) * mask
    last = (mask.sum(1).long() - 1).clamp(min=0)
    rows = torch.arange(len(scores), device=scores.device)
    written = (mask.sum(1) > 0).to(scores.dtype)
    return rewards.index_put((rows, last), scores * written, accumulate=True)


def advantages(
    rewards: Tensor, values: Tensor, mask: Tensor, *, discount: float = 1.0, decay: float = 0.95
) -> tuple[Tensor, Tensor]:
    """Return generalised advantage estimates and returns (advantage plus value) per token.

    ``discount`` is the paper's gamma, ``decay`` its lambda (equations 11 to 16). Nothing comes
    after the last written token.
    """
    found = torch.zeros_like(rewards)
    after, next_value = torch.zeros_like(rewards[:, 0]), torch.zeros_like(rewards[:, 0])
    for t in reversed(range(rewards.size(1))):
        surprise = rewards[:, t] + discount * next_value - values[:, t]
        after = (surprise + discount * decay * after) * mask[:, t]
        next_value = values[:, t] * mask[:, t]
        found[:, t] = after
    return found, (found + values) * mask


def whitened(values: Tensor, mask: Tensor) -> Tensor:
    """Return the values with mean 0 and variance 1 over the written tokens, 0 elsewhere."""
    middle = mean(values, mask)
    spread = mean((values - middle) ** 2, mask)
    return (values - middle) * torch.rsqrt(spread + 1e-8) * mask


def policy_loss(
    logp: Tensor, old: Tensor, advantage: Tensor, mask: Tensor, clip: float
) -> tuple[Tensor, Tensor]:
    """Return the clipped surrogate loss and the share of tokens where it was clipped.

    Equation 7 of arXiv 1707.06347, negated: never better than at a ratio of 1 ± ``clip``.
    """
    ratio = torch.exp(logp - old)
    free = -advantage * ratio
    bound = -advantage * ratio.clamp(1 - clip, 1 + clip)
    clipped = (bound > free).to(mask.dtype)
    return mean(torch.maximum(free, bound), mask), mean(clipped, mask)


def value_loss(values: Tensor, old: Tensor, returns: Tensor, mask: Tensor, clip: float) -> Tensor:
    """Return half the squared error of the values, the worse of free and clipped to ``old``."""
    near = old + (values - old).clamp(-clip, clip)
    worst = torch.maximum((values - returns) ** 2, (near - returns) ** 2)
    return 0.5 * mean(worst, mask)


def entropy(logits: Tensor) -> Tensor:
    """Return the entropy (nats) of each distribution over the last dimension."""
    logp = logits.log_softmax(-1)
    return -(logp.exp() * logp).sum(-1)


def moved(logp: Tensor, old: Tensor, mask: Tensor) -> Tensor:
    """Return how far the policy has moved since it wrote (nats per token), never below 0.

    The mean of ``r - 1 - log r``, an unbiased estimate of KL(old ‖ new) with little variance
    (Schulman, Approximating KL Divergence, 2020).
    """
    log_ratio = logp - old
    return mean(torch.exp(log_ratio) - 1 - log_ratio, mask)


def distance(logp: Tensor, reference: Tensor, mask: Tensor) -> Tensor:
    """Return the KL from the reference in nats per text, estimated on the policy's own texts."""
    return ((logp - reference) * mask).sum(1).mean()


@dataclass(slots=True)
class AdaptiveKL:
    """The coefficient of the KL reward, steered so that the distance stays near ``target``.

    ``target`` is in nats per text; ``rate`` is the paper's K_beta. Source: Ziegler et al.,
    arXiv 1909.08593, section 2.2: the relative error is cut to ± 0.2, so that one batch changes the
    coefficient by 2 % at most.
    """

    coefficient: float
    target: float
    rate: float = 0.1

    def update(self, found: float) -> None:
        """Adapt to the distance that a batch was found at (nats per text)."""
        error = min(0.2, max(-0.2, found / self.target - 1))
        self.coefficient *= 1 + self.rate * error
