"""The watch reads what is new, and the window only when that may suffice for a run."""

from collections.abc import Callable

import pytest
from unit.trainer import developers

from penchant_core.config import load
from penchant_core.paths import Paths
from penchant_core.store import SignalStore
from penchant_trainer import material, progress
from penchant_trainer.ledger import Ledger
from penchant_trainer.lock import exclusive
from penchant_trainer.watch import Watch


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How many rows were turned into signals, by the method that asked."""
    counted = {"rows": 0, "windows": 0}
    sensible, whole = SignalStore._sensible, material.read

    def rows(self: SignalStore, found: list[object]) -> object:
        found = list(found)
        counted["rows"] += len(found)
        return sensible(self, found)  # type: ignore[arg-type]

    def window(*arguments: object, **options: object) -> object:
        counted["windows"] += 1
        return whole(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(SignalStore, "_sensible", rows)
    monkeypatch.setattr(material, "read", window)
    return counted


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, int], None]:
    def choose(every: int, least: int) -> None:
        monkeypatch.setenv("PENCHANT_TRAINING__EVERY_SIGNALS", str(every))
        monkeypatch.setenv("PENCHANT_TRAINING__MIN_EXAMPLES", str(least))
        monkeypatch.setenv("PENCHANT_ADAPTERS__ROLL_BACK", "false")
        monkeypatch.setenv("PENCHANT_SCHEDULE__BUSY", "1")  # whatever else this machine does
        monkeypatch.setattr(Watch, "_run", lambda _self: 0)

    return choose


def test_looking_costs_what_is_new(
    paths: Paths, read: dict[str, int], settings: Callable[[int, int], None]
) -> None:
    settings(1000, 2)
    signals = developers.signals(120, 3)
    with SignalStore(paths.signal_log("ada")) as log:
        log.add_all(signals[:-10])
        watch = Watch(load())
        for _ in range(3):
            assert watch.look() is None
        assert read == {"rows": len(signals) - 10, "windows": 0}
        for number, signal in enumerate(signals[-10:], 1):
            log.add(signal)
            assert watch.look() is None
            assert read == {"rows": len(signals) - 10 + number, "windows": 0}


def test_after_a_run_only_what_it_did_not_cover_is_read(
    paths: Paths, read: dict[str, int], settings: Callable[[int, int], None]
) -> None:
    settings(1000, 2)
    signals = developers.signals(120, 3)
    with SignalStore(paths.signal_log("ada")) as log:
        log.add_all(signals)
        ledger = Ledger(paths.runs / "ada")
        row = ledger.begin("dev/ada", last_seq=log.last_seq() - 4, made_of="x")
        ledger.finish(row.id, "refused", ("x",))
        ledger.close()
    assert Watch(load()).look() is None
    assert read == {"rows": 4, "windows": 0}


def test_the_window_is_read_when_it_may_suffice_and_then_a_run_starts(
    paths: Paths, read: dict[str, int], settings: Callable[[int, int], None]
) -> None:
    settings(20, 10_000)  # never enough examples
    signals = developers.signals(120, 3)
    with SignalStore(paths.signal_log("ada")) as log:
        log.add_all(signals[:60])
        watch = Watch(load())
        for _ in range(3):
            assert watch.look() is None
        assert read["windows"] == 1, "the lack is remembered"
        log.add(signals[60])
        assert watch.look() is None
        assert read["windows"] == 1
    settings(20, 20)
    assert Watch(load()).look() == 0


def test_the_estimate_never_misses_a_signal(
    paths: Paths, settings: Callable[[int, int], None]
) -> None:
    with SignalStore(paths.signal_log("ada")) as log:
        log.add_all(developers.signals(120, 3))
        last = log.last_seq()
    config = load()
    steps = range(0, last + 7, 7)
    estimate = sum(material.usable(config, after=n, until=min(n + 7, last)) for n in steps)
    assert estimate >= material.read(config).fresh(0) > 0


def test_reading_is_bounded_by_the_window(paths: Paths) -> None:
    with SignalStore(paths.signal_log("ada")) as log:
        log.add_all(developers.signals(60, 2))
        last = log.last_seq()
    config = load()
    bounded = material.read(config, window=10)
    assert bounded.last_seq == last
    assert all(event.seq > last - 10 for event in bounded.events)
    until = material.read(config, window=10, until=last - 5)
    assert all(last - 15 < event.seq <= last - 5 for event in until.events)


class Device:
    """Busy for as long as there are ``reasons``."""

    def __init__(self, *reasons: str) -> None:
        self.reasons, self.begun, self.waiting_s = list(reasons), 0, 0.0

    def hindrance(self) -> str | None:
        return self.reasons.pop(0) if self.reasons else None

    def begin(self) -> None:
        self.begun += 1


def test_a_run_that_is_due_waits_for_its_device_and_says_so(
    paths: Paths, settings: Callable[[int, int], None]
) -> None:
    settings(20, 20)
    developers.write_log(paths.signal_log("ada"), developers.signals(60, 2))
    said: list[str] = []
    device = Device("GPU 0 is 93% in use", "GPU 0 is 93% in use", "GPU 0 is 80% in use")
    watch = Watch(load(), say=said.append, idleness=device)  # type: ignore[arg-type]
    for _ in range(3):
        assert watch.look() is None
        found = progress.read(paths.runs / "ada")
        assert found is not None
        assert (found.phase, found.waiting[:5]) == ("due", "GPU 0")
    assert watch.look() == 0
    assert device.begun == 1
    assert said == [
        "A run is due and waits: GPU 0 is 93% in use.",
        "A run is due and waits: GPU 0 is 80% in use.",
        "A run begins.",
        "The run has ended; `penchant train --status` says how.",
    ]
    assert progress.read(paths.runs / "ada") is None


def test_a_waiting_watch_does_not_speak_for_a_run_that_goes_on(
    paths: Paths, settings: Callable[[int, int], None]
) -> None:
    settings(20, 20)
    developers.write_log(paths.signal_log("ada"), developers.signals(60, 2))
    with exclusive(paths.runs / "ada"):
        progress.Progress(paths.runs / "ada", "r1").phase("train_sft")
        watch = Watch(load(), idleness=Device("busy"))  # type: ignore[arg-type]
        assert watch.look() is None
        found = progress.read(paths.runs / "ada")
        assert Watch(load()).look() is None, "nor does it begin another"
    assert found is not None
    assert (found.run, found.waiting) == ("r1", "")


def test_a_run_that_failed_rests_for_as_long_as_it_took(
    paths: Paths, settings: Callable[[int, int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(1, 20)
    now = [1000.0]
    monkeypatch.setattr("penchant_trainer.watch.time.monotonic", lambda: now[0])

    def fail(_watch: Watch) -> int:
        now[0] += 600
        return 1

    monkeypatch.setattr(Watch, "_run", fail)
    signals = developers.signals(60, 2)
    with SignalStore(paths.signal_log("ada")) as log:
        log.add_all(signals[:-10])
        watch = Watch(load())
        assert watch.look() == 1
        log.add_all(signals[-10:])
        now[0] += 599
        assert watch.look() is None, "although much is new"
        now[0] += 2
        assert watch.look() == 1
