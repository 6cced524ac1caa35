"""What of other files arrives in the gateway's request, from the real language server."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from broken.editor import Editor
from broken.gateway import Gateway

from penchant_core.paths import default_paths
from penchant_core.store import SignalStore

MODEL = '''class Invoice:
    """What a customer owes."""

    def __init__(self, customer: str, cents: int) -> None:
        self.customer = customer
        self.cents = cents

    def pay(self, cents: int) -> bool:
        """Take money in."""
        self.cents -= cents
        return self.cents <= 0
'''


@pytest.fixture
def work(tmp_path: Path) -> Path:
    root = tmp_path / "work"
    (root / "shop").mkdir(parents=True)
    (root / ".gitignore").write_text("generated.py\n")
    (root / "shop" / "__init__.py").write_text("")
    (root / "shop" / "model.py").write_text(MODEL)
    (root / "shop" / "generated.py").write_text(
        "def invoice_canary(x: int) -> int:\n    return x\n"
    )
    (root / "shop" / "secrets.py").write_text("def secrets_canary(x: int) -> int:\n    return x\n")
    return root


@pytest.fixture
def session(home: Path, work: Path) -> Iterator[tuple[Gateway, Editor]]:
    with (
        Gateway("value") as gateway,
        Editor(
            home,
            gateway.address,
            workspace=work,
            environment={"PENCHANT_CONTEXT__DEADLINE_MS": "200"},
        ) as editor,
    ):
        yield gateway, editor


def _ask_until(
    gateway: Gateway,
    editor: Editor,
    uri: str,
    text: str,
    sent: Callable[[list[dict[str, Any]]], bool],
) -> list[dict[str, Any]]:
    """Ask at new places of a document until its context is as wished."""
    line = text.count("\n")
    editor.open(uri, text)
    end = time.monotonic() + 30
    number = 0
    while True:
        number += 1
        word = f"x{number} = "
        editor.insert(uri, line, 0, word)
        editor.complete(uri, line, len(word))
        context = gateway.requests[-1]["penchant"].get("context", [])
        if sent(context):
            return context
        assert time.monotonic() < end, context
        time.sleep(0.1)


def _texts(context: list[dict[str, Any]]) -> str:
    return "\n".join(each["text"] for each in context)


def _anything(_: list[dict[str, Any]]) -> bool:
    return True


def _has_imports(found: list[dict[str, Any]]) -> bool:
    return any(each["why"].startswith("imports") for each in found)


def test_an_imported_definition_arrives_and_is_recorded(
    session: tuple[Gateway, Editor], work: Path
) -> None:
    gateway, editor = session
    editor.consent("local")
    uri = (work / "shop" / "till.py").as_uri()
    text = (
        "from .model import Invoice\n\n\n"
        "def settle(invoice: Invoice) -> None:\n    invoice.pay(3)\n\n"
    )
    context = _ask_until(gateway, editor, uri, text, _has_imports)
    [model] = [each for each in context if each["why"].startswith("imports")]
    assert model["path"] == "shop/model.py"
    assert model["text"].startswith('class Invoice:\n    """What a customer owes."""')
    assert "    def pay(self, cents: int) -> bool:" in model["text"]
    assert editor.shutdown() == 0
    with SignalStore(default_paths().signal_log("ada")) as store:
        recorded = [signal.completion for signal in store.signals()]
    sent = [tuple(each["text"] for each in r["penchant"]["context"]) for r in gateway.requests]
    stored = [tuple(each.text for each in one.context) for one in recorded]
    assert any(stored)
    assert set(stored) <= set(sent)


def test_ignored_files_stay_out(session: tuple[Gateway, Editor], work: Path) -> None:
    gateway, editor = session
    for name in ("generated.py", "secrets.py"):
        editor.open((work / "shop" / name).as_uri(), (work / "shop" / name).read_text())
        editor.complete((work / "shop" / name).as_uri(), 0, 0)
    text = (
        "from .model import Invoice\nfrom .generated import invoice_canary\n"
        "from .secrets import secrets_canary\n\ninvoice_canary(2)\nsecrets_canary(Invoice(1))\n"
    )
    uri = (work / "shop" / "till.py").as_uri()
    gateway.requests.clear()
    _ask_until(gateway, editor, uri, text, _has_imports)
    for request in gateway.requests:
        assert "x: int" not in _texts(request["penchant"].get("context", []))


def test_an_edit_elsewhere_arrives_and_sources_can_be_switched_off(home: Path, work: Path) -> None:
    for sources, arrives in (('["edits"]', True), ("[]", False)):
        with (
            Gateway("value") as gateway,
            Editor(
                home,
                gateway.address,
                workspace=work,
                environment={
                    "PENCHANT_CONTEXT__SOURCES": sources,
                    "PENCHANT_CONTEXT__DEADLINE_MS": "200",
                },
            ) as editor,
        ):
            other = (work / "shop" / "other.py").as_uri()
            editor.open(other, "import os\n\n\n\n")
            editor.complete(other, 0, 0)
            editor.insert(other, 3, 0, "def rounded_price(cents):\n    return cents // 100\n")
            uri = (work / "shop" / "till.py").as_uri()
            context = _ask_until(gateway, editor, uri, "y = 1\n", bool if arrives else _anything)
            assert ("rounded_price" in _texts(context)) is arrives
            if arrives:
                assert [each["path"] for each in context] == ["shop/other.py"]
                assert context[0]["why"] == "edits: edited lately"


def test_the_model_decides_how_much(home: Path, work: Path) -> None:
    with Gateway("value") as gateway, Editor(home, gateway.address, workspace=work) as editor:
        gateway.served_by["window"] = {"prefix_chars": 50, "suffix_chars": 9, "context_chars": 60}
        editor.open((work / "a.py").as_uri(), MODEL)
        uri = (work / "b.py").as_uri()
        context = _ask_until(gateway, editor, uri, "def pay(self, cents):\n", bool)
        editor.insert(uri, 1, 0, "y = ")
        editor.complete(uri, 1, 4)
        context = gateway.requests[-1]["penchant"]["context"]
        assert 0 < len(_texts(context)) <= 60
