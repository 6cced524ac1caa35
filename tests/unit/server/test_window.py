"""How much text is worth sending, with an engine that copies from it and without."""

from dataclasses import replace

import pytest
from serving import base_model

from penchant_core import models
from penchant_core.fim import Budget
from penchant_core.settings import EngineSettings
from penchant_server.window import window


def test_what_can_be_copied_is_worth_sending() -> None:
    base = base_model()
    assert base.copying is not None
    found = window(EngineSettings(), base)
    assert found.prefix_chars == base.copying.prefix_chars > base.renderer.budget.prefix_chars
    assert found.suffix_chars == base.copying.suffix_chars
    assert found.context_chars == base.copying.context_chars


@pytest.mark.parametrize(
    "engine", [EngineSettings(copying=False), EngineSettings(kind="vllm")], ids=str
)
def test_without_copying_the_prompts_room_counts(engine: EngineSettings) -> None:
    base = base_model()
    assert not models.copying(engine, base)
    budget = base.renderer.budget
    found = window(engine, base)
    assert (found.prefix_chars, found.suffix_chars) == (budget.prefix_chars, budget.suffix_chars)
    assert found.context_chars == 0


def test_a_model_that_declares_nothing_does_not_copy() -> None:
    plain = replace(
        base_model(), copying=None, renderer=replace(base_model().renderer, budget=Budget())
    )
    assert not models.copying(EngineSettings(), plain)
    assert window(EngineSettings(), plain).context_chars == Budget().context_chars
