"""How a place is asked about: as it is, or with what its author wrote before that moment.

The latter is the baseline that needs no training: one's own history in the prompt. The pieces most
like the place are found by BM25 (Robertson and Zaragoza 2009) over the words of code. Only pieces
older than the moment are ever offered. Pure.
"""

import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from penchant_core.fim import FimRenderer
from penchant_core.signals import Snippet
from penchant_trainer.replay.walk import Piece, Place

K1, B = 1.2, 0.75
QUERY_LINES = 8
MOST = 3
IN_PREFIX_SHARE = 0.4
"""How much of the prefix budget may go to pieces, for a model without a place for other files."""

_WORD = re.compile(r"[A-Za-z]+|\d+")


Context = Callable[[Place], tuple[Place, tuple[Snippet, ...]]]
"""Returns the place as it is asked about, and the pieces of other files beside it."""


def plain(place: Place) -> tuple[Place, tuple[Snippet, ...]]:
    """Ask about a place as it is."""
    return place, ()


class Asking:
    """How each rung asks about places."""

    def __init__(
        self, pieces: Sequence[Piece], renderer: FimRenderer, *, copies: bool = False
    ) -> None:
        self._pieces, self._renderer, self._copies = pieces, renderer, copies
        self._recall: Recall | None = None

    def of(self, recall: bool) -> Context:
        """Return how places are asked about, with the author's history or without."""
        return self._recalling if recall else plain

    def _recalling(self, place: Place) -> tuple[Place, tuple[Snippet, ...]]:
        if self._recall is None:
            self._recall = Recall(self._pieces)
        if self._copies:  # from beside the file: its prompt stays as it is
            return place, self._recall.of(place)
        return with_history(place, self._recall, self._renderer)


class Recall:
    """The pieces of a walk, ready to be searched."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = sorted(pieces, key=lambda piece: piece.at)
        self._times = [piece.at for piece in self._pieces]
        self._words = [_words(piece.text) for piece in self._pieces]

    def of(self, place: Place, most: int = MOST) -> tuple[Snippet, ...]:
        """Return the ``most`` pieces that fit a place best, the best first.

        They are strictly older than the place, and not in its file's present text already.
        """
        older = bisect_left(self._times, place.at)
        around = place.prefix + place.suffix
        usable = [i for i in range(older) if self._pieces[i].text.strip() not in around]
        lines = place.prefix.split("\n")[-QUERY_LINES:]
        ranked = _ranked(_words("\n".join(lines)), [self._words[i] for i in usable])
        chosen: dict[str, Snippet] = {}
        for piece in (self._pieces[usable[rank]] for rank in ranked):
            if len(chosen) == most:
                break
            chosen.setdefault(piece.text, Snippet(piece.path, piece.text, "own history"))
        return tuple(chosen.values())


def with_history(
    place: Place, recall: Recall, renderer: FimRenderer
) -> tuple[Place, tuple[Snippet, ...]]:
    """Return how a place is asked about with the author's own older lines in the prompt.

    Beside the file, through the renderer's context, where the model has room for other files; else
    above the file's own text.
    """
    snippets = recall.of(place)
    if takes_context(renderer):
        return place, snippets
    return recalled(place, snippets, renderer), ()


def recalled(place: Place, snippets: tuple[Snippet, ...], renderer: FimRenderer) -> Place:
    """Return a place whose prefix begins with the pieces, for a model that takes no other files.

    The pieces and the end of the true prefix share the renderer's prefix budget, so that it keeps
    both. A model with room for other files gets them through ``context`` and not like this.
    """
    budget = renderer.budget.prefix_chars
    head = ""
    for snippet in reversed(snippets):
        text = snippet.text.rstrip() + "\n\n"
        if len(head) + len(text) <= IN_PREFIX_SHARE * budget:
            head += text
    if not head:
        return place
    tail = place.prefix[-(budget - len(head)) :]
    cut = tail.find("\n")
    if len(tail) < len(place.prefix) and 0 <= cut < len(tail) // 2:
        tail = tail[cut + 1 :]
    return replace(place, prefix=head + tail)


def takes_context(renderer: FimRenderer) -> bool:
    """Whether the model's prompt has room for pieces of other files."""
    return bool(renderer.template.file_separator) and renderer.budget.context_chars > 0


def _words(text: str) -> Counter[str]:
    return Counter(word.lower() for word in _WORD.findall(text))


def _ranked(query: Counter[str], pieces: Sequence[Counter[str]]) -> list[int]:
    """Return the indices of the pieces (their words), the best first, newer ones before older."""
    if not pieces:
        return []
    count = len(pieces)
    mean = max(1e-9, sum(words.total() for words in pieces) / count)
    holding = {word: sum(word in words for words in pieces) for word in query}
    worth = {w: math.log(1 + (count - n + 0.5) / (n + 0.5)) for w, n in holding.items()}

    def score(words: Counter[str]) -> float:
        length = 1 - B + B * words.total() / mean
        hits = ((word, words[word]) for word in query if word in words)
        return sum(worth[word] * f * (K1 + 1) / (f + K1 * length) for word, f in hits)

    return sorted(range(count), key=lambda i: (-score(pieces[i]), -i))
