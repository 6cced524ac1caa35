"""Learning what to show: the mathematics, and what is learned of developers who differ."""

import json
import math
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from penchant_core.config import load
from penchant_core.show_filter import EXPLORED, HIDDEN, weights
from penchant_core.signals import Candidate, Completion, Outcome, OutcomeKind, Signal
from penchant_core.store import SignalStore
from penchant_trainer.show_filter import fitting, logistic, upkeep
from penchant_trainer.show_filter.cli import show_filter
from penchant_trainer.show_filter.rows import EXPLORED_WEIGHT, rows_of


def signals(count: int, *, telling: float, seed: int = 0) -> list[Signal]:
    """Suggestions of which the likelier ones are kept; with ``telling`` 0, any."""
    dice = random.Random(seed)
    return [_signal(n, dice, telling) for n in range(count)]


def _signal(n: int, dice: random.Random, telling: float) -> Signal:
    sure = dice.random()
    good = dice.random() < (1 - telling) * 0.5 + telling * sure**2
    text = "value = other(1)"
    kind = OutcomeKind.ACCEPTED if good else OutcomeKind.REJECTED
    asked = Completion(
        f"c{n:04d}", 100.0 * n, "ada", "w", "a.py", "python", "x = 1\ny = ", "\n",
        (Candidate(text, -20 * (1 - sure) - 0.1, "stop"),), 0,
    )  # fmt: skip
    kept = len(text) if good else 0
    return Signal(asked, Outcome(asked.id, kind, asked.at + 2, asked.at + 12, kept, kept), n + 1)


def test_one_yes_or_no_gives_the_log_odds() -> None:
    rows = np.array([[1.0]] * 40 + [[0.0]] * 60)
    labels = np.array([1.0] * 30 + [0.0] * 10 + [1.0] * 15 + [0.0] * 45)
    bias, [slope] = logistic.fit(rows, labels, np.ones(100), 1e-9)
    assert bias == pytest.approx(math.log(15 / 45), abs=1e-4)
    assert bias + slope == pytest.approx(math.log(30 / 10), abs=1e-4)


def test_a_penalty_shrinks_and_weights_count_as_copies() -> None:
    rows = np.array([[1.0], [1.0], [0.0], [0.0]])
    labels = np.array([1.0, 0.0, 0.0, 1.0])
    twice = logistic.fit(rows, labels, np.array([2.0, 1.0, 2.0, 1.0]), 0.5)
    copied = logistic.fit(
        np.repeat(rows, [2, 1, 2, 1], axis=0), np.repeat(labels, [2, 1, 2, 1]), np.ones(6), 0.5
    )
    assert twice[0] == pytest.approx(copied[0])
    assert twice[1] == pytest.approx(copied[1])
    freer = logistic.fit(rows, labels, np.array([2.0, 1.0, 2.0, 1.0]), 1e-9)
    assert abs(twice[1][0]) < abs(freer[1][0])


@pytest.mark.parametrize(
    ("scores", "labels", "expected"),
    [
        ([1, 2, 3, 4], [0, 0, 1, 1], 1.0),
        ([4, 3, 2, 1], [0, 0, 1, 1], 0.0),
        ([1, 1, 1, 1], [0, 1, 0, 1], 0.5),
        ([1, 2, 2, 3], [0, 0, 1, 1], 0.875),
        ([1, 2], [1, 1], 0.5),
    ],
)
def test_the_area_under_the_curve(scores: list[int], labels: list[int], expected: float) -> None:
    assert logistic.area(np.array(scores, float), np.array(labels, float)) == expected


def test_calibrated_scores_are_log_odds() -> None:
    dice = np.random.default_rng(0)
    truth = dice.normal(size=4000)
    labels = (dice.random(4000) < logistic.sigmoid(truth)).astype(float)
    tilt, offset = logistic.calibration(3 * truth + 5, labels, np.ones(4000))
    assert tilt == pytest.approx(1 / 3, abs=0.03)
    assert offset == pytest.approx(-5 / 3, abs=0.15)


def test_hiding_spares_the_developer_and_costs_little() -> None:
    learned = fitting.learn(rows_of(signals(900, telling=1.0)), retain=0.95)
    fresh = rows_of(signals(2000, telling=1.0, seed=1)).rows
    found = fitting.effect(learned, fresh)
    assert found.hidden > 0.2
    assert found.acceptance > 1.2 * found.acceptance_all
    assert found.retained > 0.93
    assert learned.figures["auc_low"] > 0.7
    assert learned.figures["calibration_error"] < 0.08
    assert learned.figures["newest_retained"] > 0.9


