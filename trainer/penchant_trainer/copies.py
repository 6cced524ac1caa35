"""Lets a model copy from what is nearby while it writes, exactly as the engine that serves it does.

What is measured is then what a developer would see. Only for writing: losses and divergences are
those of the model alone. Knows nothing of verdicts.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import torch
from transformers import LogitsProcessor

from penchant_core.copying import Copier, Nearby, mixed
from penchant_core.signals import Snippet
from penchant_trainer.tokens import Tokens


class Around(Protocol):
    """The text around a cursor."""

    @property
    def prefix(self) -> str:
        """What stands before it."""
        ...

    @property
    def suffix(self) -> str:
        """What stands after it."""
        ...


def copier(
    tokens: Tokens, place: Around, context: Sequence[Snippet] = (), *, one_line: bool = True
) -> Copier | None:
    """Return what copies from around a place and from ``context``; None for a model that does not.

    ``one_line``: what is asked for ends with the line.
    """
    texts = (place.suffix, *(snippet.text for snippet in context))
    return tokens.copier(Nearby(place.prefix, texts, one_line))


class Copied(LogitsProcessor):
    """Mixes copies into the scores of a batch: a copier per row, prompts end at ``width``."""

    def __init__(self, tokens: Tokens, copiers: Sequence[Copier | None], width: int) -> None:
        self._tokenizer, self._copiers, self._width = tokens.tokenizer, copiers, width

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return the scores [rows, vocabulary] with the copies of each row."""

        def written(row: int) -> str:
            ids = input_ids[row, self._width :]
            return str(self._tokenizer.decode(ids, skip_special_tokens=True))

        return with_copies(scores, self._copiers, written)


def with_copies(
    scores: torch.Tensor, copiers: Sequence[Copier | None], written: Callable[[int], str]
) -> torch.Tensor:
    """Return scores [rows, vocabulary] with the copies of each row that has a copier.

    ``written`` tells what a row has so far.
    """
    for row, one in enumerate(copiers):
        if one is not None:
            scores = mixed(scores, row, one.shares(written(row)))
    return scores


def processors(tokens: Tokens, copiers: Sequence[Copier | None], width: int) -> list[Any]:
    """Return what ``generate`` needs beside a batch's prompts, nothing where nobody copies."""
    return [Copied(tokens, copiers, width)] if any(copiers) else []
