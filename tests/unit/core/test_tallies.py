"""What the running totals count, under which names, and that old logs get them."""

import sqlite3
import time

import pytest
from samples import signal

from penchant_core import tallies
from penchant_core.signals import Counts, Outcome, OutcomeKind, Signal
from penchant_core.store import SignalStore


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("src/shapes.py", "py"),
        ("src/Shapes.PY", "py"),
        ("tests/test_shapes.py", "py test"),
        ("src/test_shapes.py", "py test"),
        ("pkg/shapes_test.go", "go test"),
        ("web/shapes.spec.ts", "ts test"),
        ("web\\tests\\shapes.ts", "ts test"),
        ("conftest.py", "py test"),
        ("latest.py", "py"),
        ("contest/a.rs", "rs"),
        ("Makefile", "(none)"),
        ("a.b/Makefile", "(none)"),
        (".gitignore", "(none)"),
        ("archive.a_name_somebody_chose", "(none)"),
        ("ends.with.dot.", "(none)"),
        ("", "(none)"),
    ],
)
def test_kinds_of_files(store: SignalStore, path: str, kind: str) -> None:
    store.add(signal(path=path))
    assert list(store.tallies()["kind"]) == [kind]


def test_every_figure(store: SignalStore) -> None:
    def settled(name: str, kind: str, retained: int, kept: float | None) -> None:
        outcome = Outcome(name, OutcomeKind(kind), 1.0, 2.0, 9, retained, kept=kept)
        store.add(Signal(signal(name).completion, outcome))

    settled("a", "accepted", 30, 1.0)
    settled("b", "accepted_edited", 10, 0.5)
    settled("c", "rejected", 0, None)
    settled("d", "censored", 99, 1.0)
    store.add(signal("e", kind=None, shown=None, not_shown="late"))
    expected = Counts(3, 2, 1, 40, signals=5, kept_sum=1500, kept_known=2)
    found = store.tallies()
    assert found["version"] == {"base": expected}
    assert expected.kept_share == 0.75
    assert Counts().kept_share is None
    assert {kind: counts.signals for kind, counts in found["outcome"].items()} == {
        "accepted": 1, "accepted_edited": 1, "rejected": 1, "censored": 1,
    }  # fmt: skip


def test_a_later_outcome_replaces_the_earlier_in_the_totals(store: SignalStore) -> None:
    store.add(signal("a", kind="accepted"))
    store.add(signal("a", kind="undone"))
    assert store.tallies()["version"]["base"] == Counts(1, 0, 0, 0, signals=1)
    assert list(store.tallies()["outcome"]) == ["undone"]


def test_hours_are_local(store: SignalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.add(signal("a", at=8 * 3600 + 60.0))
    store.add(signal("b", at=32 * 3600 + 3000.0))
    store.add(signal("c", at=1e300))
    for zone, hour in (("UTC", "08"), ("Asia/Kathmandu", "13")):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        hours = store.overview()["hour"]
        assert hours[hour].shown == (2 if zone == "UTC" else 1)
        assert hours["?"].shown == 1


def test_a_log_from_before_the_totals_gets_them(store: SignalStore) -> None:
    store.add(signal("a"))
    store.close()
    with sqlite3.connect(store.path) as old:
        tallies.drop(old)
        old.execute("DROP TABLE erasures")
        old.execute("DELETE FROM _sqlite_migrations WHERE name >= 'm004'")
    old.close()
    with SignalStore(store.path) as found:
        assert found.set_aside is None
        found.add(signal("b"))
        assert found.tallies() == found.recount()
        assert found.counts()[None].shown == 2


def test_totals_cost_no_reading_of_rows(store: SignalStore) -> None:
    store.add_all(signal(f"c{number}", at=number * 60.0) for number in range(3000))
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    store._connection.set_progress_handler(count, 100)
    store.overview()
    few, steps = steps, 0
    store.recount()
    assert few * 20 < steps
