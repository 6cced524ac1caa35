"""The language server is killed, or leaves, in mid-watch: what nobody saw end gets no label."""

from pathlib import Path

import pytest
from broken.editor import Editor
from broken.gateway import Gateway
from traces.served import PROGRAM

from penchant_core.paths import default_paths
from penchant_core.signals import OutcomeKind, Signal
from penchant_core.store import SignalStore

LATE = {"PENCHANT_TRACKER__QUIET_S": "10"}


@pytest.fixture
def uri(tmp_path: Path) -> str:
    (tmp_path / "work").mkdir()
    return (tmp_path / "work" / "a.py").as_uri()


def _editor(home: Path, gateway: Gateway, tmp_path: Path) -> Editor:
    return Editor(
        home, gateway.address, workspace=tmp_path / "work", program=PROGRAM, environment=LATE
    )


def _signals() -> list[Signal]:
    with SignalStore(default_paths().signal_log("ada")) as store:
        return list(store.signals())


def test_a_kill_leaves_no_label_and_the_next_session_invents_none(
    home: Path, tmp_path: Path, uri: str
) -> None:
    with Gateway("sum(x)") as gateway:
        with _editor(home, gateway, tmp_path) as editor:
            editor.consent("local")
            editor.open(uri, "y = \n")
            [item] = editor.complete(uri, 0, 4)
            editor.accept(uri, item)
            editor.status()
            editor.kill()
            editor.process.wait(5)
        with _editor(home, gateway, tmp_path) as editor:
            editor.open(uri, "y = sum(x)\n")
            editor.command("penchant.accepted", *item["command"]["arguments"])
            editor.insert(uri, 0, 10, " + 1")
            editor.notify("test/clock", {"seconds": 700.0})
            editor.wait_status(lambda status: not status["open"] and not status["waiting"])
            assert editor.shutdown() == 0
    log = default_paths().signal_log("ada")
    assert not log.exists() or _signals() == []


def test_probes_reach_the_log_after_the_outcome_has(home: Path, tmp_path: Path, uri: str) -> None:
    with Gateway("sum(x)") as gateway, _editor(home, gateway, tmp_path) as editor:
        editor.consent("local")
        editor.open(uri, "y = \n")
        [item] = editor.complete(uri, 0, 4)
        editor.accept(uri, item)
        editor.notify("test/clock", {"seconds": 11.0})
        editor.wait_status(lambda status: status["recorded"] == 1)
        assert _signals()[0].outcome.probes == ()
        for seconds in (4.0, 15.0, 90.0):
            editor.notify("test/clock", {"seconds": seconds})
        editor.wait_status(lambda status: not status["waiting"])
        editor.kill()
        editor.process.wait(5)
    [signal] = _signals()
    assert signal.outcome.kind is OutcomeKind.ACCEPTED
    assert signal.outcome.probes == ((15, 1.0), (30, 1.0), (120, 1.0))
