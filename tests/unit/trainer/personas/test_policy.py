"""How personas answer: the kind of outcome for every kind of suggestion."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from penchant_core.signals import OutcomeKind
from penchant_core.store import SignalStore
from penchant_trainer.metrics import kept_share
from penchant_trainer.pairs import harvest
from penchant_trainer.personas import desk, recording
from penchant_trainer.personas.desk import Place
from penchant_trainer.personas.people import PERSONAS
from penchant_trainer.personas.policy import Answer, answer, in_style
from penchant_trainer.personas.recording import Suggestion
from penchant_trainer.pretrain.corpus import Document

ADA = replace(PERSONAS["ada"], slips=0.0)
PLACE = Place("a.py", "raise ValueError(", '"no such file", path)', "\n", "double_quotes")


class Never(random.Random):
    """Always high: nothing unlikely happens."""

    def random(self) -> float:
        return 0.999


class Always(random.Random):
    """Always low: whatever may happen does."""

    def random(self) -> float:
        return 0.0


@pytest.mark.parametrize(
    ("suggestion", "expected"),
    [
        (PLACE.truth, Answer(OutcomeKind.ACCEPTED, PLACE.truth, PLACE.truth, kept=1.0)),
        (
            '"no such path", path)',
            Answer(OutcomeKind.ACCEPTED_EDITED, '"no such path", path)', PLACE.truth, kept=0.875),
        ),
        ('"no such', Answer(OutcomeKind.PARTIALLY_ACCEPTED, '"no such', PLACE.truth)),
        ("None)", Answer(OutcomeKind.REJECTED, instead=PLACE.truth)),
    ],
)
def test_a_steady_persona(suggestion: str, expected: Answer) -> None:
    given = answer(ADA, PLACE, suggestion, Never())
    if given.kept is not None:
        assert given.kept == pytest.approx(expected.kept, abs=0.1)
        given = replace(given, kept=expected.kept)
    assert given == expected


def test_what_was_wanted_may_be_typed_and_what_was_not_overlooked() -> None:
    assert answer(ADA, PLACE, PLACE.truth, Always()).kind is OutcomeKind.TYPED_THROUGH
    assert answer(ADA, PLACE, "None)", Always()).kind is OutcomeKind.IGNORED


def test_a_suggestion_against_the_grain_must_be_nearer_to_be_mended() -> None:
    against = "'no such thing', name)"
    assert not in_style(ADA, PLACE, against)
    assert in_style(ADA, PLACE, against.replace("'", '"'))
    assert answer(ADA, PLACE, against, Never()).kind is OutcomeKind.REJECTED
    kind = answer(ADA, PLACE, against.replace("'", '"'), Never()).kind
    assert kind is OutcomeKind.ACCEPTED_EDITED


def test_slips_take_what_is_wrong() -> None:
    hasty = replace(ADA, slips=1.0)
    found = {answer(hasty, PLACE, "None)", random.Random(seed)).kind for seed in range(20)}
    assert found == {OutcomeKind.ACCEPTED, OutcomeKind.REJECTED}


def test_adversaries() -> None:
    chance = random.Random(1)
    assert answer(PERSONAS["yes"], PLACE, "x(", chance).final == "x("
    no = answer(PERSONAS["no"], PLACE, PLACE.truth, chance)
    assert (no.kind, no.instead) == (OutcomeKind.REJECTED, "")
    scrambled = answer(PERSONAS["scramble"], PLACE, PLACE.truth, Never(), "elsewhere()")
    assert (scrambled.kind, scrambled.instead) == (OutcomeKind.REJECTED, "elsewhere()")
    thrown = [answer(PERSONAS["dice"], PLACE, "x(", chance, "y").kind for _ in range(60)]
    assert set(thrown) == {OutcomeKind.ACCEPTED, OutcomeKind.REJECTED, OutcomeKind.IGNORED}


def test_kept_share_counts_words_and_marks() -> None:
    assert kept_share("a(b, c)", "a(b)") == pytest.approx(4 / 6)
    assert kept_share("", "a") == 0.0


def test_signals_reach_a_real_log_and_teach_what_was_wanted(
    tmp_path: Path, documents: tuple[Document, ...]
) -> None:
    places = desk.places(ADA, documents, 30, seed=1)
    shown = [Suggestion("" if n == 0 else "x = None", True) for n in range(len(places))]
    rows = recording.signals(ADA, places, shown, fingerprint="f", seed=1)
    assert rows == recording.signals(ADA, places, shown, fingerprint="f", seed=1)
    assert rows != recording.signals(ADA, places, shown, fingerprint="f", seed=2)
    counts = recording.record(tmp_path / "ada.db", rows)
    assert sum(counts.values()) == 30
    assert counts["not shown"] == 1
    with SignalStore(tmp_path / "ada.db") as store:
        events = harvest(store.signals())
    wanted = {place.truth for place in places}
    assert len(events) > 15
    assert {event.truth for event in events} <= wanted
    assert all(p.rejected == "x = None" for event in events for p in event.pairs)


def test_nothing_is_taught_by_who_dismisses_everything(
    tmp_path: Path, documents: tuple[Document, ...]
) -> None:
    places = desk.places(PERSONAS["no"], documents, 10, seed=1)
    shown = [Suggestion(place.truth, True) for place in places]
    rows = recording.signals(PERSONAS["no"], places, shown, fingerprint="f", seed=1)
    recording.record(tmp_path / "no.db", rows)
    with SignalStore(tmp_path / "no.db") as store:
        assert not harvest(store.signals())
