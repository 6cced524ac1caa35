"""Copying: what followed the same characters nearby is proposed beside the model's own next token.

A small model knows few names and forgets them beyond its window; the text around it does not. At
each token the longest ending of what is written that occurs elsewhere is looked up, and the tokens
that followed it there get a share of the next token's probability, the larger the longer the match.
Within the first line only: beyond it a copy would confirm itself, line after line. Knows nothing of
models; tensors are used by their methods, so that no library is loaded here.
Sources: continuous cache (Grave et al., arXiv 1612.04426, equation 5), longest-suffix matching of
infini-gram (Liu et al., arXiv 2401.17377).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from penchant_core.errors import FimError
from penchant_core.fim import MODEL_FILE, declaration

LENGTHS = (64, 48, 40, 32, 26, 20, 16, 13, 10, 8, 6, 5)
"""The lengths of match, in characters, that are told apart; the longest that occurs counts."""
SURE_LENGTH = 32
"""Where several lines are asked for, a wrong beginning spoils them all: only so long a match."""
MOST_PLACES = 64
NEXT_CHARS = 32
_BETWEEN = "\0"

Encode = Callable[[str], Sequence[int]]
"""Maps a text to the ids of its tokens, without special ones."""


class Copying(BaseModel):
    """What a model declares in its ``penchant.json``: how far it gives way to copies.

    ``trust`` maps the least length of a match, in characters, to the share of probability that
    copies get. The numbers of characters are what is worth sending of each part.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    prefix_chars: int = Field(ge=0)
    suffix_chars: int = Field(ge=0)
    context_chars: int = Field(ge=0)
    trust: dict[int, float]

    def share(self, length: int) -> float:
        """Return the share of probability for copies after a match of ``length`` characters."""
        return max((part for least, part in self.trust.items() if least <= length), default=0.0)


@dataclass(frozen=True, slots=True)
class Nearby:
    """The text before the cursor, and texts (below it, of other places) to copy from as well.

    ``one_line``: what is asked for ends with the line.
    """

    prefix: str
    texts: tuple[str, ...] = ()
    one_line: bool = True


class Copier:
    """Proposes next tokens for one place from what is ``nearby``."""

    def __init__(self, copying: Copying, nearby: Nearby, encode: Encode) -> None:
        self._copying, self._encode = copying, encode
        self._lengths = [n for n in LENGTHS if nearby.one_line or n >= SURE_LENGTH]
        self._before = nearby.prefix[-LENGTHS[0] :].replace(_BETWEEN, "")
        parts = (nearby.prefix, *nearby.texts)
        self._hay = "".join(part.replace(_BETWEEN, "") + _BETWEEN for part in parts)
        self._first: dict[str, int | None] = {}

    def shares(self, written: str) -> dict[int, float]:
        """Return the share of probability of each proposed token, none where nothing matches.

        ``written`` is what stands between the cursor and the next token. Shares add up to what the
        model trusts the longest match with; they go by how often each token followed it.
        """
        length, followers = self._followers(written)
        trusted = self._copying.share(length)
        tokens: Counter[int] = Counter()
        for text, count in followers.items() if trusted else ():
            if (token := self._begins(text)) is not None:
                tokens[token] += count
        return {token: trusted * count / tokens.total() for token, count in tokens.items()}

    def _followers(self, written: str) -> tuple[int, Counter[str]]:
        """Return the length of the longest match and what followed it, with how often."""
        if "\n" in written.lstrip("\n") or _BETWEEN in written:
            return 0, Counter()
        tail = (self._before + written)[-LENGTHS[0] :]
        for length in self._lengths:
            needle = tail[-length:]
            if not needle.strip():
                break
            if len(needle) == length and (found := self._after(needle)):
                return length, found
        return 0, Counter()

    def _after(self, needle: str) -> Counter[str]:
        found: Counter[str] = Counter()
        at = self._hay.find(needle)
        while at >= 0 and found.total() < MOST_PLACES:
            end = at + len(needle)
            following = self._hay[end : end + NEXT_CHARS].partition(_BETWEEN)[0]
            if following:
                found[following] += 1
            at = self._hay.find(needle, at + 1)
        return found

    def _begins(self, text: str) -> int | None:
        if text not in self._first:
            ids = self._encode(text)
            self._first[text] = ids[0] if ids else None
        return self._first[text]


def mixed(scores: Any, row: int, shares: Mapping[int, float]) -> Any:
    """Return scores [n, vocabulary] whose ``row`` gives tokens their ``shares`` of probability.

    The model's own probabilities keep what is left of 1. ``scores`` (a torch tensor) are returned
    as they are where there are no shares; a mixed row holds log-probabilities.
    """
    if not shares:
        return scores
    chances = scores[row].float().softmax(-1) * (1 - sum(shares.values()))
    for token, share in shares.items():
        chances[token] += share
    found = scores.float().clone()
    found[row] = chances.clamp_min(1e-30).log()
    return found


def declared(model_dir: Path) -> Copying | None:
    """Return what the model in ``model_dir`` declares, None when it does not copy.

    Raises FimError for a declaration that makes no sense.
    """
    try:
        found = declaration(model_dir).get("copying")
        return None if found is None else Copying.model_validate(found)
    except (FimError, ValidationError) as error:
        raise FimError(f"{MODEL_FILE} of the base model is damaged; fetch it again") from error
