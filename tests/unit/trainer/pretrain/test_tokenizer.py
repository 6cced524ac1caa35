"""Pieces end where a cursor stands, and nothing is lost."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penchant_core.fim import family_of, special_tokens
from penchant_trainer.pretrain import tokenizer

TEXT = (
    "class Store:\n"
    "    def __init__(self, path: str) -> None:\n"
    "        self.path = path\n"
    "        self.rows = []\n\n"
    "    def add(self, row):\n"
    "        if row is None:\n"
    "            return False\n"
    "        self.rows.append(row)\n"
    "        return self.path == row\n"
)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("tokenizer")
    tokenizer.train([TEXT] * 20, 400, place)
    return place


@pytest.fixture(scope="module")
def trained(directory: Path) -> Any:
    return tokenizer.load(directory)


@pytest.mark.parametrize(
    "typed", ["        ", "        return ", "        self.rows = ", "    def add(self, ", "self."]
)
def test_a_prompt_that_ends_at_the_cursor_is_cut_as_in_the_middle_of_a_file(
    trained: Any, typed: str
) -> None:
    before = TEXT[: TEXT.index(typed) + len(typed)]
    whole, prompt = trained.encode(TEXT).ids, trained.encode(before).ids
    assert whole[: len(prompt)] == prompt


@given(st.text())
def test_nothing_is_lost(trained: Any, text: str) -> None:
    clean = text
    for mark in tokenizer.SPECIAL:
        clean = clean.replace(mark, "")
    assert trained.decode(trained.encode(clean).ids) == clean


def test_the_special_tokens_come_first_and_are_the_family_of_larger_models(
    trained: Any, directory: Path
) -> None:
    assert [trained.token_to_id(mark) for mark in tokenizer.SPECIAL] == list(range(7))
    assert family_of(special_tokens(directory)).family == "qwen2.5-coder"


def test_transformers_reads_the_file_alike(trained: Any, directory: Path) -> None:
    from transformers import PreTrainedTokenizerFast

    read = PreTrainedTokenizerFast.from_pretrained(directory)
    assert read.encode(TEXT, add_special_tokens=False) == trained.encode(TEXT).ids
    assert (read.eos_token, read.pad_token) == (tokenizer.END, "<|fim_pad|>")
