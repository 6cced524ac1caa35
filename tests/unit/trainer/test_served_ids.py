"""The ids that are trained on are the ids that are served: gateway and trainer, side by side."""

from pathlib import Path

import pytest

from penchant_core import models
from penchant_core.wire import CompletionRequest
from penchant_server.prompt import PromptBuilder
from penchant_trainer.tokens import load_tokens

PLACES = [
    ("def load_items(path: str) -> ", "\n\n\nx = 1\n"),
    ("class A:\n    def f(self):\n        ", "\n"),
    ("import os\nvalue_of_1234 = os.env", ""),
    ("s = 'dön’t <|fim_middle|> 🙂'\n\n\n\tif x:  # why\n\t\t", "\n    # 99 bottles\n"),
    (
        Path(models.__file__).read_text("utf-8")[:3000],
        Path(models.__file__).read_text("utf-8")[3000:],
    ),
]


@pytest.mark.parametrize(("prefix", "suffix"), PLACES)
def test_trained_and_served_prompts_are_the_same_ids(prefix: str, suffix: str) -> None:
    base = models.resolve("bundled")
    request = CompletionRequest(prompt=prefix, suffix=suffix)
    served = PromptBuilder(base).body(request, model="any", max_model_len=2048)["prompt"]
    tokens = load_tokens(str(base.directory), base.renderer, 2048)
    assert tokens.prompt_ids(prefix, suffix) == served
