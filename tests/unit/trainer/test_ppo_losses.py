"""PPO's mathematics against values that were worked out by hand."""

import math

import pytest
import torch

from penchant_trainer import ppo_losses as losses


def near(*values: float) -> object:
    return pytest.approx(list(values), abs=1e-5)


def test_advantages_by_hand() -> None:
    rewards = torch.tensor([[0.0, 1.0, 2.0, 99.0]])
    values = torch.tensor([[0.5, 1.0, 1.5, 99.0]])
    mask = torch.tensor([[1.0, 1.0, 1.0, 0.0]])
    # errors with discount 1: d2 = 2 - 1.5 = 0.5; d1 = 1 + 1.5 - 1 = 1.5; d0 = 0 + 1 - 0.5 = 0.5
    # with decay 0.5: a2 = 0.5; a1 = 1.5 + 0.25 = 1.75; a0 = 0.5 + 0.875 = 1.375
    found, returns = losses.advantages(rewards, values, mask, discount=1.0, decay=0.5)
    assert found[0].tolist() == near(1.375, 1.75, 0.5, 0.0)
    assert returns[0].tolist() == near(1.875, 2.75, 2.0, 0.0)
    # discount 0.9: d1 = 1 + 0.9 * 1.5 - 1 = 1.35; d0 = 0.9 - 0.5 = 0.4; decay 0: errors alone
    found, _ = losses.advantages(rewards, values, mask, discount=0.9, decay=0.0)
    assert found[0].tolist() == near(0.4, 1.35, 0.5, 0.0)


def test_token_rewards_by_hand() -> None:
    logp = torch.tensor([[-1.0, -2.0, -9.0], [-1.0, -1.0, -1.0]])
    reference = torch.tensor([[-1.5, -1.0, -1.0], [-1.0, -1.0, -3.0]])
    mask = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
    found = losses.token_rewards(torch.tensor([0.7, 0.2]), logp, reference, mask, 0.1)
    assert found[0].tolist() == near(-0.05, 0.8, 0.0)
    assert found[1].tolist() == near(0.0, 0.0, 0.0)  # 0.2 for the text, less 0.1 * 2 nats
    assert float(losses.distance(logp, reference, mask)) == pytest.approx((-0.5 + 2.0) / 2)


def test_the_policy_loss_by_hand() -> None:
    old = torch.zeros(1, 4)
    logp = torch.log(torch.tensor([[1.5, 0.5, 1.5, 0.5]]))
    advantage = torch.tensor([[1.0, 1.0, -1.0, -1.0]])
    # gains stop at 1.2, losses are felt in full above; below 0.8 a bad token is let go
    found, share = losses.policy_loss(logp, old, advantage, torch.ones(1, 4), 0.2)
    assert float(found) == pytest.approx((-1.2 - 0.5 + 1.5 + 0.8) / 4)
    assert float(share) == pytest.approx(0.5)


def test_the_value_loss_by_hand() -> None:
    values, old, returns = (torch.tensor([[v]]) for v in (1.0, 0.5, 2.0))
    # free: (1 - 2)² = 1; clipped to 0.7: (0.7 - 2)² = 1.69, the worse
    found = losses.value_loss(values, old, returns, torch.ones(1, 1), 0.2)
    assert float(found) == pytest.approx(0.845)


def test_entropy_and_movement_by_hand() -> None:
    assert float(losses.entropy(torch.zeros(1, 4))[0]) == pytest.approx(math.log(4))
    sure = losses.entropy(torch.tensor([[1000.0, 0.0]]))
    assert float(sure[0]) == pytest.approx(0.0)
    one = torch.log(torch.tensor([[2.0]]))
    moved = losses.moved(one, torch.zeros(1, 1), torch.ones(1, 1))
    assert float(moved) == pytest.approx(2 - 1 - math.log(2))


def test_whitened_by_hand() -> None:
    found = losses.whitened(torch.tensor([[1.0, 3.0, 50.0]]), torch.tensor([[1.0, 1.0, 0.0]]))
    assert found[0].tolist() == near(-1.0, 1.0, 0.0)


def test_the_controller_by_hand() -> None:
    kl = losses.AdaptiveKL(0.1, target=2.0, rate=0.1)
    kl.update(2.2)  # 10 % too far
    assert kl.coefficient == pytest.approx(0.101)
    kl.update(100.0)  # cut to 20 %
    assert kl.coefficient == pytest.approx(0.101 * 1.02)
    kl.update(0.0)
    assert kl.coefficient == pytest.approx(0.101 * 1.02 * 0.98)
