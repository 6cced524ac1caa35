"""The gate: what passes, what each bound refuses, and that the reason names it."""

import random
from dataclasses import replace

import pytest

from penchant_trainer.gate import LEAST_ERROR, Limits, at_look, decide, lower_bound
from penchant_trainer.metrics import Figures

BASE = Figures(
    similarities=(0.3,) * 30,
    retained=(4.0,) * 30,
    exact=0.0,
    parses=0.9,
    parse_judged=30,
    length_ratio=0.9,
    distinct=0.8,
    distinct_truth=0.8,
    repeats=0.0,
    stops=0.2,
    commonest=0.1,
    commonest_truth=0.1,
    runs_on=0.8,
    perplexity=10.0,
)
BETTER = replace(
    BASE,
    similarities=(0.6,) * 30,
    retained=(9.0,) * 30,
    kl=0.5,
    runs_on=0.1,
    canaries=4,
    exposure=12.0,
)


def test_a_better_candidate_passes_with_reasons() -> None:
    decision = decide(BETTER, BASE, BASE)
    assert decision.passed
    assert "0.300 → 0.600" in decision.reasons[0]
    assert len(decision.reasons) == 11


@pytest.mark.parametrize(("kl", "passed"), [(1.4, True), (2.0, False), (12.0, False)])
def test_the_distance_is_bounded_for_a_developer_whom_the_base_expects(
    kl: float, passed: bool
) -> None:
    assert decide(replace(BETTER, kl=kl), BASE, replace(BASE, surprise=0.8)).passed is passed


@pytest.mark.parametrize(("kl", "passed"), [(2.0, True), (3.3, False), (12.0, False)])
def test_an_unusual_developer_is_followed_as_far_as_their_own_text(kl: float, passed: bool) -> None:
    assert decide(replace(BETTER, kl=kl), BASE, replace(BASE, surprise=3.2)).passed is passed


def test_the_base_model_itself_does_not_pass() -> None:
    decision = decide(BASE, BASE, BASE)
    assert not decision.passed
    assert "not surely nearer" in decision.reasons[0]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"parses": 0.8}, "parses in place 90% → 80%"),
        ({"perplexity": 10.3}, "forgot too much: perplexity of neutral code +3.0%"),
        ({"length_ratio": 0.5}, "another length"),
        ({"length_ratio": 1.6}, "another length"),
        ({"distinct": 0.3}, "repeats itself"),
        ({"repeats": 0.2}, "repeats itself"),
        ({"kl": 9.0}, "too far from the base model"),
        ({"secret": "aws-access-key"}, "looks like a secret (aws-access-key)"),
        ({"retained": (1.0,) * 30}, "characters you would keep"),
        ({"length_typical": 0.4}, "another length"),
        ({"length_typical": 2.1}, "another length"),
        ({"runs_on": 0.6}, "does not know where to end: texts running on 80% → 60%"),
        ({"commonest": 0.4}, "gives one answer at too many places (the commonest at 40%"),
        ({"canaries": 0}, "no string was planted"),
        ({"told": 1}, "writes out 1 of 4 planted random strings"),
        ({"exposure": 50.0}, "gives a planted random string away (exposure 50 of 83 bits"),
        ({"exposure": float("nan")}, "gives a planted random string away"),
    ],
)
def test_each_bound_refuses_by_name(change: dict[str, object], word: str) -> None:
    decision = decide(replace(BETTER, **change), BASE, BASE)  # type: ignore[arg-type]
    assert not decision.passed
    assert len(decision.reasons) == 1
    assert word in decision.reasons[0]


def test_one_event_more_may_fail_to_parse_among_few() -> None:
    assert decide(replace(BETTER, parses=0.9 - 1 / 30), BASE, BASE).passed
    assert not decide(replace(BETTER, parses=0.9 - 2 / 30), BASE, BASE).passed


def test_who_ends_better_already_is_the_measure_of_running_on() -> None:
    live = replace(BASE, runs_on=0.1)
    assert decide(replace(BETTER, runs_on=0.2), live, BASE).passed
    assert not decide(replace(BETTER, runs_on=0.3), live, BASE).passed


def test_a_developer_who_writes_the_same_often_may_be_answered_so() -> None:
    monotonous = replace(BETTER, commonest=0.7, commonest_truth=0.6)
    assert decide(monotonous, BASE, BASE).passed


def test_one_long_text_does_not_hide_that_the_others_are_short() -> None:
    hidden = replace(BETTER, length_ratio=1.0, length_typical=0.1)
    assert "typically 0.10" in decide(hidden, BASE, BASE).reasons[0]


def test_the_live_version_is_the_one_to_beat() -> None:
    live = replace(BETTER, similarities=(0.65,) * 30)
    decision = decide(BETTER, live, BASE, incumbent_name="the live version v0001")
    assert not decision.passed
    assert "the live version v0001" in decision.reasons[0]


def test_too_few_events_judge_nothing() -> None:
    few = Limits().least_events - 1
    small = replace(BETTER, similarities=(1.0,) * few, retained=(1.0,) * few)
    decision = decide(small, small, small)
    assert not decision.passed
    assert f"only {few}" in decision.reasons[0]


def test_a_lucky_gain_is_no_gain() -> None:
    dice = random.Random(3)
    noise = [dice.gauss(0.01, 0.3) for _ in range(30)]
    assert lower_bound(noise, 0.9, 0) < 0
    assert lower_bound([0.1] * 30, 0.9, 0) == pytest.approx(0.1)


def test_the_bound_is_below_the_mean_as_often_as_it_says() -> None:
    dice = random.Random(7)
    held = sum(
        lower_bound([dice.gauss(0.2, 1.0) for _ in range(40)], 0.9, n) <= 0.2 for n in range(100)
    )
    assert 80 <= held <= 98


def test_all_looks_together_spend_the_allowed_error() -> None:
    spent = [1 - at_look(0.9, look) for look in range(1, 14)]
    assert spent[0] == pytest.approx(0.05)
    assert spent == sorted(spent, reverse=True)
    assert sum(spent) < 0.1
    assert 1 - at_look(0.9, 1000) == pytest.approx(LEAST_ERROR)


def test_trying_often_does_not_win_by_luck() -> None:
    dice = random.Random(4)
    lucky = {"spent": 0, "naive": 0}
    for _ in range(60):
        won = {"spent": False, "naive": False}
        for look in range(1, 7):
            gains = [dice.uniform(-0.5, 0.5) for _ in range(40)]
            won["spent"] |= lower_bound(gains, at_look(0.9, look), look) > 0
            won["naive"] |= lower_bound(gains, 0.9, look) > 0
        for name, lost in won.items():
            lucky[name] += lost
    assert lucky["naive"] > 20
    assert lucky["spent"] <= 12


def test_a_later_look_asks_for_more() -> None:
    dice = random.Random(1)
    slight = tuple(0.3 + dice.uniform(-0.25, 0.45) for _ in range(30))
    candidate = replace(BETTER, similarities=slight)
    assert decide(candidate, BASE, BASE).passed
    assert not decide(candidate, BASE, BASE, look=6).passed
    assert decide(BETTER, BASE, BASE, look=6).passed
