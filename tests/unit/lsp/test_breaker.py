import pytest

from penchant_lsp.breaker import FAILURES, PAUSE_S, Breaker


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def breaker(now: list[float]) -> Breaker:
    return Breaker(lambda: now[0])


def test_opens_after_failures_in_a_row(breaker: Breaker) -> None:
    for _ in range(FAILURES):
        assert breaker.enter()
        breaker.failed()
    assert breaker.open
    assert not breaker.enter()


def test_a_success_in_between_starts_the_count_again(breaker: Breaker) -> None:
    for _ in range(10):
        breaker.failed()
        breaker.failed()
        breaker.succeeded()
    assert breaker.enter()


def test_half_open_lets_one_through(breaker: Breaker, now: list[float]) -> None:
    for _ in range(FAILURES):
        breaker.failed()
    now[0] += PAUSE_S
    assert breaker.enter()
    assert not breaker.enter()
    breaker.succeeded()
    assert breaker.enter()
    assert not breaker.open


def test_half_open_and_failed_waits_again(breaker: Breaker, now: list[float]) -> None:
    for _ in range(FAILURES):
        breaker.failed()
    now[0] += PAUSE_S
    assert breaker.enter()
    breaker.failed()
    now[0] += PAUSE_S / 2
    assert not breaker.enter()


def test_the_one_that_is_let_through_may_never_come_back(
    breaker: Breaker, now: list[float]
) -> None:
    for _ in range(FAILURES):
        breaker.failed()
    now[0] += PAUSE_S
    assert breaker.enter()
    now[0] += PAUSE_S
    assert breaker.enter()
