"""GRPO's prompts and reward function, without training."""

from types import SimpleNamespace

import pytest

from penchant_core import models
from penchant_core.errors import ConfigError
from penchant_core.wire import CompletionRequest
from penchant_server.prompt import PromptBuilder
from penchant_trainer import grpo
from penchant_trainer.practice import Place, places
from penchant_trainer.recipe import adjusted, recipe
from penchant_trainer.rewards.likeness import Likeness
from penchant_trainer.tokens import Tokens, load_tokens
from penchant_trainer.units import Event


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    base = models.resolve("bundled")
    return load_tokens(str(base.directory), base.renderer, 256)


@pytest.fixture(scope="module")
def practised(tokens: Tokens) -> tuple[Place, ...]:
    prefixes = ("x = ", "s = 'dön’t <|fim_middle|> 🙂'\n\tif x:\n\t\t", "value_of_1234 = os.env")
    events = [
        Event("c", 1, 0.0, "w", "", "python", prefix, "\n\ny = 1\n", (), "f(1)")
        for prefix in prefixes
    ]
    return places(tokens, events, 8)


def test_the_practised_ids_are_the_served_ones(practised: tuple[Place, ...]) -> None:
    handed, images, more = grpo.Trainer._tokenize_prompts(
        SimpleNamespace(places=practised),  # type: ignore[arg-type]
        ["2", "0", "0", "1"],
    )
    base = models.resolve("bundled")
    served = [
        PromptBuilder(base).body(
            CompletionRequest(prompt=place.event.prefix, suffix=place.event.suffix),
            model="any",
            max_model_len=2048,
        )["prompt"]
        for place in practised
    ]
    assert handed == [served[2], served[0], served[0], served[1]]
    assert (images, more) == (None, {})


def test_a_text_is_judged_as_it_would_be_served(
    tokens: Tokens, practised: tuple[Place, ...]
) -> None:
    worth = grpo.Worth(tokens, practised, [(Likeness(), 1.0)])
    right = tokens.completion_ids("f(1)", False)
    found = worth(prompts=["0", "1"], completion_ids=[[*right, tokens.end], []], other=[1, 2])
    assert found == [1.0, 0.0]
    assert worth.means == [0.5]


def test_a_group_that_does_not_fit_is_refused_in_words(
    tokens: Tokens, practised: tuple[Place, ...], tmp_path_factory: pytest.TempPathFactory
) -> None:
    chosen = adjusted(recipe("small", parameters=7_600_000, max_rank=8), {"group": 5})
    with pytest.raises(ConfigError, match=r"training\.recipe.*group"):
        grpo.train(
            None,
            tokens,
            practised,
            [(Likeness(), 1.0)],
            (),
            chosen,
            max_tokens=8,
            seed=0,
            scratch=tmp_path_factory.mktemp("scratch"),
            report=lambda _: None,
        )
