"""With consent off nothing that was typed is kept or sent anywhere else; with it on, only one file.

A whole session against the real gateway with its embedded engine. A canary stands for the code:
it is looked for in every file below every place that the programs may write to, in everything that
they say, and on the wire.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from broken.editor import INVOKED, Editor
from broken.wiretap import Guard, Tap
from serving import wait_for

from penchant_core.paths import default_paths
from penchant_core.store import SignalStore
from penchant_trainer.demo import stage as demo

pytestmark = pytest.mark.timeout(300)

CANARY = "canary_8c41d7"
CODE = f"def {CANARY}(first, second):\n    total = first + second\n    return \n"
SPELLINGS = [CANARY.encode(), CANARY.encode("utf-16-le"), CANARY.upper().encode()]
SERVER = "penchant_lsp"


@dataclass
class Place:
    """Every directory that a program may write to, all below one root."""

    root: Path
    guard: Guard

    @property
    def environment(self) -> dict[str, str]:
        folders = {"HOME": "user", "TMPDIR": "tmp", "XDG_CACHE_HOME": "user/.cache"}
        return {
            **self.guard.environment,
            **{name: str(self.root / folder) for name, folder in folders.items()},
            "PENCHANT_ENGINE__THREADS": "1",
        }

    def files(self) -> dict[str, bytes]:
        """Every file with its content, but the guard's own."""
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in self.root.rglob("*")
            if path.is_file() and "guard" not in path.relative_to(self.root).parts
        }

    def with_canary(self) -> list[str]:
        found = self.files().items()
        return sorted(name for name, content in found if any(s in content for s in SPELLINGS))


