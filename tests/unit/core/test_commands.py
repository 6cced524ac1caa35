"""Core's commands, run as a user runs them, on real files."""

import json
import shlex
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from samples import signal, write_adapter

from penchant_core.adapters import AdapterStore
from penchant_core.cli import main
from penchant_core.config import Settings
from penchant_core.consent import ConsentRecord, Level, workspace_id
from penchant_core.paths import Paths
from penchant_core.signals import Rating
from penchant_core.store import SignalStore

pytestmark = pytest.mark.usefixtures("home")


def _run(*arguments: str, code: int = 0, **options: Any) -> Result:
    result = CliRunner().invoke(main, list(arguments), **options)
    assert result.exit_code == code, (result.output, result.exception)
    return result


def _json(*arguments: str, **options: Any) -> Any:
    return json.loads(_run(*arguments, "--json", **options).stdout)


# config


def test_config_show_has_every_setting_with_its_source(paths: Paths) -> None:
    _run("config", "set", "training.effort", "large")
    shown = _json("config", "show")
    names = {
        f"{section}.{key}"
        for section, field in Settings.model_fields.items()
        for key in field.annotation.model_fields  # type: ignore[union-attr]
    }
    assert set(shown) == names
    assert shown["training.effort"] == {
        "value": "large",
        "source": str(paths.config_file),
        "description": "The one dial",
    }
    assert shown["developer.name"]["source"] == "environment"
    assert shown["gateway.port"]["source"] == "default"
    assert "training.effort" in _run("config", "show").stdout


def test_config_set_keeps_the_rest_of_the_file(paths: Paths) -> None:
    paths.config_file.parent.mkdir(parents=True)
    paths.config_file.write_text(
        "# mine\n[training]\nseed = 4  # lucky\n\n[gateway]\nport = 1  # old\n"
    )
    _run("config", "set", "gateway.port", "7000")
    _run("config", "set", "completion.languages", "{markdown = false}")
    _run("config", "set", "engine.model", "Qwen/Qwen2.5-Coder-0.5B")
    text = paths.config_file.read_text()
    assert text.startswith("# mine\n[training]\nseed = 4  # lucky\n\n[gateway]\nport = 7000")
    assert stat.S_IMODE(paths.config_file.stat().st_mode) == 0o600
    shown = _json("config", "show")
    assert shown["completion.languages"]["value"] == {"markdown": False}
    assert shown["engine.model"]["value"] == "Qwen/Qwen2.5-Coder-0.5B"
    assert shown["training.seed"]["value"] == 4


def test_config_path_says_where_everything_is(paths: Paths) -> None:
    assert _run("config", "path").stdout == f"{paths.config_file}\n"
    every = _run("config", "path", "--all").stdout
    for place in (paths.config_file, paths.consent_file, paths.signal_log("ada"), paths.adapters):
        assert str(place) in every


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("gateway.port", "x"),
        ("gateway.host", "0.0.0.0"),
        ("gateway.nonsense", "1"),
        ("nonsense.port", "1"),
        ("port", "1"),
        ("gateway.port.more", "1"),
    ],
)
def test_config_set_refuses_and_leaves_the_file(paths: Paths, name: str, value: str) -> None:
    _run("config", "set", "gateway.port", "7000")
    before = paths.config_file.read_bytes()
    result = _run("config", "set", name, value, code=2)
    assert result.stderr.startswith("penchant: ")
    assert paths.config_file.read_bytes() == before


def test_config_set_on_a_broken_file(paths: Paths) -> None:
    paths.config_file.parent.mkdir(parents=True)
    for text in ("[gateway\n", "gateway = 3\n"):
        paths.config_file.write_text(text)
        _run("config", "set", "gateway.port", "1", code=2)
        _run("config", "check", code=2)
        assert paths.config_file.read_text() == text


def test_config_set_says_when_something_else_wins() -> None:
    result = _run("config", "set", "developer.name", "grace")
    assert "environment sets developer.name as well" in result.stderr
    _run("config", "check")


# consent


