"""Where each value comes from, which values are refused, and what a cloned repository cannot do."""

import os
from pathlib import Path

import pytest

from penchant_core.config import Config, literal, load
from penchant_core.errors import ConfigError
from penchant_core.paths import Paths
from penchant_core.settings import Settings
from penchant_core.workspace_limits import WorkspaceLimits, workspace_limits


def _write(paths: Paths, text: str) -> None:
    paths.config_file.parent.mkdir(parents=True, exist_ok=True)
    paths.config_file.write_text(text)


def test_later_layers_win_and_every_source_is_known(paths: Paths) -> None:
    _write(paths, "[gateway]\nport = 1\nmax_concurrency = 2\n[training]\nseed = 1\n")
    environment = {"PENCHANT_GATEWAY__PORT": "3", "PENCHANT_TRAINING__SEED": "3", "HOME": "/x"}
    config = load({"training.seed": 4, "training.effort": None}, environment=environment)
    assert config.settings.gateway.port == 3
    assert config.settings.gateway.max_concurrency == 2
    assert config.settings.training.seed == 4
    assert config.settings.training.effort == "small"
    assert config.sources == {
        "gateway.port": "environment",
        "gateway.max_concurrency": str(paths.config_file),
        "training.seed": "flag",
    }


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[gateway]\nport = 'x'", "gateway.port"),
        ("[gateway]\nport = 70000", "gateway.port"),
        ("[gateway]\nhost = '0.0.0.0'", "loopback"),
        ("[gateway]\nhost = 'example.org'", "loopback"),
        ("[gateway]\nurl = 'file:///etc/passwd'", "http://"),
        ("[engine]\nurl = 'localhost:8000'", "http://"),
        ("[gateway]\nporte = 1", "gateway.porte"),
        ("[gatewy]\nport = 1", "gatewy"),
        ("port = 1", "outside a"),
        ("[gateway\n", "cannot be read"),
        ("x = " + "9" * 5000, "cannot be read"),
        ("x = " + "[" * 5000 + "]" * 5000, "cannot be read"),
        ("[tracker]\nquiet_s = nan", "tracker.quiet_s"),
        ("[tracker]\nwatch_s = inf", "tracker.watch_s"),
        ("[developer]\nname = '日本'", "developer.name"),
        ("[adapters]\nkeep = 1", "adapters.keep"),
        ("[engine]\nmax_lora_rank = 17", "engine.max_lora_rank"),
        ("[completion]\nlanguages = {python = 'perhaps'}", "completion.languages"),
    ],
    ids=lambda value: value[:30],
)
def test_bad_values_name_their_setting(paths: Paths, text: str, named: str) -> None:
    _write(paths, text)
    with pytest.raises(ConfigError) as caught:
        load(environment={})
    assert named in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_file_that_cannot_be_read(paths: Paths) -> None:
    paths.config_file.mkdir(parents=True)
    with pytest.raises(ConfigError, match="mend or remove"):
        load(environment={})


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("gateway.port", "7", 7),
        ("completion.enabled", "false", False),
        ("tracker.probes_s", "[1, 2.5]", [1, 2.5]),
        ("completion.languages", "{python = false}", {"python": False}),
        ("developer.name", "42", "42"),
        ("developer.team", "true", "true"),
        ("engine.model", "[1]", "[1]"),
        ("gateway.port", "seven", "seven"),
        ("gateway.port", "7\nextra = 1", "7\nextra = 1"),
        ("gateway.port", "9" * 5000, "9" * 5000),
        ("no.such", "1", 1),
    ],
    ids=lambda value: str(value)[:20],
)
def test_text_settings_take_text_and_others_take_toml(name: str, raw: str, value: object) -> None:
    assert literal(name, raw) == value


def test_unknown_environment_settings_are_seen(paths: Paths) -> None:
    with pytest.raises(ConfigError, match="environment"):
        load(environment={"PENCHANT_GATEWAY__PROT": "1"})
    assert load(environment={"PENCHANT_HOME": "x", "PENCHANT": "y"}).sources == {}


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().gateway.port = 1  # type: ignore[misc]


