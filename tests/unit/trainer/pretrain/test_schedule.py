"""The learning rate: up, level, down to nothing at the end of the time."""

from hypothesis import given
from hypothesis import strategies as st

from penchant_trainer.pretrain.schedule import rate


def at(step: int, spent: float) -> float:
    return rate(step, spent, warmup_steps=10, decay_share=0.25)


def test_warm_up_stable_decay() -> None:
    assert at(0, 0.0) == 0.1
    assert at(9, 0.1) == at(500, 0.75) == 1.0
    assert at(500, 0.875) == 0.5
    assert at(500, 1.0) == at(500, 1.3) == 0.0


@given(st.integers(0, 10**6), st.floats(0, 2), st.floats(0, 1))
def test_it_never_rises_with_time(step: int, spent: float, more: float) -> None:
    assert 0 <= at(step, spent + more) <= at(step, spent) <= 1
