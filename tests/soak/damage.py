"""Damaged database files met by the language server's recorder: it must write on, in a new one.

Truncation, flipped bits, zeroed and exchanged pages, garbage, and the same for the write-ahead log,
which may also be another log's. Nothing may reach the user: the recorder's own error, if there was
one in between, is gone when the signal is written.
"""

import random
import shutil
import time
from pathlib import Path

from samples import signal

from penchant_core.consent import ConsentRecord, Level
from penchant_core.errors import StoreError
from penchant_core.signals import Rating
from penchant_core.store import SignalStore
from penchant_lsp.permission import Permission
from penchant_lsp.recorder import Recorder
from penchant_lsp.verdicts import Settled
from soak.tally import Tally

PAGE = 4096
LIMIT_S = 30.0
KINDS = ("bits", "header", "schema", "truncate", "zero page", "exchange", "garbage", "empty")
WAL_KINDS = ("bits", "truncate", "zero page", "garbage", "of another log")


def play(tally: Tally, directory: Path, *, seed: int = 11) -> None:
    """Damage ``tally.wanted`` logs below ``directory`` and write to each."""
    dice = random.Random(seed)
    sound, other = (_sound(directory / name, name) for name in ("sound", "other"))
    permission = Permission(ConsentRecord(directory / "consent.jsonl"))
    workspace = permission.workspace(directory)
    permission.record.decide(workspace, Level.LOCAL, via="test")
    entry = signal("new", workspace=workspace)
    settled = Settled(entry.completion, entry.outcome)
    for _ in range(tally.wanted):
        path = directory / "log" / "ada.db"
        path.parent.mkdir()
        tally.seen.update(write_damaged(path, sound, other, dice))
        _record(tally, path, permission, settled)
        _read(tally, path)
        shutil.rmtree(path.parent)
        tally.step()


def _sound(directory: Path, name: str) -> tuple[bytes, bytes]:
    """Return the bytes of a log and of its -wal, as an editor that crashed leaves them."""
    path = directory / "ada.db"
    with SignalStore(path) as store:
        for number in range(30):
            store.add(signal(f"{name}-{number}", prefix=f"{name} = 1\n" * 200, at=float(number)))
        store.rate(Rating(f"{name}-1", 1.0, "direct", 1))
    store = SignalStore(path)
    for number in range(30, 36):
        store.add(signal(f"{name}-{number}", prefix=f"{name} = 2\n" * 200, at=float(number)))
    files = path.read_bytes(), path.with_name("ada.db-wal").read_bytes()
    store.close()
    return files


def write_damaged(
    path: Path, sound: tuple[bytes, bytes], other: tuple[bytes, bytes], dice: random.Random
) -> list[str]:
    """Write a log with some damage at ``path``; return what was done to it."""
    main, wal = sound
    where = dice.choice(["main", "main", "wal", "both"])
    done = []
    if where in ("main", "both"):
        kind = dice.choice(KINDS)
        main = damaged(main, kind, dice)
        done.append(kind)
    if where in ("wal", "both"):
        kind = dice.choice(WAL_KINDS)
        wal = other[1] if kind == "of another log" else damaged(wal, kind, dice)
        done.append(f"wal {kind}")
    path.write_bytes(main)
    if where != "main" or dice.random() < 0.5:
        path.with_name(f"{path.name}-wal").write_bytes(wal)
    return done


def damaged(raw: bytes, kind: str, dice: random.Random) -> bytes:
    """Return ``raw`` with one kind of damage."""
    if kind == "garbage":
        return dice.randbytes(dice.randrange(1, 9000))
    if kind == "empty":
        return b""
    if kind == "truncate":
        return raw[: dice.randrange(len(raw))]
    data = bytearray(raw)
    if kind == "bits":
        for _ in range(dice.randrange(1, 30)):
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    elif kind == "header":
        data[dice.randrange(100)] = dice.randrange(256)
    elif kind == "schema":
        for _ in range(dice.randrange(1, 6)):
            data[dice.randrange(100, PAGE)] = dice.randrange(256)
    else:
        a, b = (dice.randrange(len(data) // PAGE) * PAGE for _ in range(2))
        there = bytes(data[b : b + PAGE])
        if kind == "exchange":
            data[b : b + PAGE] = data[a : a + PAGE]
        data[a : a + PAGE] = there if kind == "exchange" else bytes(PAGE)
    return bytes(data)


def _record(tally: Tally, path: Path, permission: Permission, settled: Settled) -> None:
    recorder = Recorder(path, permission)
    recorder.put(settled)
    end = time.monotonic() + LIMIT_S
    while recorder.waiting and time.monotonic() < end:
        time.sleep(0.001)
    recorder.flush(5)
    tally.expect((recorder.recorded, recorder.dropped) == (1, 0), "signal not recorded")
    tally.expect(recorder.error is None, "trouble left in the status")


def _read(tally: Tally, path: Path) -> None:
    aside = list(path.parent.glob("*.damaged-*"))
    tally.seen["-> set aside" if aside else "-> went on in the same file"] += 1
    try:
        with SignalStore(path) as store:
            names = [each.completion.id for each in store.signals()]
            tally.expect(
                store.set_aside is not None or "new" in names, "recorded signal cannot be read"
            )
    except StoreError:
        tally.seen["-> reading told of damage"] += 1
