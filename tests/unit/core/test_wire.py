"""The wire models: bounds, tolerance, and errors that do not repeat the input."""

import pytest
from pydantic import ValidationError

from penchant_core.wire import CompletionRequest, CompletionResponse, ServedBy

CANARY = "canary_in_your_code"


def test_unknown_fields_are_ignored_and_defaults_hold() -> None:
    request = CompletionRequest.model_validate({"prompt": "x", "user": "me", "echo": True})
    assert request.model_dump(exclude_defaults=True) == {"prompt": "x"}
    assert request.model == "auto"


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": [CANARY]},
        {"prompt": CANARY * 10_000},
        {"prompt": 3},
        {"max_tokens": 0},
        {"max_tokens": 10_000},
        {"n": 50},
        {"temperature": -1},
        {"top_p": 0},
        {"logprobs": 100},
        {"stop": [CANARY] * 300},
        {"penchant": {"context": [{"path": "p", "text": CANARY}] * 17}},
        {"penchant": {"path": CANARY * 100}},
    ],
    ids=str,
)
def test_out_of_bounds(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        CompletionRequest.model_validate({"prompt": "x", **change})
    assert CANARY not in str(caught.value)


def test_an_answer_round_trips() -> None:
    answer = CompletionResponse.model_validate(
        {"id": "c", "choices": [{"index": 0, "text": "x"}], "penchant": {"adapter": "dev/ada"}}
    )
    assert answer.penchant == ServedBy(adapter="dev/ada")
    assert CompletionResponse.model_validate_json(answer.model_dump_json()) == answer
