"""The show filter on a persona: learned from what was shown, and what hiding spared and cost."""

import random
from dataclasses import replace

import pytest

from penchant_core.settings import CompletionSettings
from penchant_core.show_filter import EXPLORED, HIDDEN
from penchant_core.show_filter.habits import Habits
from penchant_core.show_filter.weights import Stage
from penchant_core.signals import Candidate, Completion, Outcome, OutcomeKind, Signal
from penchant_trainer.personas import people
from penchant_trainer.personas.filtering import Glance, Rule, _looked_at, borrowed, lived
from penchant_trainer.personas.rehearsal import Plan
from penchant_trainer.personas.results import Results
from penchant_trainer.personas.showing import stages
from penchant_trainer.personas.sparing import Change, spared, sparing
from penchant_trainer.show_filter.fitting import learn
from penchant_trainer.show_filter.rows import rows_of

USUAL = CompletionSettings()
RULE = Rule(USUAL.retain, USUAL.exploration)


def signals(count: int, seed: int = 0) -> list[Signal]:
    """Suggestions of which the likelier ones are kept."""
    dice = random.Random(seed)
    return [_signal(number, dice) for number in range(count)]


def _signal(number: int, dice: random.Random) -> Signal:
    sure, text = dice.random(), "value = other(1)"
    good = dice.random() < sure**2
    kind = OutcomeKind.ACCEPTED if good else OutcomeKind.REJECTED
    prefix = "x = 1\n" * dice.randrange(9) + "y = "
    asked = Completion(
        f"c{number:04d}", 100.0 * number, "ada", "w", f"{number // 8}.py", "python", prefix, "\n",
        (Candidate(text, -20 * (1 - sure) - 0.1, "stop"),), 0,
    )  # fmt: skip
    kept = len(text) if good else 0
    return Signal(asked, Outcome(asked.id, kind, asked.at + 2, asked.at + 12, kept, kept))


def test_what_is_learned_on_the_way_spares_later_suggestions() -> None:
    found = lived(signals(800), signals(800), RULE, begin=400)
    assert len(found) == 400
    figures = spared({"ada": found})
    assert figures.shown.value < -0.2
    assert figures.acceptance.value > 0.2
    assert figures.retained.value > -0.12
    assert figures.shown.low <= figures.shown.value <= figures.shown.high


def test_nothing_is_hidden_before_enough_is_known() -> None:
    assert all(glance.shown for glance in lived(signals(150), signals(150), RULE, begin=0))


def test_some_of_what_would_be_hidden_is_shown() -> None:
    rows = signals(800)
    hidden = [
        sum(not g.shown for g in lived(rows, rows, replace(RULE, exploration=share)))
        for share in (0.0, 0.5, 1.0)
    ]
    assert hidden[0] > hidden[1] > hidden[2] == 0


def test_what_is_taken_by_a_slip_is_not_counted_as_kept() -> None:
    one, *rest = signals(8)
    assert one.outcome is not None
    slip = replace(one.outcome, kind=OutcomeKind.ACCEPTED, retained_chars=98)
    true = replace(one.outcome, kind=OutcomeKind.REJECTED, retained_chars=0)
    logged, meant = replace(one, outcome=slip), replace(one, outcome=true)
    glance = lived([logged, *rest], [meant, *rest], RULE, begin=0)[0]
    assert (glance.shown, glance.kept, glance.retained) == (True, False, 0)


def test_what_was_never_shown_is_no_glance() -> None:
    one, two = signals(2)
    unseen = Signal(replace(one.completion, shown=None), None)
    assert len(lived([unseen, two], [one, two], RULE, begin=0)) == 1


def test_a_filter_learned_from_others_spares_as_well() -> None:
    others = [row for seed in (1, 2) for row in rows_of(signals(400, seed=seed)).rows]
    found = borrowed(signals(300, seed=9), signals(300, seed=9), others, RULE)
    assert len(found) == 300
    assert spared({"ada": found}).acceptance.value > 0.2


def test_changes_are_relative_to_showing_everything() -> None:
    rows = [
        Glance("a.py", True, True, 30),
        Glance("a.py", False, True, 10),
        Glance("b.py", True, False, 0),
        Glance("b.py", False, False, 0),
        Glance("b.py", False, False, 0),
    ]
    found = spared({"ada": rows})
    assert found.shown.value == pytest.approx(-3 / 5)
    assert found.acceptance.value == pytest.approx((1 / 2) / (2 / 5) - 1)
    assert found.retained.value == pytest.approx(-0.25)
    assert not found.met
    assert found.suggestions == 5


def test_the_target_asks_for_all_three() -> None:
    kept = [Glance(f"{n}.py", True, True, 20) for n in range(60)]
    refused = [Glance(f"{n}.py", n % 2 == 0, False, 0) for n in range(60)]
    assert spared({"ada": kept + refused}).met
    dear = [replace(glance, shown=glance.path > "2") for glance in kept]
    assert not spared({"ada": dear + refused}).met


def test_who_has_no_suggestions_changes_nothing() -> None:
    found = spared({})
    assert (found.suggestions, found.shown.low, found.retained.high) == (0, 0.0, 0.0)
    both = sparing({"ada": [Glance("a.py", True, True, 1)]}, {})
    assert both.borrowed_pooled is None
    assert both.as_json()["pooled"]["suggestions"] == 1
    assert str(Change(-0.2, -0.25, -0.1)) == "-20 % (-25 % … -10 %)"


def test_what_is_hidden_leaves_no_outcome_and_what_is_saved_leaves_nothing() -> None:
    one = signals(1)[0]
    nothing = Stage(bias=0.0, terms={}, threshold=0.0)
    never = Stage(bias=-9.0, terms={}, threshold=0.28)
    learned = learn(rows_of([]), retain=0.9, now=0.0)
    hides = learned.model_copy(update={"before": nothing, "after": never})
    saves = learned.model_copy(update={"before": never})
    all_hidden = replace(RULE, exploration=0.0)
    glance, left = _looked_at(one, one, Habits(), hides, all_hidden)
    assert glance is not None
    assert left is not None
    assert (glance.shown, left.outcome, left.completion.not_shown) == (False, None, HIDDEN)
    assert left.completion.candidates == one.completion.candidates
    glance, left = _looked_at(one, one, Habits(), saves, all_hidden)
    assert glance is not None
    assert (glance.shown, left) == (False, None)
    glance, left = _looked_at(one, one, Habits(), hides, replace(RULE, exploration=1.0))
    assert left is not None
    assert left.outcome is not None
    assert left.outcome.flags == (EXPLORED,)


def test_the_filter_can_be_measured_alone() -> None:
    plan = Plan(people.chosen(("ada", "yes")), 50, (25,), train=False)
    assert [[(t.part, t.persona.name) for t in stage] for stage in stages(plan)] == [
        [("filter", "ada")],
        [],
    ]
    kept = {"ada": [Glance("a.py", True, True, 1)]}
    assert set(Results(50, (), {}, sparing(kept, {})).targets) == {"show filter"}
