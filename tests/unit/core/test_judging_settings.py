"""Settings of AI feedback: what they refuse, and where they stand."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from penchant_core.config import load
from penchant_core.errors import ConfigError
from penchant_core.judging_settings import JudgingSettings


def test_the_defaults_send_nothing_anywhere() -> None:
    settings = JudgingSettings()
    assert settings.judge == "checks"
    assert settings.host is None
    assert not settings.execute


def test_they_are_a_section_of_the_settings(home: Path) -> None:
    assert load().settings.judging == JudgingSettings()
    chosen = load({"judging.judge": "self", "judging.weights": {"names": 2}})
    assert chosen.settings.judging.judge == "self"
    with pytest.raises(ConfigError, match="send_code_to"):
        load({"judging.judge": "https://elsewhere.example.com/v1"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"judge": "gpt"},
        {"judge": "https://elsewhere.example.com/v1"},
        {"judge": "http://127.0.0.1:1", "timeout_s": 0},
        {"weights": {"names": -1}},
        {"least_agreement": 0.4},
        {"least_difference": 0},
        {"scalarisation": "product"},
        {"scalarization": "sum"},
    ],
)
def test_what_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        JudgingSettings.model_validate(wrong)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8000", "http://[::1]:8000/v1", "http://localhost"]
)
def test_this_machine_may_be_asked(address: str) -> None:
    assert JudgingSettings(judge=address).host in ("127.0.0.1", "::1", "localhost")
