"""No room and no file handles: the N-th write or the N-th opening fails, for every N there is.

The kernel refuses, by limits on a process of its own (RLIMIT_FSIZE stands in for a full disk:
SQLite sees the same failing writes). The log may only answer with StoreError, keeps what it
acknowledged and works again afterwards; the language server's completions do not notice.
"""

import json
import os
import random
import resource
import shutil
import signal as signals
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from broken.editor import Editor
from broken.gateway import Gateway
from samples import signal

from penchant_core.errors import StoreError
from penchant_core.store import SignalStore
from soak.damage import damaged
from soak.tally import Tally

LARGEST_BYTES = 250_000
MOST_HANDLES = 25
LOGS = ("new", "in use", "left by a crash", "damaged")
DEEDS = ("add", "erase", "add to the open log")
SERVER_BYTES, SERVER_HANDLES = 120_000, 20

Found = dict[str, Any]


def play_disk(tally: Tally, directory: Path) -> None:
    """Let the disk be full at ``tally.wanted`` sizes between nothing and one of 250 kB."""
    for number in range(tally.wanted):
        size = number * LARGEST_BYTES // tally.wanted
        log, deed = LOGS[number % len(LOGS)], DEEDS[number // len(LOGS) % len(DEEDS)]
        _round(tally, directory, log, deed, lambda s=size: _limited(resource.RLIMIT_FSIZE, s))


def play_handles(tally: Tally, directory: Path) -> None:
    """Let the next N openings of a file work and no more, for N from 0 on, in every situation."""
    for number in range(tally.wanted):
        free = number * MOST_HANDLES // tally.wanted
        log, deed = LOGS[number % len(LOGS)], DEEDS[number // len(LOGS) % len(DEEDS)]
        _round(tally, directory, log, deed, lambda n=free: _limited(resource.RLIMIT_NOFILE, _up(n)))


def _round(
    tally: Tally,
    directory: Path,
    log: str,
    deed: str,
    shortage: Callable[[], Any],
) -> None:
    path = directory / "log" / "ada.db"
    path.parent.mkdir()
    _lay(path, log)
    found = _in_child(lambda: _suffer(path, deed, shortage))
    tally.seen["refused" if found.get("refused") else "worked"] += 1
    tally.expect("error" not in found, f"not a StoreError: {found.get('error')}")
    with SignalStore(path) as store:  # without the shortage
        store.add(signal("after"))
        names = {each.completion.id for each in store.signals()}
        if log != "damaged":
            tally.expect(store.set_aside is None, "a sound log was called damaged")
            tally.expect(found.get("erased") or log == "new" or "kept" in names, "old signal lost")
        tally.expect(set(found.get("acknowledged", ())) <= names, "acknowledged signal lost")
        tally.expect("after" in names, "it does not work again afterwards")
    shutil.rmtree(path.parent)
    tally.step()


def _lay(path: Path, log: str) -> None:
    """Put a log where the round finds it."""
    if log == "new":
        return
    store = SignalStore(path)
    store.add(signal("kept", prefix="x = 1\n" * 500))
    if log == "left by a crash":
        crashed = {each: each.read_bytes() for each in path.parent.glob("ada.db*")}
        store.close()
        for each, content in crashed.items():
            each.write_bytes(content)
        path.with_name("ada.db-shm").unlink()
        return
    store.close()
    if log == "damaged":
        path.write_bytes(damaged(path.read_bytes(), "truncate", random.Random(1)))


def _suffer(path: Path, deed: str, shortage: Callable[[], Any]) -> Found:
    """Do the deed during the shortage; say what was acknowledged and how it was refused."""
    found: Found = {"acknowledged": []}
    before = SignalStore(path) if deed == "add to the open log" else None
    with shortage():
        try:
            store = before or SignalStore(path)
            if deed == "erase":
                store.erase()
                found["erased"] = True
            for number in range(4):
                name = f"c{number}"
                store.add(signal(name, prefix="y" * 20_000))
                found["acknowledged"].append(name)
        except StoreError:
            found["refused"] = True
            # An erasure that failed half-way may have emptied the log: it said that it had not.
            found["erased"] = deed == "erase"
        except BaseException as error:  # what the test is about: any other error is a failure
            found["error"] = type(error).__name__
    return found


def _in_child(work: Callable[[], Found]) -> Found:
    """Run ``work`` in a fork, whose limits it may spoil; return what it found."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        signals.signal(signals.SIGXFSZ, signals.SIG_IGN)
        try:
            os.write(writer, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return dict(json.loads(said)) if said else {"error": "the process died"}


@contextmanager
def _limited(kind: int, value: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (value, hard))
    try:
        yield
    finally:
        resource.setrlimit(kind, (soft, hard))


def _up(free: int) -> int:
    """Return the limit under which exactly ``free`` more handles can be had."""
    taken = [os.open(os.devnull, os.O_RDONLY) for _ in range(free + 1)]
    for each in taken:
        os.close(each)
    return max(taken)


# -- the language server ---------------------------------------------------------------------


def play_server(tally: Tally, directory: Path) -> None:
    """Starve the real language server of room and handles in turn; every completion must come."""
    work = directory / "work"
    work.mkdir()
    uri = (work / "a.py").as_uri()
    with Gateway("value") as gateway, Editor(directory, gateway.address, workspace=work) as editor:
        editor.consent("local")
        editor.open(uri, "")
        recorded = _accept(tally, editor, uri, "first")
        editor.wait_status(lambda status: status["recorded"] == recorded)
        for number in range(tally.wanted):
            kind, value = _server_shortage(editor.process.pid, number, tally.wanted)
            recorded += _starve(tally, editor, uri, number, kind, value)
            editor.wait_status(lambda status, n=recorded: status["recorded"] == n, 30)
            tally.step()
        tally.expect(editor.process.poll() is None, "the language server died")
        tally.expect(editor.status()["dropped"] == 0, "signals dropped")
        told = [n for n in editor.notifications if n["method"].startswith("window/show")]
        tally.expect(not told, "the user was told")
    with SignalStore(directory / "data" / "signals" / "ada.db") as store:
        tally.expect(len(list(store.signals())) >= recorded, "signals lost")


def _server_shortage(pid: int, number: int, wanted: int) -> tuple[int, int]:
    if number % 2:
        return resource.RLIMIT_FSIZE, number * SERVER_BYTES // wanted
    taken = {int(each.name) for each in Path(f"/proc/{pid}/fd").iterdir()}
    free = [each for each in range(1024) if each not in taken]
    return resource.RLIMIT_NOFILE, free[number * SERVER_HANDLES // wanted]


def _starve(tally: Tally, editor: Editor, uri: str, number: int, kind: int, value: int) -> int:
    """Return how many signals must be recorded when it is over."""
    pid = editor.process.pid
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))  # the log fails and is closed
    accepted = _accept(tally, editor, uri, f"closed_{number}")
    editor.wait_status(lambda status: status["lastError"] is not None)
    old = resource.prlimit(pid, kind)
    resource.prlimit(pid, kind, (value, old[1]))
    if kind != resource.RLIMIT_FSIZE:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
    accepted += _accept(tally, editor, uri, f"short_{number}")
    accepted += _accept(tally, editor, uri, f"short_too_{number}")
    failing = editor.status()["lastError"] is not None
    tally.seen["log not written" if failing else "log written"] += 1
    resource.prlimit(pid, kind, (hard if kind == resource.RLIMIT_FSIZE else old[0], old[1]))
    return accepted


def _accept(tally: Tally, editor: Editor, uri: str, name: str) -> int:
    """Ask for a completion and take it; return 1, or 0 where none came (a failure)."""
    editor.insert(uri, 0, 0, f"{name} = \n")
    items = editor.complete(uri, 0, len(name) + 3)
    tally.expect([item["insertText"] for item in items] == ["value"], "no completion")
    if not items:
        return 0
    editor.accept(uri, items[0])
    tally.seen["completions"] += 1
    return 1