def test_chance_is_not_learned_from() -> None:
    learned = fitting.learn(rows_of(signals(900, telling=0.0)), retain=0.95)
    assert learned.after.threshold == learned.before.threshold == 0.0


@pytest.mark.parametrize("count", [0, 1, fitting.LEAST - 1])
def test_too_little_hides_nothing(count: int) -> None:
    learned = fitting.learn(rows_of(signals(count, telling=1.0)), retain=0.95)
    assert learned.after.threshold == 0.0
    assert learned.learned_from == count


def test_what_must_be_retained_bounds_what_is_hidden() -> None:
    rows = rows_of(signals(600, telling=1.0))
    hidden = [
        fitting.effect(fitting.learn(rows, retain=retain), rows.rows).hidden
        for retain in (1.0, 0.97, 0.9, 0.7)
    ]
    assert hidden == sorted(hidden)
    assert hidden[0] < 0.15


def test_an_outcome_counts_only_once_it_has_settled() -> None:
    first, second, third = signals(3, telling=0.0)
    late = replace(first.outcome, kind=OutcomeKind.REJECTED, settled_at=150.0)
    rows = rows_of([replace(first, outcome=late), second, third]).rows
    assert "last_1" not in rows[1].before
    assert rows[2].before["last_1"] in (-0.5, 0.5)


def test_what_was_asked_for_or_never_judged_is_left_out() -> None:
    one, two, three, four = signals(4, telling=0.0)
    invoked = replace(one, completion=replace(one.completion, trigger="invoked"))
    ignored = replace(two, outcome=replace(two.outcome, kind=OutcomeKind.IGNORED))
    unseen = Signal(replace(three.completion, shown=None), None, three.seq)
    explored = replace(four, outcome=replace(four.outcome, flags=(EXPLORED,)))
    found = rows_of([invoked, ignored, unseen, explored])
    assert [row.weight for row in found.rows] == [EXPLORED_WEIGHT]
    assert found.last_seq == 4


def test_the_same_signals_teach_the_same_filter() -> None:
    rows = rows_of(signals(300, telling=1.0))
    assert fitting.learn(rows, retain=0.9, now=1.0) == fitting.learn(rows, retain=0.9, now=1.0)


def test_the_log_is_followed_and_told_of(home: Path, store: SignalStore) -> None:
    config = load()
    assert upkeep.keep_up(config) is None
    store.add_all(signals(400, telling=1.0))
    first = upkeep.keep_up(config)
    assert first is not None
    assert first.after.threshold > 0
    assert weights.load(config.paths.show_filter("ada")) == first
    assert upkeep.keep_up(config) is None
    store.add_all(replace(s, completion=replace(s.completion, id=f"n{s.seq}"),
                          outcome=replace(s.outcome, completion_id=f"n{s.seq}"))
                  for s in signals(50, telling=1.0))  # fmt: skip
    again = upkeep.keep_up(config)
    assert again is not None
    assert again.last_seq == 450
    told = CliRunner().invoke(show_filter, ["show", "--json"])
    report = json.loads(told.output)
    assert report["active"]
    assert report["curve"][0]["retained"] == 1.0
    assert "value" not in told.output
    assert "would have hidden" in CliRunner().invoke(show_filter, ["learn"]).output
    assert CliRunner().invoke(show_filter, ["forget"]).exit_code == 0
    assert not config.paths.show_filter("ada").exists()


def test_every_new_filter_answers_for_what_the_last_one_hid(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fitting, "GLANCE", 9.0)  # only the share of characters bounds it
    every = signals(900, telling=1.0)
    first = fitting.learn(rows_of(every), retain=0.9)
    fair = [fitting.shows(first, row.before, row.after) for row in rows_of(every).rows]
    left = [
        signal if seen else Signal(replace(signal.completion, shown=None, not_shown=HIDDEN))
        for signal, seen in zip(every, fair, strict=True)
    ]
    found = rows_of(left)
    assert len(found.hidden) == len(every) - len(found.rows) > 100
    again = fitting.learn(found, retain=0.9)
    forgetful = fitting.learn(replace(found, hidden=()), retain=0.9)
    fresh = rows_of(signals(2000, telling=1.0, seed=1)).rows
    lost = [1 - fitting.effect(each, fresh).retained for each in (first, again, forgetful)]
    assert lost[1] < lost[0] + 0.03
    assert lost[2] > lost[1] + 0.02, "it loses as much again, of what was left"


def test_what_is_worth_a_glance_is_shown_however_much_may_be_lost() -> None:
    learned = fitting.learn(rows_of(signals(900, telling=1.0)), retain=0.5)
    assert learned.after.threshold == fitting.GLANCE
