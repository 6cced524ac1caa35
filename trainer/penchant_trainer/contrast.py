"""Teaches the very token at which the developer's text leaves the suggestion that they turned down.

Where both part, they follow the same prompt and the same words, so the difference of two logits
alone decides which of them is written. A preference stands on that one place: what is said after
it is another text's. Knows nothing of signals.
Source: a preference term beside SFT, without a reference, as in ORPO (Hong et al., arXiv
2403.07691); here on single tokens and with a margin.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional

from penchant_trainer.tokens import Row, Tokens
from penchant_trainer.units import Example, Pair, place_of


@dataclass(frozen=True, order=True, slots=True)
class Fork:
    """In a row of tokens, ``chosen`` stands at ``place`` where ``rejected`` was suggested."""

    place: int
    chosen: int
    rejected: int


class Forks:
    """Every fork of every row that is taught, found again by the row's tokens."""

    def __init__(
        self, tokens: Tokens, taught: Iterable[tuple[Row, Example]], pairs: Iterable[Pair]
    ) -> None:
        turned_down: dict[tuple[str, str, str, str], list[Pair]] = defaultdict(list)
        for pair in pairs:
            turned_down[place_of(pair, pair.chosen)].append(pair)
        self._of: dict[tuple[int, ...], list[Fork]] = {}
        for row, example in taught:
            begin = row["completion_mask"].index(1)
            against = turned_down.get(place_of(example, example.completion), ())
            found = {f for pair in against if (f := fork(tokens, pair, begin))}
            if found:
                self._of[(*row["input_ids"],)] = sorted(found)

    def __len__(self) -> int:
        return sum(map(len, self._of.values()))

    def of(self, ids: torch.Tensor, mask: torch.Tensor) -> list[tuple[int, Fork]]:
        """Return (row, fork) of a padded batch (rows x columns); places are columns there."""
        found = []
        for number, (row, kept) in enumerate(zip(ids.tolist(), mask.bool().tolist(), strict=True)):
            begin = kept.index(True)
            own = tuple(token for token, is_own in zip(row, kept, strict=True) if is_own)
            found += [
                (number, Fork(begin + f.place, f.chosen, f.rejected)) for f in self._of.get(own, ())
            ]
        return found


def fork(tokens: Tokens, pair: Pair, begin: int) -> Fork | None:
    """Return where a pair's texts part, in a row whose completion begins at ``begin``.

    None where one is the beginning of the other and nothing was said about its end.
    """
    chosen = tokens.completion_ids(pair.chosen, pair.chosen_ended)
    rejected = tokens.completion_ids(pair.rejected, pair.rejected_ended)
    for at, (own, other) in enumerate(zip(chosen, rejected, strict=False)):
        if own != other:
            return Fork(begin + at, own, other)
    return None


def preference(logits: torch.Tensor, forks: Sequence[Fork], margin: float) -> torch.Tensor:
    """Return the sum over forks of softplus(margin - difference of the two logits).

    ``logits`` (forks x vocabulary) are those of each fork's place. A token that leads by far more
    than the margin (nats) is left in peace.
    """
    rows = torch.arange(len(forks), device=logits.device)
    own = torch.tensor([f.chosen for f in forks], dtype=torch.long, device=logits.device)
    other = torch.tensor([f.rejected for f in forks], dtype=torch.long, device=logits.device)
    return functional.softplus(margin - logits[rows, own] + logits[rows, other]).sum()