@pytest.fixture
def place(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    root = home.parent
    for folder in ("home", "user", "tmp", "work"):
        (root / folder).mkdir(exist_ok=True)
    found = Place(root, Guard(root / "guard"))
    for name, value in found.environment.items():
        monkeypatch.setenv(name, value)
    return found


@contextmanager
def session(place: Place, **environment: str) -> Iterator[tuple[Editor, Tap, demo.Stage]]:
    with demo.gateway(place.root / "home", environment) as stage:
        port = urlsplit(stage.url).port
        assert port
        with (
            Tap(port) as tap,
            Editor(place.root / "home", tap.address, workspace=place.root / "work") as editor,
        ):
            yield editor, tap, stage


def play(editor: Editor, place: Place, name: str = "shop.py") -> int:
    """Write, be offered suggestions, take, reject, undo and save; return how many were shown."""
    uri = (place.root / "work" / name).as_uri()
    editor.open(uri, CODE)
    shown = 0
    for kind in (INVOKED, 2, INVOKED):
        items = editor.answer(editor.ask(uri, 2, 11, kind), timeout=60)["result"]
        shown += bool(items)
        if not items:
            editor.insert(uri, 2, 11, "f")
            continue
        editor.notify("textDocument/didShowCompletion", {"item": items[0]})
        if kind == INVOKED:
            editor.accept(uri, items[0])
        editor.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
        editor.change(uri, {"text": CODE})
    editor.insert(uri, 2, 11, f"{CANARY} + 1")
    editor.wait_status(lambda status: not status["open"] and not status["waiting"], 30)
    editor.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    return shown


def test_consent_off_keeps_nothing_and_sends_only_completion_requests(place: Place) -> None:
    with session(place) as (editor, tap, _):
        before = place.files()
        assert play(editor, place) >= 2
        status = editor.status()
        assert (status["consent"], status["recorded"]) == ("off", 0)
        assert CANARY not in json.dumps(status)
        assert editor.shutdown() == 0
        said = editor.process.stderr.read()
    # On disk: no byte of it, in no spelling; and nothing that could hold signals.
    assert place.with_canary() == []
    assert not default_paths().signal_log("ada").parent.exists()
    new = set(place.files()) - set(before)
    assert not [name for name in new if name.endswith((".db", ".sqlite", "-wal", ".jsonl"))], new
    assert not any(spelling in said for spelling in SPELLINGS)
    # On the wire: the configured gateway only, and code in nothing but completion requests.
    heard = place.guard.heard(SERVER)
    assert {event.where for event in heard if event.event == "socket.connect"} == {
        repr(("127.0.0.1", tap.port))
    }
    assert not [event for event in heard if event.event in ("socket.bind", "socket.sendto")]
    assert {event.where for event in heard if event.event == "socket.getaddrinfo"} <= {
        repr("127.0.0.1")
    }
    asked = {line.split("?")[0] for line in tap.requests}
    assert "POST /v1/completions HTTP/1.1" in asked
    assert {line for line in asked if line.startswith("POST")} == {"POST /v1/completions HTTP/1.1"}
    assert not [line for line in tap.requests if CANARY in line]
    # Neither did the gateway or its engine reach out to anything but this machine.
    everyone = [event for event in place.guard.heard("") if event.event == "socket.connect"]
    assert all(event.where.startswith(("('127.0.0.1'", "('::1'")) for event in everyone), everyone


def test_the_guard_and_the_search_would_notice(place: Place) -> None:
    """Or the test above could not fail."""
    code = "import socket; socket.socket(socket.AF_INET, 2).connect(('192.0.2.7', 9))"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert [event.where for event in place.guard.heard("192.0.2.7")] == ["('192.0.2.7', 9)"]
    (place.root / "tmp" / "leak").write_bytes(CANARY.encode("utf-16-le"))
    assert place.with_canary() == ["tmp/leak"]


def _penchant(*arguments: str) -> str:
    """Run a command of ours and return all that it said."""
    command = [sys.executable, "-m", "penchant_core.cli", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    return done.stdout + done.stderr


def _kill_engine() -> None:
    family = psutil.Process(os.getpid()).children(recursive=True)
    engines = [p for p in family if "penchant_server.embedded" in p.cmdline()]
    assert engines
    for process in engines:
        process.kill()


def _provoke(stage: demo.Stage) -> str:
    """Ask the gateway wrongly in many ways; return every answer."""
    url, said = stage.url, []
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
        for body in (
            b'{"prompt": "' + CANARY.encode(),
            json.dumps({"prompt": {CANARY: CANARY}}).encode(),
            json.dumps({"prompt": CANARY, "max_tokens": CANARY}).encode(),
            json.dumps({"prompt": CANARY, "model": CANARY}).encode(),
            json.dumps({"prompt": CANARY * 40_000}).encode(),
            json.dumps({"prompt": CANARY, "stream": True, "n": -1}).encode(),
        ):
            said.append(client.post("/v1/completions", content=body).text)
        said.append(client.post("/v1/nothing", content=CANARY).text)
        for path in ("/metrics", "/healthz", "/readyz", "/v1/models", "/v1/status?developer=ada"):
            said.append(client.get(path).text)
    return "\n".join(said)


def _suffer(editor: Editor, place: Place, stage: demo.Stage) -> str:
    """Faults one after the other, each met while the canary is typed; return what was said."""
    uri = (place.root / "work" / "faults.py").as_uri()
    editor.open(uri, CODE)
    said = _provoke(stage)
    _kill_engine()
    for _ in range(3):
        said += str(editor.answer(editor.ask(uri, 2, 11, INVOKED), timeout=60).get("error", ""))
    said += _provoke(stage)
    pid, none = editor.process.pid, (0, resource.RLIM_INFINITY)
    old = resource.prlimit(pid, resource.RLIMIT_FSIZE, none)  # a full disk
    editor.insert(uri, 2, 11, f"{CANARY}")
    said += json.dumps(editor.status())
    resource.prlimit(pid, resource.RLIMIT_FSIZE, old)
    editor.send({"jsonrpc": "2.0", "id": 7000, "method": CANARY, "params": {CANARY: CANARY}})
    editor.raw(b"Content-Length: 30\r\n\r\n{" + CANARY.encode() + b"}}}}}}}}}}}}}}}}")
    told = [each for each in editor.notifications if each["method"] != "penchant/status"]
    wait_for(lambda: demo._answers(stage.url), 90)
    return said + json.dumps([*told, editor.status()])


def test_with_consent_code_is_in_the_signal_log_only_until_it_is_erased(place: Place) -> None:
    with session(place) as (editor, _, stage):
        editor.consent("local")
        assert play(editor, place) >= 2
        editor.wait_status(lambda status: status["recorded"] >= 2, 30)
        said = _suffer(editor, place, stage)
        said += json.dumps(editor.wait_status(lambda status: not status["waiting"], 30))
        assert play(editor, place, "later.py") >= 1
        assert editor.shutdown() == 0
        said += editor.process.stderr.read().decode()
        said += _penchant("doctor") + _penchant("signals", "stats")
    assert CANARY not in said
    log = default_paths().signal_log("ada")
    with SignalStore(log) as store:
        assert any(CANARY in signal.completion.prefix for signal in store.signals())
    held = place.with_canary()
    assert held  # or nothing was recorded
    folder = str(log.parent.relative_to(place.root))
    assert all(name.startswith(f"{folder}/ada.db") for name in held), held
    assert "erased" in _penchant("signals", "erase", "--all", "--yes").lower()
    assert place.with_canary() == []
