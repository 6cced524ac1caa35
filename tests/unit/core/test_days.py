"""Days are counted as the clock stood, and agree with a count of the rows."""

import time
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from samples import signal

from penchant_core import days
from penchant_core.errors import StoreError
from penchant_core.paths import Paths
from penchant_core.signals import Counts
from penchant_core.store import SignalStore

TODAY = date(2026, 11, 21)


def at(day: date, hour: int = 12) -> float:
    return datetime(day.year, day.month, day.day, hour).timestamp()


def test_each_day_has_its_own_signals(store: SignalStore) -> None:
    store.add(signal("a", at=at(TODAY, 1), retained_chars=30))
    store.add(signal("b", at=at(TODAY, 23), kind="rejected"))
    store.add(signal("c", at=at(TODAY - timedelta(1), 23), retained_chars=7))
    store.add(signal("d", at=at(TODAY - timedelta(40))))
    store.add(signal("e", at=at(TODAY), kind=None, shown=None))
    found = days.read(store.path, TODAY - timedelta(29))
    assert set(found.days) == {"2026-11-20", "2026-11-21"}
    today = found.days["2026-11-21"].counts
    assert (today.shown, today.accepted, today.rejected, today.signals) == (2, 1, 1, 3)
    assert today.retained_chars == 30
    assert found.whole.signals == 5
    assert found.versions["base"].shown == 4


def test_what_was_typed_letter_by_letter_saved_no_keystroke(store: SignalStore) -> None:
    store.add(signal("a", at=at(TODAY), retained_chars=30))
    store.add(signal("b", at=at(TODAY), kind="typed_through", retained_chars=50))
    (fared,) = days.read(store.path, TODAY).days.values()
    assert fared.counts.retained_chars == 80
    assert (fared.typed, fared.typed_chars) == (1, 50)
    assert fared.keystrokes_saved == 29, "one key accepts"


def test_a_short_suggestion_saves_nothing_rather_than_less_than_nothing() -> None:
    assert days.Fared(Counts(shown=3, accepted=3, retained_chars=2)).keystrokes_saved == 0
    assert days.Fared().keystrokes_saved == 0


def test_an_erasure_is_gone_from_the_days(store: SignalStore) -> None:
    store.add(signal("a", at=at(TODAY)))
    store.erase()
    assert days.read(store.path, TODAY) == days.Fortunes({}, {})


def test_reading_writes_nothing(paths: Paths) -> None:
    log = paths.signal_log("ada")
    assert days.read(log, TODAY).whole == Counts()
    assert not log.parent.exists()


def test_a_damaged_log_is_an_error_that_says_what_to_do_and_stays(tmp_path: Path) -> None:
    log = tmp_path / "ada.db"
    log.write_bytes(b"no database" * 500)
    with pytest.raises(StoreError, match="penchant doctor"):
        days.read(log, TODAY)
    assert [path.name for path in tmp_path.iterdir()] == ["ada.db"]


def test_a_log_that_is_written_to_can_be_read(store: SignalStore) -> None:
    now = time.time()
    store.add(signal("a", at=now))
    assert days.read(store.path, date.fromtimestamp(now)).whole.shown == 1
    store.add(signal("b", at=now))
    assert days.read(store.path, date.fromtimestamp(now)).whole.shown == 2
