"""Core's commands, run as a user runs them, on real files."""

import json
import shlex
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner
from samples import write_adapter
from unit.core.calls import as_json, run

from penchant_core.adapters import AdapterStore
from penchant_core.card import sealed
from penchant_core.cli import main
from penchant_core.consent import ConsentRecord, Level, workspace_id
from penchant_core.paths import Paths
from penchant_core.settings import Settings

pytestmark = pytest.mark.usefixtures("home")


# config


def test_config_show_has_every_setting_with_its_source(paths: Paths) -> None:
    run("config", "set", "training.effort", "large")
    shown = as_json("config", "show")
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
    assert "training.effort" in run("config", "show").stdout


def test_config_set_keeps_the_rest_of_the_file(paths: Paths) -> None:
    paths.config_file.parent.mkdir(parents=True)
    paths.config_file.write_text(
        "# mine\n[training]\nseed = 4  # lucky\n\n[gateway]\nport = 1  # old\n"
    )
    run("config", "set", "gateway.port", "7000")
    run("config", "set", "completion.languages", "{markdown = false}")
    run("config", "set", "engine.model", "Qwen/Qwen2.5-Coder-0.5B")
    text = paths.config_file.read_text()
    assert text.startswith("# mine\n[training]\nseed = 4  # lucky\n\n[gateway]\nport = 7000")
    assert stat.S_IMODE(paths.config_file.stat().st_mode) == 0o600
    shown = as_json("config", "show")
    assert shown["completion.languages"]["value"] == {"markdown": False}
    assert shown["engine.model"]["value"] == "Qwen/Qwen2.5-Coder-0.5B"
    assert shown["training.seed"]["value"] == 4


def test_config_path_says_where_everything_is(paths: Paths) -> None:
    assert run("config", "path").stdout == f"{paths.config_file}\n"
    every = run("config", "path", "--all").stdout
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
    run("config", "set", "gateway.port", "7000")
    before = paths.config_file.read_bytes()
    result = run("config", "set", name, value, code=2)
    assert result.stderr.startswith("penchant: ")
    assert paths.config_file.read_bytes() == before


def test_config_set_on_a_broken_file(paths: Paths) -> None:
    paths.config_file.parent.mkdir(parents=True)
    for text in ("[gateway\n", "gateway = 3\n"):
        paths.config_file.write_text(text)
        run("config", "set", "gateway.port", "1", code=2)
        run("config", "check", code=2)
        assert paths.config_file.read_text() == text


def test_config_set_says_when_something_else_wins() -> None:
    result = run("config", "set", "developer.name", "grace")
    assert "environment sets developer.name as well" in result.stderr
    run("config", "check")


# consent


def test_consent_is_asked_shown_and_withdrawn(tmp_path: Path, paths: Paths) -> None:
    where = ("--workspace", str(tmp_path))
    assert as_json("consent", "show", *where)["level"] == "off"
    refused = run("consent", "set", "local", *where, code=1)
    assert "this machine only" in refused.stdout
    assert "accepted_edited" in refused.stdout, "a sample of what would be stored"
    assert ConsentRecord(paths.consent_file).level(workspace_id(tmp_path)) is Level.OFF
    run("consent", "set", "local", "--yes", *where)
    assert as_json("consent", "show", *where)["level"] == "local"
    assert "local" in run("consent", "show").stdout, "other workspaces are listed"
    assert "accepted_edited" not in run("consent", "set", "off", *where).stdout
    assert as_json("consent", "show", *where)["level"] == "off"
    history = as_json("consent", "history")
    assert [decision["level"] for decision in history] == ["local", "off"]
    with paths.consent_file.open("a") as file:
        file.write("torn")
    assert "unreadable" in run("consent", "history").stdout
    run("consent", "set", "everything", code=2)


def test_withdrawing_is_one_command_that_names_the_next(tmp_path: Path, paths: Paths) -> None:
    where = tmp_path / "my project"
    where.mkdir()
    run("consent", "set", "team", "--yes", "--workspace", str(where))
    output = run("consent", "withdraw", "--workspace", str(where)).stdout
    assert ConsentRecord(paths.consent_file).level(workspace_id(where)) is Level.OFF
    (erase,) = (line.strip() for line in output.splitlines() if "signals erase" in line)
    assert "0 signal(s) erased" in run(*shlex.split(erase)[1:], "--yes").stdout
    assert [d["level"] for d in as_json("consent", "history")] == ["team", "off"]


