"""Settings of AI feedback: what they refuse, and that they fit into the training section."""

import json

import pytest
from pydantic import BaseModel, Field, ValidationError

from penchant_core.config import Section
from penchant_core.feedback_settings import AiFeedbackSettings, of


class Training(Section):
    """As the training section will hold them."""

    feedback: AiFeedbackSettings = Field(default={}, validate_default=True)


def test_the_defaults_send_nothing_anywhere() -> None:
    settings = AiFeedbackSettings()
    assert settings.judge == "checks"
    assert settings.host is None
    assert not settings.execute
    assert of(object()) == settings


def test_they_fit_into_a_section_and_have_a_default_that_is_json() -> None:
    assert of(Training()) == AiFeedbackSettings()
    chosen = Training.model_validate({"feedback": {"judge": "self", "weights": {"names": 2}}})
    assert of(chosen).judge == "self"
    field: BaseModel = Training.model_fields["feedback"].get_default(call_default_factory=True)
    assert json.dumps(field) == "{}"


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
        AiFeedbackSettings.model_validate(wrong)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8000", "http://[::1]:8000/v1", "http://localhost"]
)
def test_this_machine_may_be_asked(address: str) -> None:
    assert AiFeedbackSettings(judge=address).host in ("127.0.0.1", "::1", "localhost")
