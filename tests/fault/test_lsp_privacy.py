"""Nothing is stored before consent, secrets and ignored files never are, no log holds code."""

from pathlib import Path

import pytest
from broken.editor import Editor
from broken.gateway import Gateway

from penchant_core.paths import default_paths
from penchant_core.store import SignalStore

CANARY = "canary_5d1f0c"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def _everything(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


def _play(editor: Editor, uri: str, text: str = f"{CANARY} = ") -> None:
    """Show, accept, reject, save and close in one document."""
    editor.open(uri, text)
    [item] = editor.complete(uri, 0, len(text))
    editor.accept(uri, item)
    editor.insert(uri, 0, 0, "\n")
    for item in editor.complete(uri, 0, 0)[:1]:
        editor.insert(uri, 0, 0, "z")
        editor.notify("textDocument/didShowCompletion", {"item": item})
    editor.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    editor.wait_status(lambda status: not status["open"] and not status["waiting"])
    editor.notify("textDocument/didClose", {"textDocument": {"uri": uri}})


def test_without_consent_no_byte_is_stored(home: Path, work: Path) -> None:
    paths = default_paths()
    with (
        Gateway(f"{CANARY}()") as gateway,
        Editor(home, gateway.address, workspace=work) as editor,
    ):
        _play(editor, (work / "a.py").as_uri())
        status = editor.status()
        assert (status["consent"], status["consentAsked"]) == ("off", False)
        assert (status["recorded"], status["shown"]) == (0, 2)
        assert editor.shutdown() == 0
    assert not paths.signal_log("ada").parent.exists()
    assert CANARY.encode() not in _everything(home)


@pytest.mark.parametrize("why", ["untrusted", "forbidden", "withdrawn"])
def test_consent_that_does_not_count(home: Path, work: Path, why: str) -> None:
    if why == "forbidden":
        (work / ".penchant.toml").write_text('[consent]\nat_most = "off"\n')
    options = {"workspaceTrusted": why != "untrusted"}
    with (
        Gateway(f"{CANARY}()") as gateway,
        Editor(home, gateway.address, workspace=work, options=options) as editor,
    ):
        editor.consent("local")
        if why == "withdrawn":
            assert editor.consent("off")["level"] == "off"
        assert editor.status()["consent"] == "off"
        _play(editor, (work / "a.py").as_uri())
        assert editor.shutdown() == 0
    assert CANARY.encode() not in _everything(home)


def test_withdrawn_while_a_suggestion_is_open(home: Path, work: Path) -> None:
    uri = (work / "a.py").as_uri()
    with (
        Gateway(f"{CANARY}()") as gateway,
        Editor(home, gateway.address, workspace=work) as editor,
    ):
        editor.consent("local")
        editor.open(uri, "x = ")
        [item] = editor.complete(uri, 0, 4)
        editor.consent("off")
        editor.accept(uri, item)
        editor.wait_status(lambda status: not status["open"] and not status["waiting"])
        assert editor.status()["recorded"] == 0
    assert CANARY.encode() not in _everything(home)


def test_given_while_a_suggestion_is_open(home: Path, work: Path) -> None:
    uri = (work / "a.py").as_uri()
    with (
        Gateway(f"{CANARY}()") as gateway,
        Editor(home, gateway.address, workspace=work) as editor,
    ):
        editor.open(uri, "x = ")
        [item] = editor.complete(uri, 0, 4)
        editor.consent("local")
        editor.accept(uri, item)
        editor.wait_status(lambda status: not status["open"] and not status["waiting"])
        assert editor.status()["recorded"] == 0
    assert CANARY.encode() not in _everything(home)


@pytest.mark.parametrize("name", [".env", "deploy/id_rsa", "own/skip.py", "theirs/skip.py"])
def test_ignored_files_are_never_recorded(home: Path, work: Path, name: str) -> None:
    (work / ".penchant.toml").write_text('[signals]\nignore = ["theirs/*"]\n')
    settings = {"PENCHANT_SIGNALS__IGNORE": '["own"]'}
    with (
        Gateway(f"{CANARY}()") as gateway,
        Editor(home, gateway.address, workspace=work, environment=settings) as editor,
    ):
        editor.consent("local")
        _play(editor, (work / name).as_uri())
        assert editor.status()["recorded"] == 0
    assert CANARY.encode() not in _everything(home)


SECRET = "ghp_0123456789abcdefghijABCDEFGHIJ012345"


@pytest.mark.parametrize("where", ["before", "after", "suggested", "instead"])
def test_a_secret_drops_the_signal_whole(home: Path, work: Path, where: str) -> None:
    uri = (work / "a.py").as_uri()
    before = f"token = '{SECRET}'  # {CANARY}\n" if where == "before" else f"# {CANARY}\n"
    after = f"\ntoken = '{SECRET}'\n" if where == "after" else "\n"
    text = f"'{SECRET}'" if where == "suggested" else "value"
    with Gateway(text) as gateway, Editor(home, gateway.address, workspace=work) as editor:
        editor.consent("local")
        editor.open(uri, f"{before}x = {after}")
        [item] = editor.complete(uri, 1, 4)
        if where == "instead":
            for index, character in enumerate(f"'{SECRET}'"):
                editor.insert(uri, 1, 4 + index, character)
        else:
            editor.accept(uri, item)
        editor.wait_status(lambda status: status["dropped"] == 1)
    assert SECRET.encode() not in _everything(home)
    assert CANARY.encode() not in _everything(home)


def test_no_log_holds_code(home: Path, work: Path) -> None:
    """Through answers, errors, malformed messages and a broken gateway, with consent given."""
    uri = (work / f"{CANARY}_file.py").as_uri()
    with (
        Gateway(f"{CANARY}()") as gateway,
        Editor(home, gateway.address, workspace=work) as editor,
    ):
        editor.consent("local")
        _play(editor, uri)
        editor.send({"jsonrpc": "2.0", "id": 5000, "method": CANARY, "params": {CANARY: 1}})
        editor.send_request("textDocument/inlineCompletion", {"textDocument": CANARY})
        editor.send_request("workspace/executeCommand", {"command": CANARY, "arguments": [CANARY]})
        editor.raw(b"Content-Length: 20\r\n\r\n{" + CANARY.encode() + b"}}}}}}}")
        editor.open(uri, f"{CANARY} = ")
        for mode in ("garbage", "refuses", "resets"):
            gateway.mode = mode
            editor.change(uri, {"text": f"{CANARY}_{mode} = "})
            editor.complete(uri, 0, len(CANARY) + len(mode) + 4)
        assert editor.shutdown() == 0
        stderr = editor.process.stderr.read()
    logs = list(default_paths().logs.rglob("*"))
    assert logs
    assert b"no completion" in b"".join(path.read_bytes() for path in logs)
    for path in logs:
        assert CANARY.encode() not in path.read_bytes(), path
    assert CANARY.encode() not in stderr
    with SignalStore(default_paths().signal_log("ada")) as store:
        assert any(CANARY in signal.completion.prefix for signal in store.signals())
