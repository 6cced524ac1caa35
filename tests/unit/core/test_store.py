"""What the signal log promises to the recorder and to the trainer."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from samples import signal

from penchant_core.errors import StoreError
from penchant_core.signals import Counts, Outcome, OutcomeKind, Rating, Signal
from penchant_core.store import SignalStore

DAY = 86_400.0


def _ids(store: SignalStore, **options: int) -> list[str]:
    return [s.completion.id for s in store.signals(**options)]


def test_the_file_and_its_companions_are_private(store: SignalStore) -> None:
    store.add(signal())
    files = list(store.path.parent.iterdir())
    assert {path.name for path in files} == {"ada.db", "ada.db-wal", "ada.db-shm"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700


def test_durability_and_erasing_are_switched_on(store: SignalStore) -> None:
    ask = store._connection.execute
    assert ask("PRAGMA journal_mode").fetchone() == ("wal",)
    assert ask("PRAGMA synchronous").fetchone() == (2,)  # FULL
    assert ask("PRAGMA secure_delete").fetchone() == (1,)


def test_a_later_outcome_replaces_the_earlier(store: SignalStore) -> None:
    store.add(signal("a", kind=None))
    store.add(signal("a", kind="rejected"))
    store.add(signal("a", kind="accepted"))
    store.add(signal("a", kind=None))  # says nothing new
    (found,) = store.signals()
    assert found.outcome is not None
    assert found.outcome.kind is OutcomeKind.ACCEPTED


def test_reading_from_a_place_and_the_newest(store: SignalStore) -> None:
    for number in range(450):  # more than two pages
        store.add(signal(f"c{number}"))
    assert _ids(store) == [f"c{number}" for number in range(450)]
    assert _ids(store, after=448) == ["c448", "c449"]
    assert _ids(store, newest=2) == ["c448", "c449"]
    assert _ids(store, newest=1000) == _ids(store)
    assert _ids(store, newest=3, after=449) == ["c449"]
    assert _ids(store, newest=0) == []
    assert store.last_seq() == len(store) == 450
    assert store


def test_reading_one_signal(store: SignalStore) -> None:
    store.add(signal("a"))
    store.add(signal("b", kind=None))
    assert store.signal("b") == Signal(signal("b").completion, None, 2)
    assert store.signal("c") is None
    assert store.signal("\ud800") is None


def test_reading_while_writing(store: SignalStore) -> None:
    for number in range(250):
        store.add(signal(f"c{number}"))
    reading = store.signals()
    next(reading)
    store.add(signal("late"))
    assert [s.completion.id for s in reading][-1] == "late"


def test_numbers_are_never_given_twice(store: SignalStore) -> None:
    for name in "abc":
        store.add(signal(name))
    store.erase()
    assert store.last_seq() == 0
    store.add(signal("d"))
    assert store.last_seq() == 4
    store.erase(path="no such file")
    store.add(signal("e"))
    assert store.last_seq() == 5


def test_counts_by_version(store: SignalStore) -> None:
    v1 = {"adapter": "dev/ada", "version": "v0001"}
    store.add(signal("a", retained_chars=30))
    store.add(signal("b", kind="rejected"))
    store.add(signal("c", kind="censored"))
    store.add(signal("d", kind=None, shown=None, not_shown="superseded"))
    store.add(signal("e", kind="accepted_edited", retained_chars=10, **v1))
    store.add(signal("f", kind="ignored", **v1))
    assert store.counts() == {
        None: Counts(2, 1, 1, 30, signals=4),
        "dev/ada/v0001": Counts(2, 1, 0, 10, signals=2),
    }
    assert store.counts()[None].retained_per_shown == 15.0
    assert Counts().retained_per_shown == 0.0


def test_ratings_need_a_completion(store: SignalStore) -> None:
    store.add(signal("a"))
    rating = Rating("a", 2.0, "ranking", 0, (1, 0, 2), "clearer")
    assert store.rate(rating)
    assert not store.rate(Rating("unknown", 2.0, "direct", 1))
    assert store.ratings() == [rating]


@pytest.mark.parametrize(
    ("criteria", "left"),
    [
        ({}, ""),
        ({"before": 1001.0}, "bc"),
        ({"after": 1001.0}, "a"),
        ({"after": 1001.0, "before": 1002.0}, "ac"),
        ({"workspace": "w2"}, "ab"),
        ({"path": "x.go"}, "ac"),
        ({"language": "python"}, "b"),
        ({"language": "python", "workspace": "w2"}, "ab"),
        ({"path": "\ud800.py"}, "ab"),
        ({"path": "' OR 1 --"}, "abc"),
    ],
    ids=str,
)
def test_erasing_by_criteria(store: SignalStore, criteria: dict[str, float], left: str) -> None:
    store.add(signal("a", at=1000.0))
    store.add(signal("b", at=1001.0, path="x.go", language="go"))
    store.add(signal("c", at=1002.0, workspace="w2", path="\ud800.py"))
    gone = store.erase(**criteria)  # type: ignore[arg-type]
    assert "".join(_ids(store)) == left
    assert set(gone) == set("abc") - set(left)


def test_pruning_keeps_the_retention_time(store: SignalStore) -> None:
    for day in range(100):
        store.add(signal(f"d{day}", at=day * DAY))
    gone = store.prune(90, now=99 * DAY)
    assert gone == [f"d{day}" for day in range(9)]
    assert store.prune(90, now=99 * DAY) == []


def test_a_clock_in_the_future_does_not_empty_the_log(store: SignalStore) -> None:
    for day in range(50):
        store.add(signal(f"d{day}", at=day * DAY))
    assert store.prune(90, now=10_000 * DAY) == []
    assert store.prune(90, now=-5.0) == []


def test_pruning_takes_old_damaged_files(paths_log: Path) -> None:
    paths_log.write_bytes(b"damaged")
    with SignalStore(paths_log) as store:
        assert store.set_aside is not None
        store.prune(90)
        assert store.set_aside.exists()
        store.prune(90, now=store.set_aside.stat().st_mtime + 91 * DAY)
        assert not store.set_aside.exists()


@pytest.fixture
def paths_log(tmp_path: Path) -> Path:
    return tmp_path / "ada.db"


def test_values_that_do_not_fit_are_refused_whole(store: SignalStore) -> None:
    bad = [
        signal("a", at=float("nan")),
        signal("b", shown=2**70),
        Signal(signal("c").completion, Outcome("d", OutcomeKind.ACCEPTED, 1.0, 2.0)),
        Signal(
            signal("e").completion,
            Outcome("e", OutcomeKind.ACCEPTED, 1.0, 2.0, accepted_chars=2**70),
        ),
    ]
    for one in bad:
        with pytest.raises(StoreError):
            store.add(one)
    assert len(store) == 0
    store.add(signal("f", latency_ms=float("nan")))
    assert _ids(store) == ["f"]


def test_a_closed_store_says_so(store: SignalStore) -> None:
    store.close()
    store.close()
    for use in (store.last_seq, store.ratings, store.erase, lambda: store.add(signal())):
        with pytest.raises(StoreError, match="closed"):
            use()


def test_a_path_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        SignalStore(tmp_path / "file" / "ada.db")
    (tmp_path / "directory").mkdir()
    with pytest.raises(StoreError):
        SignalStore(tmp_path / "directory")


def test_a_locked_log_is_waited_for_and_then_named(tmp_path: Path) -> None:
    path = tmp_path / "ada.db"
    with SignalStore(path) as one, SignalStore(path, busy_ms=20) as other:
        one._connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked"):
            other.add(signal())
        one._connection.rollback()
        other.add(signal())
        assert other.set_aside is None


def test_the_newest_migration_is_known_without_importing_the_diary() -> None:
    from penchant_core import signal_file
    from penchant_core.migrations import migrations

    assert migrations.name == signal_file.SCHEMA_SET
    assert migrations._migrations[-1].name == signal_file.NEWEST_MIGRATION


def test_opening_a_log_again_imports_no_pandas(store: SignalStore) -> None:
    script = (
        "import sys; from pathlib import Path; from penchant_core.store import SignalStore\n"
        f"SignalStore(Path({str(store.path)!r})).close()\n"
        "print(sorted({'pandas', 'numpy', 'sqlite_utils'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
