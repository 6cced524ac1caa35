"""What is measured of one suggestion, of several, and how they become signals and lessons."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from penchant_core import models
from penchant_core.errors import TrainError
from penchant_core.signals import OutcomeKind
from penchant_core.store import SignalStore
from penchant_trainer import candidates
from penchant_trainer.replay import diary, rungs
from penchant_trainer.replay.answer import Answer, cut
from penchant_trainer.replay.measures import Item, Yardstick, at_show_rate, distinct, item_from_json
from penchant_trainer.replay.policy import Policy
from penchant_trainer.replay.walk import Place

PREFIX = "def total(rows):\n    "
TRUTH = "return sum(row.price for row in rows)"


@pytest.fixture
def place() -> Place:
    return Place("p1", "c1", 100.0, "a.py", "python", PREFIX, "\n", TRUTH, TRUTH)


def measured(place: Place, text: str, confidence: float = -1.0) -> Item:
    return Yardstick([place], Policy()).measure([Answer(text, True, confidence)])[0]


def test_a_perfect_suggestion(place: Place) -> None:
    item = measured(place, TRUTH)
    assert item.exact
    assert item.taken
    assert (item.similarity, item.rouge, item.codebleu) == (1.0, 1.0, pytest.approx(1.0))
    assert (item.parses, item.compiles) == (True, True)
    assert item.retained == item.length == item.truth_length == len(TRUTH)
    assert item.runs is None, "nothing is run unless it was asked for"
    assert item_from_json(item.as_json()) == item


def test_a_useless_one_and_an_empty_one(place: Place) -> None:
    item = measured(place, "yield from (((")
    assert (item.exact, item.kind, item.parses, item.compiles) == (False, "rejected", False, False)
    empty = measured(place, "")
    assert (empty.kind, empty.taken, empty.length) == ("", False, 0)


def test_quality_is_compared_over_the_authors_lines_the_outcome_over_the_whole(
    place: Place,
) -> None:
    item = measured(place, TRUTH + "\n\n\ndef other(invoices, customers):\n    return None")
    assert item.exact
    assert item.kind == "rejected"


def test_syntax_is_judged_only_where_the_authors_own_text_passes(place: Place) -> None:
    unfinished = replace(place, suffix="\n    broken = = 1\n")
    assert measured(unfinished, TRUTH).parses is None
    outside = replace(place, prefix="", truth="return 1", written="return 1")
    item = measured(outside, "x = 1")
    assert (item.parses, item.compiles) == (True, None)
    assert measured(replace(place, language="go"), TRUTH).parses is None


def test_harmless_statements_are_tried_where_the_authors_own_run(place: Place) -> None:
    prefix = "rows = [1, 2]\n"
    harmless = replace(place, prefix=prefix, truth="total = sum(rows)", written="total = sum(rows)")
    failing = replace(harmless, truth="total = rows + 1", written="total = rows + 1")
    reaching = replace(harmless, truth="open('/etc/hosts')", written="open('/etc/hosts')")
    yardstick = Yardstick([harmless, failing, reaching], Policy(), execute=True)
    texts = ["total = len(rows)", "total = len(rows)", "total = len(rows)"]
    assert [i.runs for i in yardstick.measure([Answer(t, True, -1.0) for t in texts])] == [
        True, None, None,
    ]  # fmt: skip
    wrong = yardstick.measure([Answer("total = row", True, -1.0)] * 3)
    assert [item.runs for item in wrong] == [False, None, None]


def test_a_suggestion_is_cut_as_the_language_server_cuts_it(place: Place) -> None:
    inside = replace(place, prefix=PREFIX + "return ")
    assert cut("1  \nmore", inside) == "1"
    assert cut("if x:\n        a\n\n    b\nclass C:", place) == "if x:\n        a\n\n    b"


def test_the_most_confident_half_is_shown(place: Place) -> None:
    texts = [("a", -3.0), ("b", -1.0), ("", -0.1), ("c", -2.0)]
    items = [measured(place, text, confidence) for text, confidence in texts]
    assert at_show_rate(items, 0.5) == [False, True, False, True]
    assert at_show_rate(items, 1.0) == [True, True, False, True]


def test_distinct_n_grams() -> None:
    assert distinct(["a b", "a b"], 1) == 0.5
    assert distinct(["a b", "a c"], 2) == 1.0
    assert distinct([""], 3) == 1.0


def test_outcomes_become_real_signals_and_lessons(tmp_path: Path, place: Place) -> None:
    texts = {
        "p0": TRUTH,
        "p1": "return sum(row.cost for row in rows)",
        "p2": "print(rows, sep=', ', end='')",
        "p3": "",
    }
    places = [
        replace(place, id=name, at=100.0 + n, prefix=f"# {name}\n{PREFIX}")
        for n, name in enumerate(texts)
    ]
    answers = [Answer(text, True, -0.5, (1, 2)) for text in texts.values()]
    log = tmp_path / "signals" / "own.db"
    diary.write(log, places, answers, Policy(), models.resolve("bundled"))
    with SignalStore(log) as store:
        stored = {s.completion.id: s for s in store.signals()}
    assert stored["p3"].outcome is None
    assert stored["p3"].completion.not_shown == "filtered"
    edited, refused = stored["p1"].outcome, stored["p2"].outcome
    assert edited is not None
    assert refused is not None
    assert (edited.kind, edited.final_text) == (OutcomeKind.ACCEPTED_EDITED, TRUTH)
    assert (refused.kind, refused.instead, refused.accepted_chars) == ("rejected", TRUTH, 0)
    assert stored["p0"].completion.candidates[0].logprob == -1.0
    found = diary.read(log, places)
    assert found.outcomes == {"accepted": 1, "accepted_edited": 1, "rejected": 1, "not_shown": 1}
    assert {e.completion for e in found.examples} == {TRUTH}
    assert {(p.chosen, p.rejected) for p in found.pairs} == {
        (TRUTH, texts["p1"]),
        (TRUTH, texts["p2"]),
    }
    past = diary.read(log, places[:2])
    assert (len(past.events), len(past.pairs)) == (2, 1)


def test_the_ladder_is_a_table() -> None:
    names = [rung.name for rung in rungs.LADDER]
    assert len(set(names)) == len(names)
    for number, rung in enumerate(rungs.LADDER):
        before = set(names[:number])
        assert {*rung.below, rung.start, rung.rival} - {""} <= before
    assert [rung.name for rung in rungs.chosen(["sft+dpo"])] == ["base", "sft", "sft+dpo"]
    assert [rung.name for rung in rungs.chosen(["sft+ppo"])] == ["base", "sft", "sft+ppo"]
    assert rungs.chosen([]) == rungs.LADDER
    assert {rung.method for rung in rungs.LADDER} == {"", *candidates.LINEAGE}
    with pytest.raises(TrainError, match="the rungs are base, format"):
        rungs.chosen(["nonsense"])


@pytest.fixture
def course(tmp_path: Path, place: Place) -> Callable[..., rungs.Course]:
    def build(texts: list[str]) -> rungs.Course:
        places = [
            replace(place, id=str(n), at=float(n), prefix=f"# {n}\n{PREFIX}", written=text)
            for n, text in enumerate(texts)
        ]
        log = tmp_path / "own.db"
        answers = [Answer("never = [wanted]", True, -1.0) for _ in texts]
        diary.write(log, places, answers, Policy(), models.resolve("bundled"))
        return rungs.Course({rungs.OWN: diary.read(log, places)}, 0, 5)

    return build


def test_shuffled_labels_keep_every_text_and_every_prompt(
    course: Callable[..., rungs.Course],
) -> None:
    own = course([f"return {n} + rows" for n in range(12)]).examples(rungs.OWN)
    dealt = rungs.shuffled(own, Random(0))
    assert [e.prefix for e in dealt] == [e.prefix for e in own]
    assert sorted(e.completion for e in dealt) == sorted(e.completion for e in own)
    assert [e.completion for e in dealt] != [e.completion for e in own]


def test_flipped_labels_turn_about_half_of_the_pairs(course: Callable[..., rungs.Course]) -> None:
    own = course([f"return {n} + rows" for n in range(12)]).lessons[rungs.OWN].pairs
    turned = rungs.flipped(own, Random(1))
    changed = [
        a.chosen == b.rejected and a.rejected == b.chosen for a, b in zip(own, turned, strict=True)
    ]
    assert 2 <= sum(changed) <= 10
    assert all(a == b for a, b, turn in zip(own, turned, changed, strict=True) if not turn)


def test_too_little_is_a_reason_not_an_error(course: Callable[..., rungs.Course]) -> None:
    few = course(["return 1 + rows"] * 2)
    with pytest.raises(rungs.Skipped, match="of 5 clean examples"):
        few.examples(rungs.OWN)
    with pytest.raises(rungs.Skipped, match="nobody else"):
        few.examples(rungs.OTHER)
