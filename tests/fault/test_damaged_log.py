"""A damaged database file: opening works and sets it aside, or reading says StoreError."""

import random
import shutil
from pathlib import Path

import pytest
from samples import signal

from penchant_core.errors import StoreError
from penchant_core.signals import Rating
from penchant_core.store import SignalStore

MUTATIONS = 300


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("sound") / "ada.db"
    with SignalStore(path) as store:
        for number in range(40):
            store.add(signal(f"c{number}", prefix="x = 1\n" * 300, at=float(number)))
        store.rate(Rating("c1", 1.0, "direct", 1))
    return path.read_bytes()


def _mutated(raw: bytes, dice: random.Random) -> bytes:
    data = bytearray(raw)
    kind = dice.choice(["bits", "header", "schema", "truncate", "zero page", "swap", "garbage"])
    if kind == "bits":
        for _ in range(dice.randrange(1, 30)):
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    elif kind == "header":
        data[dice.randrange(100)] = dice.randrange(256)
    elif kind == "schema":
        for _ in range(dice.randrange(1, 6)):
            data[dice.randrange(100, 4096)] = dice.randrange(256)
    elif kind == "truncate":
        del data[dice.randrange(len(data)) :]
    elif kind == "zero page":
        start = dice.randrange(len(data) // 4096) * 4096
        data[start : start + 4096] = bytes(4096)
    elif kind == "swap":
        a, b = (dice.randrange(len(data) // 4096) * 4096 for _ in range(2))
        data[a : a + 4096], data[b : b + 4096] = data[b : b + 4096], data[a : a + 4096]
    else:
        data[:] = dice.randbytes(dice.randrange(1, 9000))
    return bytes(data)


def _use(store: SignalStore) -> None:
    """Do everything that a store can do."""
    list(store.signals())
    list(store.signals(newest=3))
    store.ratings()
    store.counts()
    store.last_seq()
    store.add(signal("new"))
    store.rate(Rating("new", 1.0, "direct", 1))
    store.erase(path="src/a.py")


def test_no_damage_raises_anything_but_store_error(sound: bytes, memory_path: Path) -> None:
    dice = random.Random(11)
    set_aside = refused = 0
    for number in range(MUTATIONS):
        directory = memory_path / str(number)
        directory.mkdir()
        path = directory / "ada.db"
        path.write_bytes(_mutated(sound, dice))
        with SignalStore(path) as store:  # opening always works
            set_aside += store.set_aside is not None
            try:
                _use(store)
            except StoreError:
                refused += 1
        shutil.rmtree(directory)
    assert set_aside > MUTATIONS / 3  # or the mutations were too mild to test anything
    assert refused < MUTATIONS / 4


def test_a_damaged_file_is_kept_beside_the_new_one(tmp_path: Path, sound: bytes) -> None:
    path = tmp_path / "ada.db"
    path.write_bytes(sound[:5000])
    with SignalStore(path) as store:
        assert store.set_aside is not None
        assert store.set_aside.read_bytes() == sound[:5000]
        store.add(signal("after"))
        assert [s.completion.id for s in store.signals()] == ["after"]
    with SignalStore(path) as again:
        assert again.set_aside is None
        assert again.last_seq() == 1


def test_damage_found_while_reading_is_dealt_with_at_the_next_opening(
    tmp_path: Path, sound: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("penchant_core.signal_file.CHEAP_BYTES", 0)  # as if the file were large
    path = tmp_path / "ada.db"
    middle = len(sound) // 2 // 4096 * 4096
    path.write_bytes(sound[:middle] + b"\xa5" * 8192 + sound[middle + 8192 :])
    with SignalStore(path) as store, pytest.raises(StoreError, match="penchant doctor"):
        assert store.set_aside is None
        list(store.signals())
    with SignalStore(path) as store:
        assert store.set_aside is not None
        _use(store)
    with SignalStore(path) as store:
        assert store.set_aside is None


@pytest.mark.parametrize(
    ("was", "became"),
    [
        (b'"latency_ms" REAL', b'"latency_{s" REAL'),
        (b' "version" TEXT', b'j"version" TEXT'),
        (b'"completions" ("id")', b'"completions" ("at")'),
        (b'"order" TEXT', b'"ordes" TEXT'),
        (b'"completion_id" TEXT PRIMARY KEY', b'"completion_id" TEXT PRIMARX KEY'),
    ],
)
def test_a_flipped_bit_in_the_schema_is_damage(
    tmp_path: Path, sound: bytes, was: bytes, became: bytes
) -> None:
    """SQLite's own check calls such a file sound, and every writing to it fails for ever."""
    assert was in sound
    path = tmp_path / "ada.db"
    path.write_bytes(sound.replace(was, became))
    with SignalStore(path) as store:
        assert store.set_aside is not None
        _use(store)


def test_a_header_that_forbids_writing_is_damage(tmp_path: Path, sound: bytes) -> None:
    path = tmp_path / "ada.db"
    path.write_bytes(sound[:18] + b"\xb7" + sound[19:])  # a file format of the far future
    with SignalStore(path) as store:
        assert store.set_aside is not None
        _use(store)


def test_rows_of_nonsense_are_skipped_and_counted(tmp_path: Path) -> None:
    with SignalStore(tmp_path / "ada.db") as store:
        for number in range(9):
            store.add(signal(f"c{number}"))
        nonsense = {
            "c0": "candidates = 'no json'",
            "c1": "candidates = '[{\"wrong\": 1}]'",
            "c2": "shown = 7",
            "c3": "prefix = x'ff00'",
            "c4": "\"trigger\" = 'magic'",
            "c5": "context = '{}'",
        }
        for name, change in nonsense.items():
            store._connection.execute(f"UPDATE completions SET {change} WHERE id = ?", [name])
        store._connection.execute("UPDATE outcomes SET kind = 'odd' WHERE completion_id = 'c6'")
        store._connection.commit()
        assert [s.completion.id for s in store.signals()] == ["c7", "c8"]
        assert store.unreadable == 7


def test_a_damaged_write_ahead_log_costs_its_own_rows_only(memory_path: Path) -> None:
    dice = random.Random(2)
    for number in range(40):
        directory = memory_path / str(number)
        path = directory / "ada.db"
        with SignalStore(path) as store:
            store.add(signal("kept"))
        writer = SignalStore(path)  # left open, as by an editor that crashed
        for name in ("a", "b", "c"):
            writer.add(signal(name))
        wal = (directory / "ada.db-wal").read_bytes()
        copy = memory_path / f"{number}-copy" / "ada.db"
        copy.parent.mkdir()
        shutil.copy(path, copy)
        damaged = bytearray(wal[: dice.randrange(len(wal))])
        for _ in range(dice.randrange(3) if damaged else 0):
            damaged[dice.randrange(len(damaged))] ^= 0xFF
        (copy.parent / "ada.db-wal").write_bytes(damaged)
        writer.close()
        with SignalStore(copy) as store:
            found = [s.completion.id for s in store.signals()]
        assert found == ["kept", "a", "b", "c"][: len(found)]
        assert found
