import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from penchant_core.consent import ConsentRecord, Level
from penchant_core.paths import Paths
from penchant_core.signals import Candidate, Completion, Outcome, OutcomeKind, Rating, Signal
from penchant_core.store import SignalStore
from penchant_lsp.permission import Permission
from penchant_lsp.recorder import Recorder
from penchant_lsp.verdicts import Settled, not_shown


@pytest.fixture
def permission(paths: Paths) -> Permission:
    return Permission(ConsentRecord(paths.consent_file))


@pytest.fixture
def workspace(permission: Permission, tmp_path: Path) -> str:
    known = permission.workspace(tmp_path)
    permission.record.decide(known, Level.LOCAL, via="test")
    return known


@pytest.fixture
def recorder(paths: Paths, permission: Permission) -> Iterator[Recorder]:
    recorder = Recorder(paths.signal_log("ada"), permission, ignore=["skip*"])
    yield recorder
    recorder.flush(5)


def _settled(workspace: str, number: int = 0, path: str = "a.py", text: str = "value") -> Settled:
    completion = Completion(
        f"c{number}", 1.0, "ada", workspace, path, "python", "x = ", "\n", (Candidate(text),), 0
    )
    outcome = Outcome(completion.id, OutcomeKind.ACCEPTED, 1.0, 2.0, final_text=text)
    return Settled(completion, outcome)


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def _ids(paths: Paths) -> list[str]:
    with SignalStore(paths.signal_log("ada")) as store:
        return [signal.completion.id for signal in store.signals()]


def test_writes_in_order(recorder: Recorder, workspace: str, paths: Paths) -> None:
    for number in range(20):
        recorder.put(_settled(workspace, number))
    recorder.flush(5)
    assert _ids(paths) == [f"c{number}" for number in range(20)]
    assert (recorder.recorded, recorder.dropped, recorder.waiting) == (20, 0, 0)


def test_what_has_piled_up_is_written_together(
    recorder: Recorder, workspace: str, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder.put(_settled(workspace, 0))
    _until(lambda: recorder.recorded == 1)
    sizes: list[int] = []
    add_all = SignalStore.add_all

    def counted(store: SignalStore, signals: Iterable[Signal]) -> None:
        listed = list(signals)
        add_all(store, listed)
        sizes.append(len(listed))

    monkeypatch.setattr(SignalStore, "add_all", counted)
    other = sqlite3.connect(paths.signal_log("ada"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for number in range(1, 41):
        recorder.put(_settled(workspace, number))
    _until(lambda: recorder.error is not None)
    other.execute("ROLLBACK")
    other.close()
    recorder.flush(5)
    assert _ids(paths) == [f"c{number}" for number in range(41)]
    assert sum(sizes) == 40
    assert len(sizes) <= 3


def test_what_was_not_shown_is_written_too(
    recorder: Recorder, workspace: str, paths: Paths
) -> None:
    recorder.put(not_shown(_settled(workspace).completion, "filtered"))
    recorder.flush(5)
    assert _ids(paths) == ["c0"]


def test_without_consent_there_is_no_file(
    recorder: Recorder, permission: Permission, tmp_path: Path, paths: Paths
) -> None:
    recorder.put(_settled(permission.workspace(tmp_path)))
    recorder.put(_settled("unknown"))
    recorder.put(_settled(""))
    recorder.flush(5)
    assert not paths.signal_log("ada").exists()
    assert recorder.recorded == 0


@pytest.mark.parametrize("path", [".env", "keys/server.pem", "skipped.py", "a/skip/b.py"])
def test_ignored_files(recorder: Recorder, workspace: str, paths: Paths, path: str) -> None:
    recorder.put(_settled(workspace, path=path))
    recorder.flush(5)
    assert not paths.signal_log("ada").exists()


def test_a_secret_that_only_stands_in_the_whole(
    recorder: Recorder, workspace: str, paths: Paths
) -> None:
    settled = _settled(workspace, text="23456789abcdefghijABCDEFGHIJ012345")
    from dataclasses import replace

    completion = replace(settled.completion, prefix="token = 'ghp_01")
    recorder.put(Settled(completion, settled.outcome))
    recorder.flush(5)
    assert recorder.dropped == 1
    assert not paths.signal_log("ada").exists()


def test_lone_surrogates_are_mended(recorder: Recorder, workspace: str, paths: Paths) -> None:
    recorder.put(_settled(workspace, text="a\ud800b"))
    recorder.flush(5)
    with SignalStore(paths.signal_log("ada")) as store:
        [signal] = store.signals()
    assert signal.outcome.final_text == "a\ufffdb"


def test_ratings(recorder: Recorder, workspace: str, paths: Paths) -> None:
    early = Rating("c0", 1.0, "direct", value=1)
    assert recorder.rate(early, pending=True).result(5) is False
    recorder.put(_settled(workspace))
    assert recorder.rate(Rating("c0", 2.0, "direct", value=-1), pending=False).result(5) is True
    assert recorder.rate(Rating("none", 2.0, "direct"), pending=False).result(5) is False
    recorder.flush(5)
    with SignalStore(paths.signal_log("ada")) as store:
        assert [rating.value for rating in store.ratings()] == [1, -1]


def test_a_rating_alone_makes_no_file(recorder: Recorder, paths: Paths) -> None:
    assert recorder.rate(Rating("c0", 1.0, "direct"), pending=False).result(5) is False
    assert not paths.signal_log("ada").exists()


def test_trouble_is_counted_and_healed(
    permission: Permission, workspace: str, paths: Paths
) -> None:
    directory = paths.signal_log("ada").parent
    directory.parent.mkdir(parents=True, exist_ok=True)
    directory.write_text("in the way")
    recorder = Recorder(paths.signal_log("ada"), permission, room=3)
    for number in range(3):
        recorder.put(_settled(workspace, number))
    _until(lambda: recorder.error is not None)
    for number in range(3, 13):
        recorder.put(_settled(workspace, number))
        time.sleep(0)
    _until(lambda: recorder.dropped > 0)
    directory.unlink()
    recorder.put(_settled(workspace, 99))
    _until(lambda: recorder.error is None)
    recorder.flush(5)
    written = _ids(paths)
    assert len(written) == recorder.recorded
    assert len(written) + recorder.dropped == 14


def test_flushing_what_cannot_be_written_ends(
    permission: Permission, workspace: str, paths: Paths
) -> None:
    paths.signal_log("ada").mkdir(parents=True)
    recorder = Recorder(paths.signal_log("ada"), permission)
    for number in range(5):
        recorder.put(_settled(workspace, number))
    begun = time.monotonic()
    recorder.flush(0.5)
    assert time.monotonic() - begun < 1.0
    recorder.flush(0.5)


def test_what_is_older_than_the_retention_is_erased(
    paths: Paths, permission: Permission, workspace: str
) -> None:
    day = 86_400.0
    with SignalStore(paths.signal_log("ada")) as store:
        for number, at in ((1, 1.0), (2, 95 * day)):
            old = _settled(workspace, number)
            store.add(Signal(replace(old.completion, at=at), old.outcome))
    recorder = Recorder(paths.signal_log("ada"), permission, retention_days=90)
    new = _settled(workspace, 3)
    recorder.put(replace(new, completion=replace(new.completion, at=100 * day)))
    recorder.flush(5)
    assert _ids(paths) == ["c2", "c3"]
