"""A version on trial in the store: begun, counted, ended by whatever ends it."""

from collections.abc import Callable

import pytest
from samples import signal

from penchant_core.adapters import AdapterStore
from penchant_core.config import load
from penchant_core.errors import AdapterNotFound, AdapterRejected
from penchant_core.forgetting import follow_through
from penchant_core.store import SignalStore
from penchant_core.trials import TRIAL, read_trial

Publish = Callable[..., str]
OWNER = "dev/ada"


@pytest.fixture
def trial(adapters: AdapterStore, publish: Publish) -> AdapterStore:
    """v0001 is live, v0002 is tried beside it."""
    adapters.promote(OWNER, publish(signal_ids=["a"]))
    adapters.begin_trial(OWNER, publish(signal_ids=["a", "b"]), wanted=100, reason="better")
    return adapters


def ended(store: AdapterStore) -> str:
    found = store.trial(OWNER)
    assert found is not None
    return found.end


def test_a_trial_moves_nothing_and_says_how_far_it_is(trial: AdapterStore) -> None:
    assert trial.pointer(OWNER).version == "v0001"
    trial.count_trial(OWNER, "v0002", 37)
    trial.count_trial(OWNER, "v0001", 50)  # another's figure
    found = AdapterStore(trial.root, trial.fingerprint).trial(OWNER)
    assert found is not None and found.active
    assert (found.version, found.words()) == ("v0002", "on trial: 37 of 100")
    assert (trial.base / OWNER / TRIAL).stat().st_mode & 0o777 == 0o600


def test_promoting_it_ends_its_trial_well(trial: AdapterStore) -> None:
    trial.promote(OWNER, "v0002")
    assert ended(trial) == "live"
    assert trial.end_trial(OWNER, "worse") is None, "it is over"
    assert ended(trial) == "live"


def test_promoting_another_ends_it_too(trial: AdapterStore) -> None:
    trial.promote(OWNER, None)
    assert ended(trial) == "stopped"


def test_rolling_back_what_is_live_leaves_it(trial: AdapterStore) -> None:
    assert trial.roll_back(OWNER).version is None
    assert ended(trial) == ""


def test_a_trial_that_was_lost_says_so(trial: AdapterStore) -> None:
    trial.end_trial(OWNER, "worse", reason="3 of 100 kept")
    found = trial.trial(OWNER)
    assert found is not None
    assert (found.words(), found.reason) == ("worse on trial", "3 of 100 kept")
    trial.begin_trial(OWNER, "v0002", wanted=5)
    assert ended(trial) == "", "it may be tried again"


def test_what_may_not_be_loaded_is_not_tried(adapters: AdapterStore, publish: Publish) -> None:
    version = publish()
    with pytest.raises(AdapterNotFound):
        adapters.begin_trial(OWNER, "v0009", wanted=5)
    adapters.withdraw(OWNER, [version], reason="erased")
    with pytest.raises(AdapterRejected, match="withdrawn"):
        adapters.begin_trial(OWNER, version, wanted=5)
    assert adapters.trial(OWNER) is None


def test_old_versions_are_collected_but_not_the_one_on_trial(
    trial: AdapterStore, publish: Publish
) -> None:
    for _ in range(3):
        publish()
    assert trial.collect(OWNER, keep=1) == ["v0003", "v0004"]
    assert "v0002" in trial.names(OWNER)


@pytest.mark.parametrize("text", ["", "{", "null", '{"version": "../v1", "wanted": 5}', "\x00"])
def test_a_file_that_cannot_be_read_is_no_trial(trial: AdapterStore, text: str) -> None:
    (trial.base / OWNER / TRIAL).write_text(text)
    assert trial.trial(OWNER) is None
    assert read_trial(trial.base / "nobody") is None
    trial.promote(OWNER, "v0002")
    trial.begin_trial(OWNER, "v0001", wanted=5)
    assert ended(trial) == ""


def test_erasing_what_it_learned_from_ends_it(
    trial: AdapterStore, store: SignalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENCHANT_GATEWAY__PORT", "1")
    store.add_all([signal("a", at=1e6, path="a.py"), signal("b", at=2e6, path="b.py")])
    store.erase(path="b.py")
    done = follow_through(load(), store)
    assert [v.version for v in done.withdrawn] == ["v0002"]
    assert ended(trial) == "stopped"
    assert trial.pointer(OWNER).version == "v0001"


def test_what_merely_expired_does_not_take_it_away(
    trial: AdapterStore, store: SignalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENCHANT_GATEWAY__PORT", "1")
    store.add_all([signal("b", at=1.0), signal("c", at=400 * 86_400.0)])
    store.prune(90)
    done = follow_through(load(), store)
    assert [v.version for v in done.waiting] == ["v0002"]
    assert ended(trial) == ""