def test_consent_is_asked_shown_and_withdrawn(tmp_path: Path, paths: Paths) -> None:
    where = ("--workspace", str(tmp_path))
    assert _json("consent", "show", *where)["level"] == "off"
    refused = _run("consent", "set", "local", *where, code=1)
    assert "this machine only" in refused.stdout
    assert "accepted_edited" in refused.stdout, "a sample of what would be stored"
    assert ConsentRecord(paths.consent_file).level(workspace_id(tmp_path)) is Level.OFF
    _run("consent", "set", "local", "--yes", *where)
    assert _json("consent", "show", *where)["level"] == "local"
    assert "local" in _run("consent", "show").stdout, "other workspaces are listed"
    assert "accepted_edited" not in _run("consent", "set", "off", *where).stdout
    assert _json("consent", "show", *where)["level"] == "off"
    history = _json("consent", "history")
    assert [decision["level"] for decision in history] == ["local", "off"]
    with paths.consent_file.open("a") as file:
        file.write("torn")
    assert "unreadable" in _run("consent", "history").stdout
    _run("consent", "set", "everything", code=2)


def test_withdrawing_is_one_command_that_names_the_next(tmp_path: Path, paths: Paths) -> None:
    where = tmp_path / "my project"
    where.mkdir()
    _run("consent", "set", "team", "--yes", "--workspace", str(where))
    output = _run("consent", "withdraw", "--workspace", str(where)).stdout
    assert ConsentRecord(paths.consent_file).level(workspace_id(where)) is Level.OFF
    (erase,) = (line.strip() for line in output.splitlines() if "signals erase" in line)
    assert "0 signal(s) erased" in _run(*shlex.split(erase)[1:], "--yes").stdout
    assert [d["level"] for d in _json("consent", "history")] == ["team", "off"]


