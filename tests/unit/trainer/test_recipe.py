"""The one dial, the neutral code and the tokens."""

import pytest

from penchant_core import models
from penchant_core.errors import ConfigError
from penchant_core.syntax import parses
from penchant_core.wire import ContextSnippet
from penchant_trainer import neutral
from penchant_trainer.recipe import adjusted, rates, recipe, steps
from penchant_trainer.tokens import Tokens, load_tokens
from penchant_trainer.units import Example, Pair


@pytest.mark.parametrize("effort", ["small", "medium", "large"])
def test_no_rank_above_the_engines(effort: str) -> None:
    found = recipe(effort, parameters=7_600_000, max_rank=8)  # type: ignore[arg-type]
    assert found.rank == 8
    assert found.dpo_epochs <= 2
    assert 0.3 <= found.replay_share <= 0.5
    assert "sft" in found.loss


def test_every_number_can_be_set_and_nothing_else() -> None:
    chosen = recipe("small", parameters=7_600_000, max_rank=8)
    found = adjusted(chosen, {"sft_tokens": 1e4, "sft_rate": 1e-3})
    assert (found.sft_tokens, found.sft_rate, found.rank) == (10_000, 1e-3, chosen.rank)
    for wrong in ("effort", "loss", "sft_tokenz"):
        with pytest.raises(ConfigError, match="sft_tokens"):
            adjusted(chosen, {wrong: 1.0})


def test_larger_models_get_smaller_rates() -> None:
    sizes = [7_600_000, 500_000_000, 3_000_000_000, 7_000_000_000]
    assert [rates(s) for s in sizes] == sorted((rates(s) for s in sizes), reverse=True)


def test_steps_are_bounded_by_epochs_and_by_work() -> None:
    assert steps(100, 100, epochs=2, budget=10**9, batch=10) == 20
    assert steps(100, 100, epochs=2, budget=10_000, batch=10) == 10
    assert steps(1, 100, epochs=1, budget=1, batch=10) == 1


def test_neutral_code_is_deterministic_and_its_two_parts_never_meet() -> None:
    replayed, judged = neutral.replay(60, 0), neutral.judging(60, 0)
    assert replayed == neutral.replay(60, 0)
    assert replayed != neutral.replay(60, 1)
    assert not {e.path for e in replayed} & {e.path for e in judged}
    assert all(e.ended for e in replayed)
    assert not any(e.ended for e in judged)
    assert all(e.completion.strip() for e in (*replayed, *judged))
    assert not parses("def broken(:")


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    base = models.resolve("bundled")
    return load_tokens(str(base.directory), base.renderer, 128)


def example(text: str, *, ended: bool = True, prefix: str = "x = ") -> Example:
    return Example(prefix, "\ny = 1\n", (), "a.py", text, True, 1.0, ("c",), ended)


def test_the_trained_prompt_is_byte_for_byte_the_served_one(tokens: Tokens) -> None:
    served = models.resolve("bundled").renderer.render(
        "x = ", "\ny = 1\n", [ContextSnippet(path="b.py", text="z")], "a.py"
    )
    from penchant_core.signals import Snippet

    assert tokens.prompt("x = ", "\ny = 1\n", (Snippet("b.py", "z"),), "a.py") == served
    row = tokens.sft_row(example("f(1)"))
    assert row is not None
    ids = [i for i, own in zip(row["input_ids"], row["completion_mask"], strict=True) if not own]
    plain = models.resolve("bundled").renderer.render("x = ", "\ny = 1\n", [], "a.py")
    assert tokens.tokenizer.decode(ids) == plain


def test_the_end_is_taught_only_where_it_ended(tokens: Tokens) -> None:
    ended, cut = tokens.sft_row(example("f(1)")), tokens.sft_row(example("f(1)", ended=False))
    assert ended is not None
    assert cut is not None
    assert ended["input_ids"] == [*cut["input_ids"], tokens.end]
    pair = Pair("x = ", "", (), "a.py", "f(1)", "g(2)", 1.0, ("c",), True, False)
    row = tokens.dpo_row(pair)
    assert row is not None
    assert row["chosen_ids"][-1] == tokens.end
    assert tokens.end not in row["rejected_ids"]


def test_markers_in_a_text_teach_no_end(tokens: Tokens) -> None:
    assert tokens.completion_ids("a<|endoftext|>b", False) == tokens.completion_ids("ab", False)


def test_a_row_that_is_too_long_is_left_out_not_cut(tokens: Tokens) -> None:
    before = tokens.dropped
    assert tokens.sft_row(example("f(1)", prefix="x = 1\n" * 200)) is None
    assert tokens.dropped == before + 1
