"""What engines are asked: core's prompt as the model's own token ids, and nothing else."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from serving import base_model
from tokenizers import Tokenizer

from penchant_core.errors import EngineError
from penchant_core.wire import CompletionRequest, ContextSnippet, PenchantRequest
from penchant_server.prompt import PromptBuilder, PromptTooLong, TooManyStops

TOKENIZER = Tokenizer.from_file(str(base_model().directory / "tokenizer.json"))


def body(limit: int = 2048, **fields: object) -> dict[str, object]:
    request = CompletionRequest.model_validate({"prompt": "x = ", **fields})
    return PromptBuilder(base_model()).body(request, model="m", max_model_len=limit)


def test_the_prompt_is_cores_rendering_in_the_tokenizer_files_ids() -> None:
    asked = PenchantRequest(path="a.py", context=[ContextSnippet(path="b.py", text="y = 1")])
    found = body(suffix="\n", penchant=asked.model_dump())
    text = base_model().renderer.render("x = ", "\n", asked.context, "a.py")
    assert found["prompt"] == TOKENIZER.encode(text).ids
    assert found["model"] == "m"


def test_special_tokens_stop_by_id() -> None:
    found = body()
    assert TOKENIZER.token_to_id("<|endoftext|>") in found["stop_token_ids"]  # type: ignore[operator]
    assert len(found["stop_token_ids"]) == len(base_model().renderer.template.stops)  # type: ignore[arg-type]
    assert found["stop"] == []


def test_a_clients_stops_are_kept_up_to_openais_limit() -> None:
    assert body(stop="\n")["stop"] == ["\n"]
    assert body(stop=["a", "", "b"])["stop"] == ["a", "b"]
    with pytest.raises(TooManyStops, match="4"):
        body(stop=["a", "b", "c", "d", "e"])


def test_a_greedy_request_asks_for_one_candidate() -> None:
    assert body(n=3, temperature=0)["n"] == 1
    assert body(n=3, temperature=0.7)["n"] == 3


def test_optional_fields_pass_only_when_given() -> None:
    assert not {"seed", "logprobs", "stream_options"} & set(body())
    found = body(seed=0, logprobs=0, stream=True)
    assert (found["seed"], found["logprobs"]) == (0, 0)
    assert found["stream_options"] == {"include_usage": True}


def test_an_engine_that_copies_is_told_what_there_is() -> None:
    asked = PenchantRequest(path="a.py", context=[ContextSnippet(path="b.py", text="y = 1")])
    request = CompletionRequest(prompt="x = ", suffix="\n", penchant=asked)
    builder = PromptBuilder(base_model(), copying=True)
    found = builder.body(request, model="m", max_model_len=2048)
    assert found["copy_from"] == {"prefix": "x = ", "texts": ["\n", "y = 1"]}
    assert "copy_from" not in body()


def test_the_window_shrinks_around_the_cursor_until_it_fits() -> None:
    prefix = "".join(f"a{n} = {n}\n" for n in range(400)) + "last_line = "
    whole = body(prompt=prefix, suffix="\nnext_line = 1\n" * 50)
    small = body(limit=300, prompt=prefix, suffix="\nnext_line = 1\n" * 50)
    assert len(small["prompt"]) + 48 <= 300 < len(whole["prompt"])  # type: ignore[arg-type]
    text = TOKENIZER.decode(small["prompt"], skip_special_tokens=False)
    assert text.endswith("last_line = ")
    assert "next_line" in text
    assert text.startswith("<|fim_prefix|>")


def test_no_room_at_all_is_said() -> None:
    with pytest.raises(PromptTooLong, match="max_tokens"):
        body(limit=60, prompt="word " * 300, max_tokens=50)


def test_a_model_without_a_tokenizer_file_is_refused(tmp_path: Path) -> None:
    shutil.copy(base_model().directory / "config.json", tmp_path)
    with pytest.raises(EngineError, match=r"tokenizer\.json"):
        PromptBuilder(replace(base_model(), directory=tmp_path))