def test_a_link_to_a_workspace_is_the_same_workspace(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    _run("consent", "set", "local", "--yes", "--workspace", str(tmp_path / "link"))
    assert _json("consent", "show", "--workspace", str(tmp_path / "real"))["level"] == "local"


def test_no_history() -> None:
    assert "nothing is recorded" in _run("consent", "history").stdout


# signals


@pytest.fixture
def three(store: SignalStore) -> SignalStore:
    store.add(signal("a", at=1000.0, retained_chars=30))
    store.add(signal("b", at=90_000.0, kind="rejected", language="go", path="x.go"))
    store.add(signal("c", at=180_000.0, adapter="dev/ada", version="v0001", prefix="\x1b[31mred"))
    store.rate(Rating("a", 1.0, "comparison", 0, (0,), "better"))
    return store


def test_signals_show(three: SignalStore) -> None:
    assert [s["completion"]["id"] for s in _json("signals", "show")] == ["a", "b", "c"]
    assert [s["completion"]["id"] for s in _json("signals", "show", "--last", "1")] == ["c"]
    output = _run("signals", "show").stdout
    assert "rejected" in output
    assert "\x1b" not in output
    three.erase()
    assert "No signals" in _run("signals", "show").stdout


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--language", "python"), "ac"),
        (("--path", "src/*"), "ac"),
        (("--path", "x.go"), "b"),
        (("--outcome", "rejected"), "b"),
        (("--since", "1970-01-02"), "bc"),
        (("--since", "1970-01-02", "--language", "python", "--last", "1"), "c"),
        (("--language", "cobol"), ""),
    ],
    ids=str,
)
def test_signals_show_filters(
    three: SignalStore, options: tuple[str, ...], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    found = _json("signals", "show", *options)
    assert "".join(s["completion"]["id"] for s in found) == expected
    assert ("No signal matches" in _run("signals", "show", *options).stdout) == (not expected)
    _run("signals", "show", "--outcome", "adored", code=2)


def test_signals_stats(three: SignalStore) -> None:
    three.add(signal("d", kind=None, shown=None, not_shown="late"))
    found = _json("signals", "stats")
    row = {
        "signals": 4,
        "shown": 3,
        "accepted": 2,
        "rejected": 1,
        "retained_chars": 38,
        "retained_per_shown": pytest.approx(38 / 3),
        "kept_share": None,
    }
    assert {name: found[name] for name in row} == row
    assert set(found) - set(row) == {
        "by_version", "by_language", "by_hour", "by_kind", "by_outcome",
    }  # fmt: skip
    assert found["by_version"]["dev/ada/v0001"]["retained_per_shown"] == 8.0
    assert {name: part["shown"] for name, part in found["by_kind"].items()} == {"go": 1, "py": 2}
    for breakdown in ("version", "language", "hour", "kind"):
        assert sum(part["shown"] for part in found[f"by_{breakdown}"].values()) == 3
        table = _run("signals", "stats", "--by", breakdown).stdout
        assert f"{breakdown.upper()} " in table
        assert all(name in table for name in found[f"by_{breakdown}"])
    assert "dev/ada/v0001" in _run("signals", "stats").stdout


def test_signals_stats_of_an_empty_log_and_of_odd_names(store: SignalStore) -> None:
    assert "0 signal(s)" in _run("signals", "stats").stdout
    for number in range(9):
        store.add(signal(f"c{number}", language=f"\x1b[3{number}m"))
    output = _run("signals", "stats").stdout
    assert "\x1b" not in output
    assert "and 4 more: penchant signals stats --by language" in output


def test_export_erase_import_gives_equal_rows(three: SignalStore, tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    before = [(s.completion, s.outcome) for s in three.signals()]
    ratings = three.ratings()
    assert "3 signal(s)" in _run("signals", "export", str(file)).stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert _run("signals", "export", "-").stdout == file.read_text()
    assert _run("signals", "erase", "--all", "--yes").stdout.startswith("3 signal(s) erased")
    assert _run("signals", "export", "-").stdout == ""
    assert "3 signal(s) imported, 0" in _run("signals", "import", str(file)).stdout
    assert [(s.completion, s.outcome) for s in three.signals()] == before
    assert three.ratings() == ratings
    assert "0 signal(s) imported, 3" in _run("signals", "import", str(file)).stdout


def test_what_cannot_be_exported_or_imported(three: SignalStore, tmp_path: Path) -> None:
    _run("signals", "export", str(tmp_path / "no" / "where.jsonl"), code=1)
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(b"\xff\xfe")
    _run("signals", "import", str(bad), code=1)
    bad.write_text('{"schema": 1}\n')
    assert "line 1" in _run("signals", "import", str(bad), code=1).stderr


@pytest.mark.parametrize(
    ("options", "left"),
    [
        (("--language", "go"), "ac"),
        (("--path", "src/a.py"), "b"),
        (("--before", "1970-01-02"), "bc"),
        (("--after", "1970-01-02T00:00:00"), "a"),
        (("--after", "1970-01-02", "--before", "1970-01-03"), "ac"),
        (("--workspace", "/nowhere"), "abc"),
    ],
    ids=str,
)
def test_erase_by_criteria(
    three: SignalStore, options: tuple[str, ...], left: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    _run("signals", "erase", *options, "--yes")
    assert "".join(s.completion.id for s in three.signals()) == left


def test_erase_asks_and_wants_to_know_what(three: SignalStore) -> None:
    for arguments in ((), ("--all", "--language", "go")):
        _run("signals", "erase", "--yes", *arguments, code=2)
    result = _run("signals", "erase", "--all", code=1)
    assert "--yes" in result.stderr
    assert len(three) == 3


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """No gateway answers."""
    monkeypatch.setenv("PENCHANT_GATEWAY__PORT", "1")


@pytest.mark.usefixtures("nobody")
def test_erase_withdraws_the_adapters_that_had_learned(
    three: SignalStore, publish: Callable[..., str], adapters: AdapterStore
) -> None:
    first = publish(signal_ids=["a", "z"])
    second = publish(signal_ids=["z"])
    third = publish(signal_ids=["a"])
    for version in (first, second, third):
        adapters.promote("dev/ada", version)
    output = _run("signals", "erase", "--path", "src/a.py", "--yes").stdout
    assert "2 adapter version(s)" in output
    assert f"dev/ada  {first}" in output
    assert f"dev/ada  {third}" in output
    assert f"dev/ada: {second} serves now" in output
    assert "A rebuild without them is scheduled" in output
    assert adapters.pointer("dev/ada").version == second
    assert "withdrawn" not in _run("signals", "erase", "--language", "go", "--yes").stdout


def test_prune(three: SignalStore) -> None:
    _run("config", "set", "signals.retention_days", "1")
    assert _run("signals", "prune").stdout.startswith("2 signal(s) erased")
    assert [s.completion.id for s in three.signals()] == ["c"]


# adapters


@pytest.fixture
def bundled(paths: Paths) -> tuple[AdapterStore, list[str]]:
    """Two sound versions for the bundled base model."""
    import struct

    from samples import make_card, write_safetensors

    from penchant_core.models import resolve

    base = resolve("bundled", paths.cache)
    store = AdapterStore(paths.adapters, base.fingerprint)
    shapes = base.shapes()
    module = next(n for n in sorted(shapes) if n.endswith("q_proj.weight"))
    out, into = shapes[module]
    name = f"base_model.model.{module.removesuffix('.weight')}"
    names = []
    for number in range(2):
        with store.staging("dev/ada") as staged:
            write_adapter(staged, target_modules=["q_proj"])
            fill = struct.pack("<f", float(number))
            write_safetensors(
                staged / "adapter_model.safetensors",
                {
                    f"{name}.lora_A.weight": ("F32", (2, into), fill * (2 * into)),
                    f"{name}.lora_B.weight": ("F32", (out, 2), fill * (2 * out)),
                },
            )
            names.append(store.publish(staged, make_card(), shapes=shapes).version)
    return store, names


def test_adapters_list_show_promote_rollback(bundled: tuple[AdapterStore, list[str]]) -> None:
    store, (first, second) = bundled
    assert [(v["version"], v["live"]) for v in _json("adapters", "list")] == [
        (first, False),
        (second, False),
    ]
    _run("adapters", "promote", "dev/ada", first)
    _run("adapters", "promote", "dev/ada", second)
    assert _json("adapters", "show", "dev/ada", second)["live"] is True
    assert "live" in _run("adapters", "list").stdout
    assert "method" in _run("adapters", "show", "dev/ada", first).stdout
    assert first in _run("adapters", "rollback", "dev/ada").stdout
    _run("adapters", "promote", "dev/ada", "base")
    assert store.live("dev/ada") is None
    _run("adapters", "promote", "dev/ada", "v0099", code=1)
    _run("adapters", "show", "nobody", "v0001", code=1)


def test_adapters_verify(bundled: tuple[AdapterStore, list[str]]) -> None:
    store, (first, second) = bundled
    assert "2 version(s) verified" in _run("adapters", "verify").stdout
    _run("adapters", "verify", "dev/ada", first)
    card = store.get("dev/ada", second).path / "card.json"
    card.chmod(0o600)
    card.write_bytes(card.read_bytes().replace(b'"sft"', b'"dpo"'))
    result = _run("adapters", "verify", "dev/ada", code=1)
    assert f"✗ dev/ada {second}" in result.stdout
    assert f"✓ dev/ada {first}" in result.stdout
    _run("adapters", "promote", "dev/ada", second, code=1)
    _run("adapters", "verify", "dev/ada", "v0042", code=1)


def test_no_adapters_yet() -> None:
    assert "No adapters yet" in _run("adapters", "list").stdout
    _run("adapters", "rollback", "dev/ada", code=1)


# doctor


def test_doctor_prints_the_checks_of_every_room() -> None:
    result = CliRunner().invoke(main, ["doctor", "--json"])
    found = json.loads(result.stdout)
    needed = [check["ok"] for check in found["checks"] if not check["optional"]]
    assert found["ok"] is all(needed)
    assert result.exit_code == (0 if found["ok"] else 1)
    names = {check["name"]: check["ok"] for check in found["checks"]}
    assert all(names[name] for name in ("settings", "data directory", "consent", "adapters"))


def test_doctor_reports_broken_settings(paths: Paths) -> None:
    paths.config_file.parent.mkdir(parents=True)
    paths.config_file.write_text("[gateway\n")
    output = _run("doctor", code=1).stdout
    assert "✗ settings" in output
    assert "→ mend or remove" in output
