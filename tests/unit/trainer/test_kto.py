"""What KTO learns from, how it is drawn, and how both sides are balanced."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from penchant_core import models
from penchant_trainer import kto
from penchant_trainer.examples import judged
from penchant_trainer.split import Split
from penchant_trainer.tokens import load_tokens
from penchant_trainer.units import Event, Example, Pair

WHERE: tuple[Any, ...] = ("x = ", "\n", (), "a.py")


def example(text: str, desirable: bool) -> Example:
    return Example(*WHERE, text, desirable, 1.0, ("c",), True)


def pair(rejected: str, *, ended: bool = False) -> Pair:
    return Pair(*WHERE, "mine", rejected, 0.5, ("c",), True, ended)


def event(*, pairs: tuple[Pair, ...] = (), examples: tuple[Example, ...] = ()) -> Event:
    return Event("c", 1, 0.0, "w", "a.py", "python", "x = ", "\n", (), None, pairs, examples)


def test_a_rejected_text_is_unwanted_unless_an_example_speaks_of_it() -> None:
    own = (example("mine", True), example("theirs", False))
    sides = Split(
        (event(pairs=(pair("theirs"), pair("other"), pair("other")), examples=own),), (), 0
    )
    found = judged(sides)
    assert found[:2] == own
    (further,) = found[2:]
    assert (further.completion, further.desirable, further.weight) == ("other", False, 0.5)
    assert not further.ended


def test_no_end_is_taught_where_the_engine_was_cut_off() -> None:
    base = models.resolve("bundled")
    tokens = load_tokens(str(base.directory), base.renderer, 96)
    for ended in (True, False):
        (unwanted,) = judged(Split((event(pairs=(pair("y", ended=ended),)),), (), 0))
        row = kto._row(tokens.sft_row(unwanted), unwanted)
        assert row["prompt_ids"] == tokens.prompt_ids("x = ", "\n", (), "a.py")
        assert (row["completion_ids"][-1] == tokens.end) is ended
        assert row["label"] is False


@given(st.floats(0.1, 1000), st.floats(0.1, 1000))
def test_the_rarer_side_is_raised_into_the_papers_range(wanted: float, unwanted: float) -> None:
    a, b = kto.side_weights(wanted, unwanted)
    assert min(a, b) == 1
    assert 1 <= a * wanted / (b * unwanted) * (1 + 1e-9) <= 4 / 3


def rows(*prompts: int) -> list[dict[str, Any]]:
    return [
        {"prompt_ids": [p], "completion_ids": [n], "label": True} for n, p in enumerate(prompts)
    ]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.integers(2, 4), st.integers(0, 9))
def test_every_draw_is_yielded_and_neighbours_have_different_prompts(
    prompts: list[int], batch: int, seed: int
) -> None:
    sampler = kto.Apart(rows(*prompts), [1.0] * len(prompts), batch, seed)
    drawn = list(sampler)
    assert len(drawn) == len(prompts)
    assert drawn == list(kto.Apart(rows(*prompts), [1.0] * len(prompts), batch, seed))
    batches = [drawn[i : i + batch] for i in range(0, len(drawn), batch)]
    mixed = [len({prompts[i] for i in b}) == len(b) for b in batches]
    # Those that could not be mixed stand last, and are of fewer prompts than a batch has rows.
    last = mixed.index(False) if False in mixed else len(mixed)
    assert len({prompts[i] for b in batches[last:] for i in b}) < batch or last == len(mixed)


def test_heavier_rows_come_more_often() -> None:
    found = rows(*range(100))
    sampler = kto.Apart(found, [9.0] * 50 + [1.0] * 50, 4, 0)
    heavy = sum(i < 50 for i in [*sampler, *sampler])
    assert heavy > 150


def test_every_row_is_compared_with_another_prompts_completion() -> None:
    batch = [*rows(1, 1, 2)]
    found = [kto._mismatched(batch, n)["KL_completion_ids"] for n in range(3)]
    assert found == [[2], [2], [0]]
    out = kto._Collator(99, 8)(batch)
    assert out["KL_input_ids"].tolist() == [[1, 2], [1, 2], [2, 0]]
    assert out["input_ids"].tolist() == [[1, 0], [1, 1], [2, 2]]
