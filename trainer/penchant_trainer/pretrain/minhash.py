"""Finds near-duplicate texts: MinHash signatures, banded so that likely pairs meet in a bucket.

Source: Broder, "On the resemblance and containment of documents" (1997); banding as in Leskovec,
Rajaraman, Ullman, "Mining of Massive Datasets", section 3.4. Deterministic. Knows nothing of files.
"""

import re
import zlib

import numpy as np
from numpy.typing import NDArray

PERMUTATIONS = 64
BANDS = 16
SHINGLE = 5
_WORD = re.compile(r"\w+|[^\w\s]")

Signature = NDArray[np.uint32]


def _factors() -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    chance = np.random.default_rng(20240229)
    odd = chance.integers(1, 2**63, PERMUTATIONS, dtype=np.uint64) | np.uint64(1)
    return odd, chance.integers(0, 2**63, PERMUTATIONS, dtype=np.uint64)


_ODD, _SHIFT = _factors()


def signature(text: str) -> Signature:
    """Return the MinHash signature of a text's five-token shingles."""
    words = np.array([zlib.crc32(w.encode()) for w in _WORD.findall(text)], dtype=np.uint64)
    if len(words) < SHINGLE:
        words = np.resize(words if len(words) else np.zeros(1, np.uint64), SHINGLE)
    mixed = np.zeros(len(words) - SHINGLE + 1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for step in range(SHINGLE):
            mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + words[step : step + len(mixed)]
        shingles = np.unique(mixed)
        hashed = [(shingles * a + b) >> np.uint64(32) for a, b in zip(_ODD, _SHIFT, strict=True)]
    return np.array([h.min() for h in hashed], dtype=np.uint32)


def similarity(left: Signature, right: Signature) -> float:
    """Return the estimated Jaccard similarity of two signed texts (0 to 1)."""
    return float(np.mean(left == right))


class NearDuplicates:
    """Remembers signatures; ``seen`` says whether a similar one was added before."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._buckets: dict[tuple[int, bytes], list[int]] = {}
        self._signatures: list[Signature] = []

    def seen(self, signed: Signature) -> bool:
        """Whether an added text is at least ``threshold`` similar."""
        near = {i for key in _keys(signed) for i in self._buckets.get(key, ())}
        return any(similarity(signed, self._signatures[i]) >= self._threshold for i in near)

    def add(self, signed: Signature) -> None:
        """Remember a text by its signature."""
        for key in _keys(signed):
            self._buckets.setdefault(key, []).append(len(self._signatures))
        self._signatures.append(signed)


def _keys(signed: Signature) -> list[tuple[int, bytes]]:
    rows = PERMUTATIONS // BANDS
    return [(band, signed[band * rows : (band + 1) * rows].tobytes()) for band in range(BANDS)]
