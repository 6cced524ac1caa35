"""Probes of what was accepted: at set times, at saves, at commits, and on their way to the log."""

from dataclasses import replace
from pathlib import Path

import pytest

from penchant_core.consent import ConsentRecord, Level, workspace_id
from penchant_core.paths import Paths
from penchant_core.settings import TrackerSettings
from penchant_core.signals import Candidate, Completion, Outcome, OutcomeKind, Signal
from penchant_core.store import SignalStore
from penchant_lsp.documents import Edit
from penchant_lsp.permission import Permission
from penchant_lsp.recorder import Recorder
from penchant_lsp.survival import MOST, Survival
from penchant_lsp.tracker import Tracker

URI = "file:///w/a.py"
TEXT = "sum(prices)"


def _completion(workspace: str = "w") -> Completion:
    candidates = (Candidate(TEXT),)
    return Completion("c", 1e9, "ada", workspace, "a.py", "python", "", "", candidates, 0)


@pytest.fixture
def tracker() -> Tracker:
    """One suggestion, accepted at 0 and settled at 10 seconds."""
    tracker = Tracker(TrackerSettings())
    tracker.open(URI, "", 0.0)
    tracker.offer(URI, 0, 0, _completion(), 0.0)
    tracker.change(URI, [Edit(0, 0, TEXT)], 0.0)
    tracker.tick(10.0)
    [settled] = tracker.drain()
    assert settled.outcome is not None
    assert settled.outcome.probes == ()
    return tracker


def _probes(tracker: Tracker, *seconds: float) -> list[tuple[float, float]]:
    for now in seconds:
        tracker.tick(now)
    return [(each.seconds, each.kept) for each in tracker.survivals()]


def test_probes_go_on_after_the_outcome(tracker: Tracker) -> None:
    assert _probes(tracker, 15.2, 16.0, 30.4) == [(15, 1.0), (30, 1.0)]
    tracker.change(URI, [Edit(0, 3, "max")], 40.0)
    assert _probes(tracker, 120.0) == [(120, 0.75)]
    tracker.change(URI, [Edit(0, len(TEXT), "")], 140.0)
    assert _probes(tracker, 300.0, 600.0, 700.0, 2000.0) == [(300, 0.0), (600, 0.0)]
    assert tracker.followed() == []


def test_after_a_pause_only_one_probe_is_taken_and_says_when(tracker: Tracker) -> None:
    assert _probes(tracker, 200.0) == [(200.0, 1.0)]
    assert _probes(tracker, 299.0, 300.0) == [(300, 1.0)]


def test_saves_are_probed_when_there_is_news(tracker: Tracker) -> None:
    for now in (11.0, 12.0, 13.0):
        tracker.save(URI, now)
    tracker.change(URI, [Edit(0, 3, "max")], 14.0)
    tracker.save(URI, 14.5)
    assert _probes(tracker) == [(11.0, 1.0), (14.5, 0.75)]


def test_a_commit_is_probed_if_it_holds_what_is_seen(tracker: Tracker) -> None:
    tracker.save(URI, 11.0)
    tracker.committed(URI, 12.0)
    tracker.change(URI, [Edit(0, 3, "max")], 13.0)
    tracker.committed(URI, 14.0)
    assert _probes(tracker) == [(11.0, 1.0), (12.0, 1.0)]


def test_probes_are_bounded(tracker: Tracker) -> None:
    for second in range(11, 400):
        tracker.save(URI, float(second))
        tracker.committed(URI, second + 0.5)
    assert len(_probes(tracker)) == MOST


def test_a_probe_is_added_to_the_stored_outcome(paths: Paths, tmp_path: Path) -> None:
    record = ConsentRecord(paths.consent_file)
    permission = Permission(record)
    workspace = permission.workspace(tmp_path)
    assert workspace == workspace_id(tmp_path)
    record.decide(workspace, Level.LOCAL, via="test")
    tracker = Tracker(TrackerSettings())
    tracker.open(URI, "", 0.0)
    tracker.offer(URI, 0, 0, _completion(workspace), 0.0)
    tracker.change(URI, [Edit(0, 0, TEXT)], 0.0)
    tracker.tick(10.0)
    recorder = Recorder(paths.signal_log("ada"), permission)
    for settled in tracker.drain():
        recorder.put(settled)
    recorder.put(Survival("c", workspace, 15, 1.0))
    recorder.put(Survival("unknown", workspace, 15, 1.0))
    recorder.put(Survival("c", "elsewhere", 30, 1.0))
    recorder.put(Survival("c", workspace, 120, 0.5))
    recorder.flush(5.0)
    assert (recorder.recorded, recorder.dropped, recorder.waiting) == (1, 0, 0)
    with SignalStore(paths.signal_log("ada")) as store:
        [signal] = store.signals()
    assert signal.outcome is not None
    assert signal.outcome.probes == ((15, 1.0), (120, 0.5))


def test_without_consent_a_probe_creates_no_log(paths: Paths) -> None:
    recorder = Recorder(paths.signal_log("ada"), Permission(ConsentRecord(paths.consent_file)))
    recorder.put(Survival("c", "w", 15, 1.0))
    recorder.flush(5.0)
    assert not paths.signal_log("ada").exists()


def test_the_store_merges_probes(store: SignalStore) -> None:
    assert store.add_probe("c", 15, 1.0) is False
    outcome = Outcome("c", OutcomeKind.ACCEPTED, 1.0, 2.0)
    store.add(Signal(_completion(), outcome))
    assert store.add_probe("c", 30, 0.5)
    assert store.add_probe("c", 15, 1.0)
    assert store.add_probe("c", 30, 0.25)
    [signal] = store.signals()
    assert signal.outcome == replace(outcome, probes=((15, 1.0), (30, 0.25)))
