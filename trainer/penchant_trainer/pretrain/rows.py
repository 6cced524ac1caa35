"""The second step: tokenised rows of equal length, in shards of at most 50 MB.

A row holds whole fill-in-the-middle samples, so that no prompt is cut, and is filled up with plain
text. Beside each token lies its kind: padding, ordinary, or middle (what the model will be asked
for). Shards are plain arrays (``.npy``, no pickles), read by memory map. Knows nothing of models.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from penchant_core.errors import TrainError
from penchant_core.paths import private_directory, write_private
from penchant_trainer.pretrain.samples import Sample

PAD, TEXT, MIDDLE = 0, 1, 2
SHARD_BYTES = 50_000_000
_KIND_SHIFT = 14  # ids stay below 2**14 in every recipe; the two bits above hold the kind
MAX_VOCABULARY = 1 << _KIND_SHIFT
_OPEN_ROWS = 24

Row = NDArray[np.uint16]


class Packer:
    """Fits samples into rows of ``length`` tokens, the fullest row that still has room first."""

    def __init__(self, length: int, end_id: int) -> None:
        self._length, self._end = length, end_id
        self._open: list[list[int]] = []
        self._plain: list[int] = []
        self.too_long = 0

    def add(self, ids: list[int], middle: list[int] | None) -> Iterator[Row]:
        """Take one tokenised sample; yield the rows that became full."""
        if middle is None:
            self._plain += [_packed(i, TEXT) for i in [*ids, self._end]]
            yield from self._plain_rows()
            return
        packed = [_packed(i, TEXT) for i in ids]
        packed += [_packed(i, MIDDLE) for i in [*middle, self._end]]
        if len(packed) > self._length:
            self.too_long += 1
            return
        fitting = [r for r in self._open if len(r) + len(packed) <= self._length]
        if fitting:
            max(fitting, key=len).extend(packed)
        else:
            self._open.append(packed)
        if len(self._open) > _OPEN_ROWS:
            yield self._close(max(self._open, key=len))

    def rest(self) -> Iterator[Row]:
        """Yield the rows that are still open."""
        while self._open:
            yield self._close(self._open[0])

    def _plain_rows(self) -> Iterator[Row]:
        # Some plain text is kept back to fill up the rows of samples.
        while len(self._plain) > _OPEN_ROWS * self._length:
            yield self._taken(self._length)

    def _close(self, row: list[int]) -> Row:
        self._open.remove(row)
        filled = np.zeros(self._length, np.uint16)
        filled[: len(row)] = row
        spare = self._taken(min(self._length - len(row), len(self._plain)))
        filled[len(row) : len(row) + len(spare)] = spare
        return filled

    def _taken(self, count: int) -> Row:
        taken, self._plain = self._plain[:count], self._plain[count:]
        return np.array(taken, np.uint16)


def _packed(token: int, kind: int) -> int:
    return token | kind << _KIND_SHIFT


def ids_and_kinds(rows: Row) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the token ids and the kinds of packed rows."""
    wide = rows.astype(np.int64)
    return wide & (MAX_VOCABULARY - 1), wide >> _KIND_SHIFT


def tokenised(samples: Iterable[Sample], tokenizer: Any, packer: Packer) -> Iterator[Row]:
    """Yield the rows that ``samples`` make; prompt and middle are tokenised apart."""
    source = iter(samples)
    while batch := list(islice(source, 512)):
        prompts = tokenizer.encode_batch_fast([s.prompt for s in batch], add_special_tokens=False)
        middles = tokenizer.encode_batch_fast(
            [s.middle or "" for s in batch], add_special_tokens=False
        )
        for sample, prompt, middle in zip(batch, prompts, middles, strict=True):
            yield from packer.add(prompt.ids, None if sample.middle is None else middle.ids)
    yield from packer.rest()


def write(rows: Iterable[Row], directory: Path, length: int, **facts: Any) -> dict[str, Any]:
    """Write ``rows`` as shards into ``directory`` and return their index, with ``facts`` added."""
    private_directory(directory)
    for old in directory.glob("*.npy"):
        old.unlink()
    names: list[str] = []
    counts: list[int] = []
    source = iter(rows)
    while block := list(islice(source, SHARD_BYTES // (2 * length))):
        names.append(f"rows-{len(names):04d}.npy")
        counts.append(len(block))
        np.save(directory / names[-1], np.stack(block), allow_pickle=False)
    index = {"shards": names, "rows": counts, "length": length, **facts}
    write_private(directory / "index.json", json.dumps(index, indent=1))
    return index


class Rows:
    """The rows of a directory of shards, by number."""

    def __init__(self, directory: Path) -> None:
        index = directory / "index.json"
        if not index.exists():
            raise TrainError(f"{directory} holds no rows; run `penchant pretrain tokenizer` first")
        self.index: dict[str, Any] = json.loads(index.read_text("utf-8"))
        self._shards = [
            np.load(directory / name, mmap_mode="r", allow_pickle=False)
            for name in self.index["shards"]
        ]
        self._starts = np.cumsum([0, *map(len, self._shards)])

    def __len__(self) -> int:
        return int(self._starts[-1])

    def take(self, numbers: Iterable[int]) -> Row:
        """Return the rows with these numbers, in this order."""
        return np.stack([self._row(number) for number in numbers])

    def _row(self, number: int) -> Row:
        shard = int(np.searchsorted(self._starts, number, side="right")) - 1
        found: Row = self._shards[shard][number - self._starts[shard]]
        return found