def test_a_link_to_a_workspace_is_the_same_workspace(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    run("consent", "set", "local", "--yes", "--workspace", str(tmp_path / "link"))
    assert as_json("consent", "show", "--workspace", str(tmp_path / "real"))["level"] == "local"


def test_no_history() -> None:
    assert "nothing is recorded" in run("consent", "history").stdout


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
    assert [(v["version"], v["live"]) for v in as_json("adapters", "list")] == [
        (first, False),
        (second, False),
    ]
    run("adapters", "promote", "dev/ada", first)
    run("adapters", "promote", "dev/ada", second)
    assert as_json("adapters", "show", "dev/ada", second)["live"] is True
    assert "live" in run("adapters", "list").stdout
    assert "method" in run("adapters", "show", "dev/ada", first).stdout
    assert first in run("adapters", "rollback", "dev/ada").stdout
    run("adapters", "promote", "dev/ada", "base")
    assert store.live("dev/ada") is None
    run("adapters", "promote", "dev/ada", "v0099", code=1)
    run("adapters", "show", "nobody", "v0001", code=1)


def test_a_trial_is_shown_and_ended_by_one_command(
    bundled: tuple[AdapterStore, list[str]],
) -> None:
    store, (first, second) = bundled
    store.promote("dev/ada", first)
    store.begin_trial("dev/ada", second, wanted=100)
    store.count_trial("dev/ada", second, 37)
    assert "on trial: 37 of 100" in run("adapters", "list").stdout
    assert as_json("adapters", "show", "dev/ada", second)["state"] == "on trial: 37 of 100"
    said = run("adapters", "rollback", "dev/ada").stdout
    assert f"{second} is no longer on trial; {first} stays" in said
    assert "trial stopped" in run("adapters", "list").stdout
    store.begin_trial("dev/ada", second, wanted=100)
    run("adapters", "promote", "dev/ada", second)
    trial = store.trial("dev/ada")
    assert trial is not None and trial.end == "live"


def test_adapters_show_says_what_was_learned_of_the_style(
    bundled: tuple[AdapterStore, list[str]],
) -> None:
    store, (first, _) = bundled
    sentences = ["double quotes: 41 % → 96 %; you: 97 %", "not learned: f-strings: 1 % → 2 %"]
    card = store.get("dev/ada", first).card.model_copy(
        update={"style": {"sentences": sentences, "lines": [], "judged": 2}}
    )
    directory = store.get("dev/ada", first).path
    (directory / "card.json").write_text(sealed(card), "utf-8")
    lines = run("adapters", "show", "dev/ada", first).stdout.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("style "))
    assert lines[at].split(maxsplit=1)[1] == sentences[0]
    assert lines[at + 1].strip() == sentences[1]
    assert as_json("adapters", "show", "dev/ada", first)["style"]["sentences"] == sentences


def test_an_older_card_says_nothing_of_style(bundled: tuple[AdapterStore, list[str]]) -> None:
    _, (first, _) = bundled
    lines = run("adapters", "show", "dev/ada", first).stdout.splitlines()
    assert not any(line.startswith("style") for line in lines)


def test_adapters_verify(bundled: tuple[AdapterStore, list[str]]) -> None:
    store, (first, second) = bundled
    assert "2 version(s) verified" in run("adapters", "verify").stdout
    run("adapters", "verify", "dev/ada", first)
    card = store.get("dev/ada", second).path / "card.json"
    card.chmod(0o600)
    card.write_bytes(card.read_bytes().replace(b'"sft"', b'"dpo"'))
    result = run("adapters", "verify", "dev/ada", code=1)
    assert f"✗ dev/ada {second}" in result.stdout
    assert f"✓ dev/ada {first}" in result.stdout
    run("adapters", "promote", "dev/ada", second, code=1)
    run("adapters", "verify", "dev/ada", "v0042", code=1)


def test_no_adapters_yet() -> None:
    assert "No adapters yet" in run("adapters", "list").stdout
    run("adapters", "rollback", "dev/ada", code=1)


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
    output = run("doctor", code=1).stdout
    assert "✗ settings" in output
    assert "→ mend or remove" in output
