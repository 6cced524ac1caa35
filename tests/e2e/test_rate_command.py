"""`penchant rate` on a real terminal: a process behind a pseudo-terminal, keys in, text out."""

import fcntl
import json
import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from samples import signal

from penchant_core.consent import ConsentRecord, Level
from penchant_core.paths import Paths
from penchant_core.signals import Candidate, Rating
from penchant_core.store import SignalStore

COMMAND = [sys.executable, "-m", "penchant_core.cli", "rate"]
THREE = tuple(Candidate(text, -1.0, "stop") for text in ("one()", "two()", "three()"))


class Terminal:
    """A process on a terminal of its own; ``read`` waits for a text."""

    def __init__(self, *arguments: str, code: int = 0) -> None:
        self._code = code
        self._side, theirs = pty.openpty()
        self.before = self.settings()
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            # So that Ctrl-C reaches it; there are no threads here.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY),  # noqa: PLW1509
        )
        os.close(theirs)
        self.seen = ""

    def read(self, wanted: str, seconds: float = 20.0) -> str:
        end = time.monotonic() + seconds
        while wanted not in self.seen:
            ready, _, _ = select.select([self._side], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"{wanted!r} did not come; seen: {self.seen!r}"
            try:
                more = os.read(self._side, 65536).decode()
            except OSError:  # the process has closed the terminal
                more = ""
            assert more, f"{wanted!r} did not come; seen: {self.seen!r}"
            self.seen += more
        before, _, self.seen = self.seen.partition(wanted)
        return before

    def settings(self) -> object:
        return termios.tcgetattr(self._side)

    def press(self, keys: str) -> None:
        os.write(self._side, keys.encode())

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, failed: object, *_: object) -> None:
        if failed:
            self.process.kill()
        code = self.process.wait(20)
        os.close(self._side)
        assert failed or code == self._code


@pytest.fixture
def log(paths: Paths) -> Iterator[SignalStore]:
    ConsentRecord(paths.consent_file).decide("w1", Level.LOCAL, via="test")
    with SignalStore(paths.signal_log("ada")) as store:
        yield store


def _said(log: SignalStore) -> list[tuple[str, str, int, tuple[int, ...], str]]:
    return [(r.completion_id, r.kind, r.value, r.order, r.reason) for r in log.ratings()]


def test_every_key(log: SignalStore) -> None:
    for number in range(5):
        log.add(signal(f"c{number}", candidates=THREE, at=2000.0 - number, kind="ignored"))
    with Terminal() as terminal:
        screen = terminal.read("q quit] ")
        assert "1/5  src/a.py, ignored" in screen
        assert "    def f():" in screen
        assert "1)  (shown)\r\n  | one()" in screen
        assert "3)\r\n  | three()" in screen
        terminal.press("x\x1b[1~2")  # keys without a meaning are passed over, Home too
        terminal.read("2/5")
        terminal.read("q quit] ")
        terminal.press("-")
        terminal.read("why?")
        terminal.press("too clever\r")
        terminal.read("3/5")
        terminal.read("q quit] ")
        terminal.press("r")
        terminal.read("the best first")
        terminal.press("3\r")
        terminal.read("at least two")
        terminal.press("3 1 2\r")
        terminal.read("4/5")
        terminal.read("q quit] ")
        terminal.press("s")
        terminal.read("5/5")
        terminal.read("q quit] ")
        terminal.press("q")
        terminal.read("3 of 5 rated.")
    assert _said(log) == [
        ("c0", "comparison", 0, (1, 0), ""),
        ("c0", "comparison", 0, (1, 2), ""),
        ("c1", "direct", -1, (0,), "too clever"),
        ("c2", "ranking", 0, (2, 0, 1), ""),
    ]


def test_a_good_mark_needs_no_reason_and_a_secret_in_one_is_not_kept(log: SignalStore) -> None:
    for number in range(2):
        log.add(signal(f"c{number}", candidates=THREE, at=2000.0 - number, kind="ignored"))
    with Terminal() as terminal:
        for reason in ("", "AKIA" + "Z7QF3KXLM2NP4RST"):
            terminal.read("q quit] ")
            terminal.press("+")
            terminal.read("why?")
            terminal.press(f"{reason}\r")
        terminal.read("Not stored: its reason holds a secret.")
        terminal.read("1 of 2 rated.")
    assert _said(log) == [("c0", "direct", 1, (0,), "")]


def test_control_characters_of_the_code_do_not_reach_the_terminal(log: SignalStore) -> None:
    texts = ("a\x1b]0;owned\x07", "b\u202ec", "d\x9bm")
    prefix = "x\x1b[2J\n"
    log.add(signal(candidates=tuple(map(Candidate, texts)), prefix=prefix, kind="ignored"))
    with Terminal() as terminal:
        screen = terminal.read("q quit] ")
        assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", screen)
        assert r"a\x1b]0;owned\x07" in screen
        terminal.press("q")
        terminal.read("0 of 1 rated.")


def test_control_c_ends_it_and_leaves_the_terminal_as_it_was(log: SignalStore) -> None:
    for number in range(2):
        log.add(signal(f"c{number}", candidates=THREE, at=2000.0 - number, kind="ignored"))
    with Terminal(code=130) as terminal:
        terminal.read("q quit] ")
        assert terminal.settings() != terminal.before
        terminal.press("1")
        terminal.read("2/2")
        terminal.read("q quit] ")
        terminal.press("\x03")
        terminal.process.wait(20)
        assert terminal.settings() == terminal.before
    assert len(log.ratings()) == 2, "what was answered before is kept"


def _listed(*arguments: str, stdin: int = subprocess.DEVNULL) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, *arguments], stdin=stdin, capture_output=True, text=True, check=False
    )


def test_json_lists_and_asks_nothing(log: SignalStore) -> None:
    for number in range(3):
        log.add(signal(f"c{number}", candidates=THREE, at=2000.0 - number, kind="ignored"))
    log.rate(Rating("c1", 1.0, "comparison", order=(1, 0)))
    done = _listed("--json")
    assert done.returncode == 0, done.stderr
    listed = json.loads(done.stdout)
    assert [item["completion_id"] for item in listed] == ["c0", "c2"]
    assert listed[0]["choices"][2] == {"text": "three()", "index": 2}
    assert [i["completion_id"] for i in json.loads(_listed("--json", "--last", "1").stdout)] == [
        "c2"
    ]


def test_without_a_terminal_it_says_what_to_do(log: SignalStore) -> None:
    log.add(signal(candidates=THREE, kind="ignored"))
    done = _listed()
    assert done.returncode == 2
    assert "penchant rate --json" in done.stderr
    assert _said(log) == []


def test_nothing_to_rate(home: Path, paths: Paths) -> None:
    done = _listed()
    assert done.returncode == 0
    assert done.stdout.startswith("Nothing to rate.")
    assert "penchant consent show" in done.stdout
    assert not paths.signal_log("ada").exists(), "looking creates nothing"


def test_where_recording_is_off_nobody_is_asked(log: SignalStore, paths: Paths) -> None:
    log.add(signal(candidates=THREE, kind="ignored"))
    ConsentRecord(paths.consent_file).decide("w1", Level.OFF, via="test")
    assert json.loads(_listed("--json").stdout) == []
