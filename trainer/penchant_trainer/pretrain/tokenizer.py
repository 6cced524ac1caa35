"""The tokenizer: byte-level BPE whose pieces end where a cursor stands when somebody types.

A line break takes the indentation that follows it into its piece, and a word or a sign takes the
space *after* it. So the text before a cursor is cut into the same tokens as in the middle of a
file: after an indentation, after ``x = ``, after ``return ``. (With the usual space *before* a
word, a prompt that ends in a space is something that the model never saw.) Special tokens are
those of Qwen2.5-Coder, so that the templates are the ones of larger models. Knows nothing of
samples.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from penchant_core.paths import private_directory

END = "<|endoftext|>"
SPECIAL = (
    END, "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>",
    "<|file_sep|>",
)  # fmt: skip
# In this order: line breaks with the next line's indentation, runs of spaces, numbers by three
# digits, words (with a space, unless a sign follows it), signs (with the spaces around them).
PIECES = (
    r"[\r\n]+[ \t]*"
    r"|[ \t]{2,}"
    r"|\p{N}{1,3}"
    r"|[\p{L}_][\p{L}\p{N}_]*(?: (?![^\p{L}\p{N}\s_]))?"
    r"| ?[^\p{L}\p{N}\s_]+(?: (?! ))?"
    r"|\s"
)


def train(texts: Iterable[str], vocabulary: int, directory: Path) -> Any:
    """Train a tokenizer of ``vocabulary`` tokens, save it in ``directory`` and return it.

    Load the result with :func:`load` or ``transformers.PreTrainedTokenizerFast``. Beside a Qwen2
    configuration ``AutoTokenizer`` (transformers 5.19) replaces the pieces by Qwen2's own and gives
    other ids than the model was trained on.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(PIECES), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])  # fmt: skip
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
        max_token_length=40,
    )
    tokenizer.train_from_iterator(texts, trainer)
    private_directory(directory)
    tokenizer.save(str(directory / "tokenizer.json"))
    (directory / "tokenizer_config.json").write_text(json.dumps(_config(), indent=1), "utf-8")
    return tokenizer


def load(directory: Path) -> Any:
    """Return the ``tokenizers.Tokenizer`` saved in ``directory``."""
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(directory / "tokenizer.json"))


def _config() -> dict[str, Any]:
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": END,
        "pad_token": "<|fim_pad|>",
        "bos_token": None,
        "unk_token": None,
        "additional_special_tokens": list(SPECIAL),
        "clean_up_tokenization_spaces": False,
        "model_max_length": 2048,
    }
