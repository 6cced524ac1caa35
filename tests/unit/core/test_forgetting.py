"""What becomes of versions and runs when the signals that they learned from are gone."""

import fcntl
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from samples import signal

from penchant_core import forgetting
from penchant_core.adapters import AdapterStore
from penchant_core.config import Config, load
from penchant_core.errors import StoreError
from penchant_core.forgetting import GRACE_S, bury_unloaded, follow_through
from penchant_core.rebuild import FILE, pending_rebuild, rebuild_done, request_rebuild
from penchant_core.store import SignalStore

Publish = Callable[..., str]
DAY = 86_400.0


@pytest.fixture
def config(home: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setenv("PENCHANT_GATEWAY__PORT", "1")
    return load()


@pytest.fixture
def log(store: SignalStore) -> SignalStore:
    for number, name in enumerate("abcd"):
        store.add(signal(name, at=number * DAY, path=f"{name}.py"))
    return store


def run_directory(config: Config, name: str, ids: list[str] | None) -> Path:
    run = config.paths.runs / "ada" / name
    (run / "sft").mkdir(parents=True)
    (run / "sft" / "adapter_model.safetensors").write_bytes(b"learned")
    if ids is not None:
        (run / "split.json").write_text(json.dumps({"signal_ids": ids}))
    return run


def test_nothing_erased_changes_nothing(
    config: Config, log: SignalStore, adapters: AdapterStore, publish: Publish
) -> None:
    adapters.promote("dev/ada", publish(signal_ids=["a"]))
    log.erase(path="nothing.py")
    assert follow_through(config, log) == forgetting.Forgotten()
    assert adapters.pointer("dev/ada").version == "v0001"


def test_the_show_filter_goes_with_what_it_learned_from(config: Config, log: SignalStore) -> None:
    place = config.paths.show_filter("ada")
    place.parent.mkdir(parents=True)
    place.write_text("{}")
    log.erase(path="nothing.py")
    follow_through(config, log)
    assert place.exists()
    log.erase(path="a.py")
    follow_through(config, log)
    assert not place.exists()


def test_every_owner_and_base_is_looked_at(
    config: Config, log: SignalStore, adapters: AdapterStore, publish: Publish
) -> None:
    publish("dev/ada", signal_ids=["a"])
    publish("dev/grace", signal_ids=["b"])
    publish("team/all", signal_ids=["a", "x"], contributors=["grace"])
    publish("team/all", signal_ids=["x"], contributors=["ada"])
    merged = publish("team/merged", contributors=["ada", "grace"])
    log.erase(path="a.py")
    done = follow_through(config, log)
    assert {(v.owner, v.version) for v in done.withdrawn} == {
        ("dev/ada", "v0001"),
        ("team/all", "v0001"),
        ("team/merged", merged),  # of weights that cannot say what they hold
    }
    assert done.rebuild and pending_rebuild(config) is not None
    assert log.erasures() == []
    assert follow_through(config, log).withdrawn == ()


def test_erasing_everything_takes_whatever_names_the_developer(
    config: Config, log: SignalStore, publish: Publish
) -> None:
    publish("team/all", signal_ids=["x"], contributors=["ada"])
    publish("team/all", signal_ids=["x"], contributors=["grace"])
    publish("dev/ada", method="imported")
    log.erase()
    done = follow_through(config, log)
    assert [(v.owner, v.version) for v in done.withdrawn] == [("team/all", "v0001")]
    assert not done.rebuild, "there is nothing to build from"


def test_expired_signals_leave_the_live_version_until_it_is_rebuilt(
    config: Config, log: SignalStore, adapters: AdapterStore, publish: Publish
) -> None:
    first, second = publish(signal_ids=["a"]), publish(signal_ids=["a", "b"])
    adapters.promote("dev/ada", second)
    assert log.prune(2, now=3.5 * DAY) == ["a"]
    done = follow_through(config, log)
    assert [v.version for v in done.withdrawn] == [first]
    assert [v.version for v in done.waiting] == [second]
    assert not done.rebuild, "the next run replaces it anyway"
    (erasure,) = log.erasures()
    assert erasure.completion_id == "a"
    assert follow_through(config, log, now=erasure.at + GRACE_S / 2).rebuild
    third = publish(signal_ids=["b"])
    adapters.promote("dev/ada", third)
    assert [v.version for v in follow_through(config, log).withdrawn] == [second]
    assert log.erasures() == []


def test_expired_signals_have_a_last_day(
    config: Config, log: SignalStore, adapters: AdapterStore, publish: Publish
) -> None:
    adapters.promote("dev/ada", publish(signal_ids=["a"]))
    log.prune(2, now=3.5 * DAY)
    assert not follow_through(config, log).withdrawn
    (erasure,) = log.erasures()
    assert follow_through(config, log, now=erasure.at + GRACE_S).withdrawn
    assert adapters.live("dev/ada") is None


def test_what_expires_takes_no_team_version_that_merely_names_the_developer(
    config: Config, log: SignalStore, publish: Publish
) -> None:
    publish("team/merged", contributors=["ada", "grace"])
    log.prune(2, now=3.5 * DAY)
    (erasure,) = log.erasures()
    done = follow_through(config, log, now=erasure.at + GRACE_S)
    assert done.learned == ()


def test_an_erasure_that_was_killed_half_way_is_finished(
    config: Config, log: SignalStore, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(signal_ids=["a"])
    log.erase(path="a.py")  # and no more: the process ended
    monkeypatch.setattr(AdapterStore, "withdraw", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        follow_through(config, log)
    monkeypatch.undo()
    log.close()
    with SignalStore(log.path) as again:
        assert len(follow_through(config, again).withdrawn) == 1


def test_unfinished_runs_lose_what_they_made(config: Config, log: SignalStore) -> None:
    hit = run_directory(config, "r1", ["a", "b"])
    other = run_directory(config, "r2", ["b"])
    mute = run_directory(config, "r3", None)
    ended = config.paths.runs / "ada" / "r4"
    ended.mkdir()
    (ended / "split.json").write_text('{"signal_ids": ["a"]}')
    log.erase(path="a.py")
    assert follow_through(config, log).runs == ("r1", "r3")
    assert [p.exists() for p in (hit, other, mute, ended)] == [False, True, False, True]


def test_a_trainer_at_work_is_left_to_notice(config: Config, log: SignalStore) -> None:
    hit = run_directory(config, "r1", ["a"])
    log.erase(path="a.py")
    with (hit.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert follow_through(config, log).runs == ()
    assert hit.exists()


def test_files_go_where_no_gateway_answers(
    config: Config, log: SignalStore, adapters: AdapterStore, publish: Publish
) -> None:
    name = publish(signal_ids=["a"])
    log.erase(path="a.py")
    follow_through(config, log)
    assert bury_unloaded(config) == []
    assert not (adapters.get("dev/ada", name).path / "adapter_model.safetensors").exists()


def test_a_request_is_done_by_a_run_that_began_later(config: Config) -> None:
    assert pending_rebuild(config) is None
    rebuild = request_rebuild(config, "erased")
    rebuild_done(config, begun=rebuild.at - 1)
    assert pending_rebuild(config) == rebuild
    rebuild_done(config, begun=rebuild.at + 1)
    assert pending_rebuild(config) is None
    (config.paths.runs / "ada" / FILE).write_text("{")
    assert pending_rebuild(config) is not None, "an unreadable request counts"
    rebuild_done(config, begun=1.0)
    assert pending_rebuild(config) is None


def test_a_request_that_cannot_be_written_says_what_to_do(config: Config) -> None:
    config.paths.state.mkdir(parents=True)
    config.paths.runs.write_text("a file in the way")
    with pytest.raises(StoreError, match="goes on from here"):
        request_rebuild(config, "erased")
