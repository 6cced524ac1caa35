from pathlib import Path

import pytest
from broken.gateway import Gateway

from penchant_core.config import load
from penchant_lsp.checks import checks


def test_all_is_well(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Gateway() as gateway:
        monkeypatch.setenv("PENCHANT_GATEWAY__URL", gateway.address)
        assert [check.ok for check in checks(load())] == [True, True]


def test_no_gateway(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Gateway() as gateway:
        monkeypatch.setenv("PENCHANT_GATEWAY__URL", gateway.address)
    protocol, missing = checks(load())
    assert protocol.ok
    assert not missing.ok
    assert "penchant up" in missing.remedy
