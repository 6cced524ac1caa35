"""A live version that is kept less than what was before it goes back; chance does not do that."""

import random
from dataclasses import replace

import pytest
from samples import signal

from penchant_core.adapters import AdapterStore
from penchant_core.config import load
from penchant_core.signals import OutcomeKind
from penchant_core.store import SignalStore
from penchant_trainer.regression import (
    ALPHA,
    Record,
    Records,
    evidence,
    regressed,
)
from penchant_trainer.watch import Watch


def test_the_evidence_is_the_mean_likelihood_ratio() -> None:
    # One miss at 1/2: the mean over p < 1/2 of (1 - p) / (1/2) is 3/2.
    assert evidence(Record(1, 0), 0.5) == pytest.approx(1.5, abs=0.01)
    # One hit: the mean of p / (1/2) is 1/2.
    assert evidence(Record(1, 1), 0.5) == pytest.approx(0.5, abs=0.01)
    assert evidence(Record(), 0.5) == 1.0
    assert evidence(Record(500, 0), 0.5) > 1e100


def test_looking_after_every_signal_seldom_condemns_an_equal() -> None:
    dice = random.Random(0)
    condemned = 0
    for _ in range(300):
        found = Record()
        for _ in range(200):
            found.judged += 1
            found.kept += dice.random() < 0.4
            if evidence(found, 0.4) >= 1 / ALPHA:
                condemned += 1
                break
    assert condemned <= 300 * ALPHA + 6


@pytest.mark.parametrize(
    ("live", "before", "worse"),
    [
        (Record(80, 8, 80), Record(100, 50, 600), True),
        (Record(80, 38, 400), Record(100, 50, 600), False),
        (Record(80, 8, 800), Record(100, 50, 600), False),
        (Record(80, 8, 80), Record(20, 10, 120), False),
        (Record(6, 0, 0), Record(100, 50, 600), False),
        (Record(0, 0, 0), Record(100, 50, 600), False),
    ],
    ids=["worse", "much the same", "fewer but longer", "nothing to compare", "too soon", "unused"],
)
def test_when_a_version_has_regressed(live: Record, before: Record, worse: bool) -> None:
    assert regressed(live, before) is worse


@pytest.fixture
def versions(adapters: AdapterStore, publish: object) -> tuple[str, str]:
    first, second = publish(), publish()  # type: ignore[operator]
    adapters.promote("dev/ada", first)
    adapters.promote("dev/ada", second)
    return first, second


def outcomes(log: SignalStore, adapters: AdapterStore, version: str, kept: int, lost: int) -> None:
    for n in range(kept + lost):
        row = signal(f"{version}-{n}", at=float(n))
        asked = replace(
            row.completion,
            adapter="dev/ada",
            version=version,
            base_fingerprint=adapters.fingerprint,
        )
        kind = OutcomeKind.ACCEPTED if n < kept else OutcomeKind.REJECTED
        chars = 10 if n < kept else 0
        log.add(replace(row, completion=asked,
                        outcome=replace(row.outcome, kind=kind, retained_chars=chars)))  # fmt: skip


def test_a_worse_version_goes_back_by_itself(
    store: SignalStore,
    adapters: AdapterStore,
    versions: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = versions
    outcomes(store, adapters, first, 50, 30)
    monkeypatch.setenv("PENCHANT_ADAPTERS__ROLL_BACK", "false")
    off = Records(load())
    monkeypatch.delenv("PENCHANT_ADAPTERS__ROLL_BACK")
    records = Records(load())
    assert records.roll_back_if_worse() is None
    outcomes(store, adapters, second, 5, 50)
    assert off.roll_back_if_worse() is None
    reason = records.roll_back_if_worse()
    assert reason is not None
    assert "5 of 55" in reason
    assert adapters.pointer("dev/ada").version == first
    assert adapters.pointer("dev/ada").reason == reason
    assert records.roll_back_if_worse() is None


def test_a_version_that_does_well_stays(
    store: SignalStore, adapters: AdapterStore, versions: tuple[str, str]
) -> None:
    first, second = versions
    outcomes(store, adapters, first, 40, 40)
    outcomes(store, adapters, second, 41, 40)
    assert Records(load()).roll_back_if_worse() is None
    assert adapters.pointer("dev/ada").version == second


def test_the_watch_rolls_back(
    store: SignalStore, adapters: AdapterStore, versions: tuple[str, str]
) -> None:
    first, second = versions
    outcomes(store, adapters, first, 50, 30)
    outcomes(store, adapters, second, 5, 50)
    Watch(load()).look()
    assert adapters.pointer("dev/ada").version == first


def test_another_base_model_is_another_story(
    store: SignalStore, adapters: AdapterStore, versions: tuple[str, str]
) -> None:
    first, second = versions
    outcomes(store, adapters, first, 50, 30)
    outcomes(store, AdapterStore(adapters.root, "1" * 16), second, 5, 50)
    assert Records(load()).roll_back_if_worse() is None
    assert adapters.pointer("dev/ada").version == second
