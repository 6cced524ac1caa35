"""Where the developer's text leaves what was suggested, and what SFT does about that token."""

from pathlib import Path
from typing import Any

import pytest
import torch

from penchant_core import models
from penchant_trainer import model as networks
from penchant_trainer import quiet, sft
from penchant_trainer.contrast import Fork, Forks, fork, preference
from penchant_trainer.neutral import replay
from penchant_trainer.recipe import adjusted, recipe
from penchant_trainer.resources import Device
from penchant_trainer.tokens import Tokens, load_tokens
from penchant_trainer.units import Example, Pair

pytestmark = pytest.mark.filterwarnings("ignore")

WORDS = ("order", "invoice", "customer", "report")
CHOSEN = adjusted(
    recipe("small", parameters=4_000_000, max_rank=8),
    {"max_length": 96, "accumulate": 1, "sft_epochs": 4},
)


@pytest.fixture(scope="module")
def tokens() -> Tokens:
    quiet.silence()
    base = models.resolve("bundled")
    return load_tokens(str(base.directory), base.renderer, CHOSEN.max_length)


def taught(word: str) -> tuple[Example, Pair]:
    where = (f"{word}_name = ", "\n", (), f"{word}.py")
    chosen, rejected, ids = f'"{word}"', f"'{word}'", (word,)
    return (
        Example(*where, chosen, True, 1.0, ids, True),
        Pair(*where, chosen, rejected, 1.0, ids, True, True),
    )


EXAMPLES = tuple(taught(word)[0] for word in WORDS)
PAIRS = tuple(taught(word)[1] for word in WORDS)


def test_the_first_token_that_differs_is_the_fork(tokens: Tokens) -> None:
    pair = Pair("x = ", "\n", (), "a.py", "total + 1", "total - 1", 1.0, ("s",), True, True)
    found = fork(tokens, pair, 10)
    assert found is not None
    same, own = tokens.completion_ids("total", False), tokens.completion_ids("total + 1", False)
    other = tokens.completion_ids("total - 1", False)
    assert found == Fork(10 + len(same), own[len(same)], other[len(same)])


def test_an_end_that_nobody_spoke_of_is_no_fork(tokens: Tokens) -> None:
    longer = ("total", "total + 1", 1.0, ("s",))
    assert fork(tokens, Pair("x = ", "\n", (), "a.py", *longer, False, True), 0) is None
    ended = fork(tokens, Pair("x = ", "\n", (), "a.py", *longer, True, True), 0)
    assert ended is not None
    assert ended.chosen == tokens.end


def test_forks_are_found_in_a_padded_batch_and_only_at_their_own_row(tokens: Tokens) -> None:
    rows = [tokens.sft_row(example) for example in EXAMPLES]
    taught = [(row, each) for row, each in zip(rows, EXAMPLES, strict=True) if row]
    forks = Forks(tokens, taught, PAIRS[:2])
    assert len(forks) == 2
    width = max(len(row["input_ids"]) for row in rows if row) + 1
    pad = tokens.tokenizer.pad_token_id
    ids = [[*row["input_ids"], *[pad] * (width - len(row["input_ids"]))] for row in rows if row]
    mask = [[1] * len(r["input_ids"]) + [0] * (width - len(r["input_ids"])) for r in rows if r]
    found = forks.of(torch.tensor(ids), torch.tensor(mask))
    assert [row for row, _ in found] == [0, 1]
    assert all(ids[row][each.place] == each.chosen != each.rejected for row, each in found)
    shifted = [[pad, *row[:-1]] for row in ids], [[0, *row[:-1]] for row in mask]
    left = forks.of(*map(torch.tensor, shifted))
    assert [each.place for _, each in left] == [each.place + 1 for _, each in found]


def test_a_preference_by_hand() -> None:
    logits = torch.tensor([[1.0, 0.0, 0.0], [0.0, 9.0, 0.0]])
    forks = [Fork(0, 0, 1), Fork(3, 1, 2)]
    wanted = torch.log1p(torch.exp(torch.tensor([2.0, -6.0]))).sum()
    assert float(preference(logits, forks, 3.0)) == pytest.approx(float(wanted))


def test_sft_parts_the_texts_further_where_the_other_is_known(
    tokens: Tokens, tmp_path: Path
) -> None:
    base = models.resolve("bundled")
    leads = []
    for number, pairs in enumerate(((), PAIRS)):
        model = networks.with_new_adapter(networks.load_base(base, Device("cpu")), CHOSEN, 0)
        figures = sft.train(
            model, tokens, EXAMPLES, replay(12, 0)[:12], CHOSEN, pairs=pairs,
            seed=0, scratch=tmp_path / str(number), report=lambda _: None,
        )  # fmt: skip
        assert figures["forks"] == len(pairs)
        leads.append(lead(model, tokens))
    assert leads[1] > leads[0] + 0.3


@torch.no_grad()
def lead(model: Any, tokens: Tokens) -> float:
    """Return the mean lead (nats) of the developer's token where the texts part."""
    model.eval()
    total = 0.0
    for pair in PAIRS:
        prompt = tokens.prompt_ids(pair.prefix, pair.suffix, pair.context, pair.path)
        found = fork(tokens, pair, len(prompt))
        assert found is not None
        ids = prompt + tokens.completion_ids(pair.chosen, True)
        logits = model(input_ids=torch.tensor([ids])).logits[0, found.place - 1]
        total += float(logits[found.chosen] - logits[found.rejected])
    return total / len(PAIRS)
