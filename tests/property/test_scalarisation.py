"""Whatever objectives say: better is never worse, order is nothing, gates have the last word."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from penchant_trainer.rewards.scalarisation import Method, Scale, combine, figures, scales

NAMES = ("api", "brevity", "names", "style")
GATES = ("parses", "no_secret")
METHODS: list[Method] = ["sum", "worst", "uncertainty"]
SCORE = st.none() | st.floats(0, 1)
WEIGHTS = st.fixed_dictionaries({name: st.floats(0.01, 10) for name in NAMES})
KNOWN = st.fixed_dictionaries(
    {name: st.builds(Scale, st.floats(0, 1), st.floats(0.05, 1), st.floats(0, 9)) for name in NAMES}
)


def rows(names: tuple[str, ...] = NAMES, size: int = 4) -> "st.SearchStrategy[dict[str, list]]":
    row = st.lists(SCORE, min_size=size, max_size=size)
    return st.fixed_dictionaries(dict.fromkeys(names, row))


@pytest.mark.parametrize("method", METHODS)
@given(rows(), WEIGHTS, KNOWN, st.sampled_from(NAMES), st.floats(0, 1))
@settings(max_examples=30, deadline=None)
def test_better_by_one_objective_is_never_worse(method, scores, weights, known, name, more) -> None:
    before = combine(scores, weights, known, method=method)
    better = {k: list(v) for k, v in scores.items()}
    if better[name][0] is None:
        return
    better[name][0] = max(more, better[name][0])
    after = combine(better, weights, known, method=method)
    assert after[0] >= before[0]
    assert after[1:] == before[1:], "a text's reward depends on nothing but its own scores"


@pytest.mark.parametrize("method", METHODS)
@given(
    rows((*NAMES, *GATES)), WEIGHTS, st.permutations(range(4)), st.randoms(use_true_random=False)
)
@settings(max_examples=30, deadline=None)
def test_order_is_nothing(method, scores, weights, order, dice) -> None:
    def total(table: dict) -> list[float]:
        return combine(table, weights, scales(table), method=method, gates=GATES)

    shuffled = {name: [scores[name][i] for i in order] for name in dice.sample([*scores], 6)}
    assert total(shuffled) == pytest.approx([total(scores)[i] for i in order], abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
@given(rows(), WEIGHTS, KNOWN, st.lists(st.sampled_from([0.0, 1.0, None]), min_size=4, max_size=4))
@settings(max_examples=30, deadline=None)
def test_a_shut_gate_is_below_everything(method, scores, weights, known, parses) -> None:
    gated = {**scores, "parses": parses}
    found = combine(gated, weights, known, method=method, gates=GATES)
    for value, gate in zip(found, parses, strict=True):
        assert (value == 0) == (gate == 0)
        assert 0 <= value < 1


@given(rows((*NAMES, *GATES)))
@settings(max_examples=20, deadline=None)
def test_every_objective_is_reported_apart(scores) -> None:
    found = figures(scores)
    assert set(found) == {*NAMES, *GATES}
    for name, figure in found.items():
        said = [score for score in scores[name] if score is not None]
        assert figure.judged == len(said) / 4
        assert (figure.mean is None) == (not said)


def test_no_opinion_is_average_in_a_sum_and_nothing_in_the_worst_case() -> None:
    known = {name: Scale(0.5, 0.5) for name in ("a", "b")}
    scores = {"a": [1.0, 1.0, 1.0], "b": [None, 0.5, 0.0]}
    weights = {"a": 1.0, "b": 1.0}
    silent, average, low = combine(scores, weights, known)
    assert silent == average > low
    silent, average, low = combine(scores, weights, known, method="worst")
    assert silent > average > low


def test_what_is_uncertain_counts_less() -> None:
    known = {name: Scale(0.5, 0.5) for name in ("sure", "unsure")}
    scores = {"sure": [1.0, 0.0], "unsure": [0.0, 1.0]}
    weights = {"sure": 1.0, "unsure": 1.0}
    spreads = {"sure": [0.1, 0.1], "unsure": [2.0, 2.0]}
    first, second = combine(scores, weights, known, method="uncertainty", spreads=spreads)
    assert first > 0.8 > 0.2 > second
    equal = combine(scores, weights, known, method="sum")
    assert equal[0] == equal[1] == 0.5


def test_an_objective_that_contradicts_the_rest_is_less_certain() -> None:
    agreed = [0.0, 0.2, 0.8, 1.0]
    found = scales({"a": agreed, "b": agreed, "c": agreed, "odd": agreed[::-1]})
    assert found["odd"].variance > found["a"].variance


def test_nothing_at_all() -> None:
    assert combine({}, {}, {}) == []
    assert combine({"parses": [None, 0.0]}, {}, {}, gates=GATES) == [0.5, 0.0]
