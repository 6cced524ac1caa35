"""PPO's mathematics: what holds for every batch of rollouts."""

import math
from dataclasses import dataclass

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from penchant_trainer import ppo_losses as losses

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

few = settings(max_examples=20, deadline=None)  # the first call of torch takes a second
numbers = st.floats(-5, 5, width=32)


@dataclass(frozen=True)
class Batch:
    """Per-token values of texts of different lengths, padded with rubbish."""

    a: Tensor
    b: Tensor
    c: Tensor
    mask: Tensor


@st.composite
def batches(draw: st.DrawFn) -> Batch:
    lengths = draw(st.lists(st.integers(1, 6), min_size=1, max_size=4))
    width = max(lengths) + draw(st.integers(0, 2))
    row = st.lists(numbers, min_size=width, max_size=width)
    grids = [
        torch.tensor(draw(st.lists(row, min_size=len(lengths), max_size=len(lengths))))
        for _ in range(3)
    ]
    mask = torch.tensor([[1.0] * n + [0.0] * (width - n) for n in lengths])
    return Batch(*grids, mask)


@few
@given(batches())
def test_without_discount_an_advantage_is_all_that_comes_less_what_was_expected(
    batch: Batch,
) -> None:
    found, returns = losses.advantages(batch.a, batch.b, batch.mask, discount=1.0, decay=1.0)
    paid = batch.a * batch.mask
    to_come = paid.flip(1).cumsum(1).flip(1) * batch.mask
    torch.testing.assert_close(returns, to_come, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(found, to_come - batch.b * batch.mask, atol=1e-4, rtol=1e-4)


@few
@given(batches(), st.floats(0, 1), st.floats(0, 1))
def test_padding_changes_nothing_and_is_left_at_zero(
    batch: Batch, discount: float, decay: float
) -> None:
    def estimate(rewards: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        return losses.advantages(rewards, values, batch.mask, discount=discount, decay=decay)

    other = estimate(
        batch.a * batch.mask + 9 * (1 - batch.mask), batch.b * batch.mask - 7 * (1 - batch.mask)
    )
    for one, two in zip(estimate(batch.a, batch.b), other, strict=True):
        torch.testing.assert_close(one, two)
        assert float((one * (1 - batch.mask)).abs().sum()) == 0


@few
@given(batches())
def test_a_right_critic_sees_no_advantage(batch: Batch) -> None:
    rewards = batch.a * batch.mask
    values = rewards.flip(1).cumsum(1).flip(1)
    found, _ = losses.advantages(rewards, values, batch.mask, discount=1.0, decay=0.95)
    assert float(found.abs().max()) < 1e-4


@few
@given(batches())
def test_whitened_values_have_mean_0_and_variance_1_or_are_all_0(batch: Batch) -> None:
    even = losses.whitened(batch.a, batch.mask)
    assert abs(float(losses.mean(even, batch.mask))) < 1e-3
    variance = float(losses.mean(even**2, batch.mask))
    spread = float(losses.mean((batch.a - losses.mean(batch.a, batch.mask)) ** 2, batch.mask))
    assert variance == pytest.approx(spread / (spread + 1e-8), abs=1e-2)


@few
@given(batches(), st.floats(0.05, 0.5))
def test_the_clipped_loss_is_never_better_than_the_free_one_and_equal_at_the_start(
    batch: Batch, clip: float
) -> None:
    old, advantage = batch.a, batch.c
    start, share = losses.policy_loss(old, old, advantage, batch.mask, clip)
    torch.testing.assert_close(start, -losses.mean(advantage, batch.mask), atol=1e-5, rtol=1e-4)
    assert float(share) == 0
    later = old + 0.2 * batch.b
    found, share = losses.policy_loss(later, old, advantage, batch.mask, clip)
    free = -losses.mean(advantage * torch.exp(later - old), batch.mask)
    assert float(found) >= float(free) - 1e-5
    assert 0 <= float(share) <= 1


@few
@given(batches(), st.floats(0.05, 0.5))
def test_a_clipped_token_pulls_no_further(batch: Batch, clip: float) -> None:
    logp = (batch.a + batch.b).requires_grad_()
    loss, _ = losses.policy_loss(logp, batch.a, batch.c, batch.mask, clip)
    loss.backward()
    ratio = torch.exp(logp.detach() - batch.a)
    out = ((ratio > 1 + clip) & (batch.c > 0)) | ((ratio < 1 - clip) & (batch.c < 0))
    assert logp.grad is not None
    assert float((logp.grad * out).abs().sum()) == 0
    assert float((logp.grad * (1 - batch.mask)).abs().sum()) == 0


@few
@given(batches(), st.floats(0.05, 0.5))
def test_the_value_loss_is_at_least_half_the_squared_error(batch: Batch, clip: float) -> None:
    found = losses.value_loss(batch.a, batch.b, batch.c, batch.mask, clip)
    plain = 0.5 * losses.mean((batch.a - batch.c) ** 2, batch.mask)
    assert float(found) >= float(plain) - 1e-4


@few
@given(batches())
def test_a_policy_never_moves_less_than_not_at_all(batch: Batch) -> None:
    assert float(losses.moved(batch.a, batch.b, batch.mask)) >= -1e-5
    assert float(losses.moved(batch.a, batch.a, batch.mask)) == 0


@few
@given(st.lists(numbers, min_size=2, max_size=8))
def test_entropy_lies_between_0_and_that_of_all_alike(logits: list[float]) -> None:
    found = float(losses.entropy(torch.tensor([logits]))[0])
    assert -1e-5 <= found <= math.log(len(logits)) + 1e-5


@few
@given(batches(), st.floats(0, 1))
def test_all_rewards_are_the_scores_less_the_price_of_the_distance(
    batch: Batch, coefficient: float
) -> None:
    scores = batch.c[:, 0]
    paid = losses.token_rewards(scores, batch.a, batch.b, batch.mask, coefficient)
    away = losses.distance(batch.a, batch.b, batch.mask)
    whole = paid.sum(1).mean()
    torch.testing.assert_close(whole, scores.mean() - coefficient * away, atol=1e-3, rtol=1e-3)


@few
@given(st.floats(1e-3, 1), st.floats(0.1, 10), st.floats(0, 100))
def test_the_controller_goes_against_the_error_by_2_percent_at_most(
    coefficient: float, target: float, found: float
) -> None:
    kl = losses.AdaptiveKL(coefficient, target)
    kl.update(found)
    change = kl.coefficient / coefficient
    assert 0.98 - 1e-9 <= change <= 1.02 + 1e-9
    assert (change > 1) == (found > target * (1 + 1e-12)) or change == 1
