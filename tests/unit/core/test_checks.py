"""Core's checks find what is wrong and nothing else; the doctor survives every room."""

from collections.abc import Callable
from importlib import metadata

import pytest
from samples import signal

from penchant_core.adapters import AdapterStore
from penchant_core.checks import Check, checks
from penchant_core.commands import doctor
from penchant_core.config import Config, load
from penchant_core.consent import ConsentRecord, Level
from penchant_core.paths import Paths
from penchant_core.store import SignalStore


@pytest.fixture
def config(paths: Paths) -> Config:
    return load()


def _named(config: Config) -> dict[str, Check]:
    return {check.name: check for check in checks(config)}


def test_a_new_home_is_well(config: Config) -> None:
    assert all(check.ok for check in checks(config))


def test_a_used_home_is_well(
    config: Config, store: SignalStore, adapters: AdapterStore, publish: Callable[..., str]
) -> None:
    store.add(signal())
    ConsentRecord(config.paths.consent_file).decide("w", Level.LOCAL, via="test")
    adapters.promote("dev/ada", publish())
    found = _named(config)
    assert all(check.ok for check in found.values())
    assert "1 suggestion" in found["signal log"].detail
    assert "1 workspace" in found["consent"].detail
    assert "1 live adapter" in found["adapters"].detail


def test_a_directory_that_is_a_file(config: Config) -> None:
    config.paths.data.parent.mkdir(parents=True, exist_ok=True)
    config.paths.data.write_text("")
    found = _named(config)
    assert not found["data directory"].ok
    assert found["data directory"].remedy


def test_torn_consent_is_a_note(config: Config) -> None:
    ConsentRecord(config.paths.consent_file).decide("w", Level.LOCAL, via="test")
    with config.paths.consent_file.open("a") as file:
        file.write("torn")
    check = _named(config)["consent"]
    assert (check.ok, check.optional) == (False, True)


def test_a_damaged_log_is_set_aside_and_noted(config: Config) -> None:
    log = config.paths.signal_log("ada")
    log.parent.mkdir(parents=True)
    log.write_bytes(b"nonsense")
    found = _named(config)
    assert found["signal log"].ok
    assert found["damaged signal logs"].optional


def test_a_log_that_cannot_be_opened(config: Config) -> None:
    config.paths.signal_log("ada").mkdir(parents=True)
    assert not _named(config)["signal log"].ok


def test_a_changed_adapter_is_a_failure_with_a_way_out(
    config: Config, adapters: AdapterStore, publish: Callable[..., str]
) -> None:
    version = publish()
    adapters.promote("dev/ada", version)
    weights = adapters.get("dev/ada", version).path / "adapter_model.safetensors"
    weights.chmod(0o600)
    weights.write_bytes(weights.read_bytes()[:-1] + b"\xff")
    check = _named(config)["adapter dev/ada"]
    assert not check.ok
    assert "rollback" in check.remedy


def test_the_doctor_survives_a_room_that_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(config: Config) -> list[Check]:
        raise RuntimeError("canary_in_your_code")

    monkeypatch.setattr("penchant_core.checks.checks", explode)
    entries = [
        metadata.EntryPoint("core", "penchant_core.checks:checks", doctor.CHECKS),
        metadata.EntryPoint("gone", "penchant_gone.checks:checks", doctor.CHECKS),
        metadata.EntryPoint("server", "penchant_server.checks:checks", doctor.CHECKS),
    ]
    monkeypatch.setattr(doctor.metadata, "entry_points", lambda group: entries)
    monkeypatch.setattr(doctor, "missing", lambda extra: ("torch",))
    found = {check.name: check for check in doctor.every_check()}
    assert not found["core"].ok
    assert "RuntimeError" in found["core"].detail
    assert "canary" not in found["core"].detail
    assert found["gone"].optional
    assert found["server"].remedy == "pip install 'penchant[server]'"
