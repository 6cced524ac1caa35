"""BM25 over texts that come and go, without ever going through all of them again.

Statistics are kept per word as texts are added and removed. Pure.
Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009).
"""

import math
from collections import Counter, defaultdict
from collections.abc import Hashable
from typing import Generic, TypeVar

K1, B = 1.2, 0.75
MANY, SHARE = 40, 0.4
"""Beyond so many texts, words in more than this share of them count for nothing."""

Key = TypeVar("Key", bound=Hashable)


class Bm25(Generic[Key]):
    """Texts by key."""

    def __init__(self) -> None:
        self._texts: dict[Key, Counter[str]] = {}
        self._lengths: dict[Key, int] = {}
        self._holding: defaultdict[str, dict[Key, int]] = defaultdict(dict)
        self._total = 0

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, key: Key, words: Counter[str]) -> None:
        """Add a text, or put another in its place."""
        self.remove(key)
        self._texts[key] = words
        self._lengths[key] = words.total()
        self._total += self._lengths[key]
        for word, count in words.items():
            self._holding[word][key] = count

    def remove(self, key: Key) -> None:
        """Forget a text; one that is not there is no error."""
        words = self._texts.pop(key, None)
        if words is None:
            return
        self._total -= self._lengths.pop(key)
        for word in words:
            del self._holding[word][key]
            if not self._holding[word]:
                del self._holding[word]

    def scores(self, query: Counter[str]) -> dict[Key, float]:
        """Return the texts that share words with ``query``, from 0 to 1 (as good as can be)."""
        count = len(self._texts)
        if not count:
            return {}
        mean = max(1.0, self._total / count)
        found: defaultdict[Key, float] = defaultdict(float)
        lengths, most = self._lengths, 0.0
        for word, times in query.items():
            holding = self._holding.get(word, {})
            if len(holding) > max(MANY, SHARE * count):
                continue
            worth = times * math.log(1 + (count - len(holding) + 0.5) / (len(holding) + 0.5))
            most += worth * (K1 + 1)
            for key, frequency in holding.items():
                length = 1 - B + B * lengths[key] / mean
                found[key] += worth * frequency * (K1 + 1) / (frequency + K1 * length)
        return {key: score / most for key, score in found.items()} if most else {}