def test_derived_values(paths: Paths) -> None:
    config = load(
        {"developer.name": "Ada L.", "developer.team": "Red Team", "gateway.host": "::1"},
        environment={},
    )
    assert config.settings.owner == "dev/ada-l"
    assert config.settings.team_owner == "team/red-team"
    assert Settings().team_owner is None
    assert config.settings.gateway.address == "http://[::1]:7717"
    assert load({"gateway.url": "https://h/"}).settings.gateway.address == "https://h"
    assert config.adapter_root == paths.adapters
    assert load({"adapters.store": "here"}).adapter_root == Path.cwd() / "here"
    with pytest.raises(ConfigError, match="names no place"):
        _ = load({"adapters.store": "~no-such-user-here/x"}).adapter_root


def test_every_setting_is_described() -> None:
    for section in Settings.model_fields.values():
        for name, field in section.annotation.model_fields.items():  # type: ignore[union-attr]
            assert field.description, name


HOSTILE = [
    "[gateway]\nurl = 'http://evil.example'",
    "[gateway]\nhost = '0.0.0.0'",
    "[gateway]\nport = 1",
    "[engine]\nmodel = '/tmp/evil'",
    "[engine]\nurl = 'http://evil.example'",
    "[engine]\npython = './evil'",
    "[engine]\narguments = ['--trust-remote-code']",
    "[completion]\nenabled = true",
    "[completion]\nlanguages = {python = true}",
    "[completion]\nmax_document_chars = 999999999",
    "[completion]\nprefix_chars = 999999999",
    "[signals]\nretention_days = 99999",
    "[signals]\nignore = 'none'",
    "[adapters]\nstore = './evil'",
    "[training]\nmin_examples = 2",
    "[developer]\nname = 'boss'",
    "[developer]\nteam = 'evil'",
    "[consent]\nlevel = 'team'",
    "[consent]\nworkspace = 'x'",
    "consent = 'team'",
    "gateway.url = 'http://evil.example'",
    "[[gateway]]\nurl = 'http://evil.example'",
    "[tracker]\nquiet_s = 0.1",
    "[ui]\n'\\u001b[31m\\u202e' = 1",
    "[gateway.url]\nx = 1",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_workspace_file_loosens_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / ".penchant.toml").write_text(text)
    limits = workspace_limits(tmp_path)
    assert limits.refused
    free = WorkspaceLimits(refused=limits.refused)
    assert limits == free, "nothing but the refusal may differ from having no file"
    assert all(name.isascii() and name.isprintable() for name in limits.refused)


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"[",
        b"x = " + b"[" * 60_000,
        b"x = " + b"9" * 5000,
        b"# " + b"x" * 70_000,
        b"x = 1\nx = 2",
    ],
    ids=range(6),
)
def test_a_workspace_file_that_cannot_be_read_forbids_recording(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / ".penchant.toml").write_bytes(content)
    assert workspace_limits(tmp_path) == WorkspaceLimits(consent="off", refused=(".penchant.toml",))


def test_links_pipes_and_directories_are_not_followed(tmp_path: Path) -> None:
    path = tmp_path / ".penchant.toml"
    outside = tmp_path / "outside.toml"
    outside.write_text("[completion]\nenabled = false")
    for make in (
        lambda: path.symlink_to("/dev/zero"),
        lambda: path.symlink_to(outside),
        lambda: os.mkfifo(path),
    ):
        make()
        assert workspace_limits(tmp_path).consent == "off"
        path.unlink()
    path.mkdir()
    assert workspace_limits(tmp_path).consent == "off"
    assert workspace_limits(tmp_path / "nowhere") == WorkspaceLimits()
    assert workspace_limits(outside).consent == "off"


def test_what_a_workspace_may_tighten(tmp_path: Path) -> None:
    (tmp_path / ".penchant.toml").write_text(
        "[completion]\nenabled = false\nlanguages = {python = false, go = true}\n"
        "[signals]\nignore = ['private/*', 3]\n[feedback]\nask = false\n"
        "[consent]\nat_most = 'local'\n"
    )
    assert workspace_limits(tmp_path) == WorkspaceLimits(
        enabled=False,
        ask=False,
        languages_off=frozenset({"python"}),
        ignore=("private/*", "3"),
        consent="local",
        refused=("completion.languages",),
    )


@pytest.mark.parametrize("value", ["'OFF'", "0", "['local']", "'everything'", "{}"])
def test_a_limit_on_consent_that_is_not_understood_means_off(tmp_path: Path, value: str) -> None:
    (tmp_path / ".penchant.toml").write_text(f"[consent]\nat_most = {value}")
    assert workspace_limits(tmp_path).consent == "off"


def test_config_is_a_plain_value(paths: Paths) -> None:
    assert Config(Settings(), paths) == Config(Settings(), paths, {})
