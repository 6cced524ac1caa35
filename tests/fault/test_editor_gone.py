"""The editor dies or hangs up, with work in flight: the server is gone within a second."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from broken.editor import Editor
from broken.gateway import Gateway

from penchant_core.paths import default_paths
from penchant_core.store import SignalStore

GONE_S = 1.0
URI = "untitled:Untitled-1"


def _gone(editor: Editor) -> float:
    begun = time.monotonic()
    editor.process.wait(5)
    return time.monotonic() - begun


@pytest.mark.parametrize("mode", ["answers", "hangs"])
def test_standard_input_closes(home: Path, mode: str) -> None:
    with Gateway("value", mode=mode) as gateway, Editor(home, gateway.address) as editor:
        editor.open(URI, "x = ")
        editor.ask(URI, 0, 4)
        assert gateway.wait(lambda: len(gateway.requests) == 1)
        editor.process.stdin.close()
        assert _gone(editor) < GONE_S
        assert editor.process.returncode == 1


def test_the_editor_stops_reading_and_hangs_up(home: Path) -> None:
    with Gateway("value") as gateway, Editor(home, gateway.address) as editor:
        editor.open(URI, "x = ")
        os.kill(editor.process.pid, signal.SIGSTOP)
        for _ in range(200):
            editor.ask(URI, 0, 4)
        os.kill(editor.process.pid, signal.SIGCONT)
        editor.process.stdin.close()
        assert _gone(editor) < GONE_S + 0.5


def test_the_editors_process_dies_while_its_pipes_stay_open(home: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    with Editor(home, process_id=other.pid) as editor:
        editor.open(URI, "x = ")
        editor.complete(URI, 0, 4)
        other.kill()
        other.wait()
        assert _gone(editor) < GONE_S


def test_a_process_that_cannot_be_seen_is_not_waited_for(home: Path) -> None:
    with Gateway("value") as gateway, Editor(home, gateway.address, process_id=2**22 + 1) as editor:
        editor.open(URI, "x = ")
        assert editor.complete(URI, 0, 4)
        assert editor.shutdown() == 0


def test_what_was_acknowledged_is_there_after_a_kill(home: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    uri = (work / "a.py").as_uri()
    with Gateway("value") as gateway, Editor(home, gateway.address, workspace=work) as editor:
        editor.consent("local")
        editor.open(uri, "x = \n")
        [item] = editor.complete(uri, 0, 4)
        editor.accept(uri, item)
        editor.wait_status(lambda status: status["recorded"] == 1)
        editor.insert(uri, 1, 0, "y = ")
        editor.ask(uri, 1, 4)
        editor.kill()
        editor.process.wait(5)
    with SignalStore(default_paths().signal_log("ada")) as store:
        assert [signal.outcome.kind for signal in store.signals()] == ["accepted"]


def test_hanging_up_settles_what_was_open(home: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    uri = (work / "a.py").as_uri()
    slow = {"PENCHANT_TRACKER__QUIET_S": "60"}
    with (
        Gateway("value") as gateway,
        Editor(home, gateway.address, workspace=work, environment=slow) as editor,
    ):
        editor.consent("local")
        editor.open(uri, "x = \n")
        [item] = editor.complete(uri, 0, 4)
        editor.accept(uri, item)
        editor.process.stdin.close()
        assert _gone(editor) < GONE_S
    with SignalStore(default_paths().signal_log("ada")) as store:
        assert [signal.outcome.kind for signal in store.signals()] == ["censored"]
