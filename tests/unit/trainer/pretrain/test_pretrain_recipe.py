"""Recipe files are checked before anything is built on them."""

from pathlib import Path

import pytest

from penchant_core.errors import ConfigError
from penchant_trainer.pretrain.recipe import BUILT_IN, load
from penchant_trainer.pretrain.rows import MAX_VOCABULARY


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_recipes_are_possible(name: str) -> None:
    made = load(name)
    assert made.model.hidden % made.model.heads == 0
    assert made.model.heads % made.model.key_value_heads == 0
    assert made.samples.vocabulary <= MAX_VOCABULARY
    assert made.train.batch_rows % made.train.piece_rows == 0
    whole = made.samples.prefix_chars + made.samples.suffix_chars + made.samples.context_chars
    assert whole <= 4 * made.samples.context  # a token has about 3.5 characters
    assert made.corpus.held_out


@pytest.mark.parametrize(
    ("old", "new"),
    [("hidden = 64", "hiden = 64"), ("fim_share = 0.75", "fim_share = 7.5"), ("=", ":")],
)
def test_what_is_misspelt_or_impossible_is_refused(tmp_path: Path, old: str, new: str) -> None:
    text = (
        Path(__file__).parents[4] / "trainer/penchant_trainer/pretrain/recipes/smoke.toml"
    ).read_text()
    (tmp_path / "mine.toml").write_text(text.replace(old, new))
    with pytest.raises(ConfigError):
        load(str(tmp_path / "mine.toml"))


def test_an_unknown_recipe_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="cpu, gpu, smoke"):
        load("huge")
