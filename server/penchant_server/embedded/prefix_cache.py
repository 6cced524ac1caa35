"""Remembers what the model already computed for a document's last prompt.

Per adapter one key/value cache and the tokens it stands for. The next prompt of the same document
usually begins with the same tokens, so only what is new is computed. Adapters never share: their
keys and values differ. Knows nothing of sampling.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from transformers.cache_utils import DynamicCache, DynamicLayer

KEPT_ADAPTERS = 4


@dataclass(slots=True)
class Remembered:
    """A cache and the ids of the tokens whose keys and values it holds."""

    cache: Any = field(default_factory=DynamicCache)
    ids: list[int] = field(default_factory=list)

    def crop(self, length: int) -> None:
        """Forget everything after the first ``length`` tokens."""
        surplus = len(self.ids) - length
        if surplus > 0:
            self.cache.crop(-surplus)
            del self.ids[length:]

    def add(self, ids: list[int]) -> None:
        """Note that the cache now holds ``ids`` as well."""
        self.ids.extend(ids)


class PrefixCache:
    """One Remembered per adapter name, the least recently used dropped."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str | None, Remembered] = OrderedDict()

    def take(self, adapter: str | None, prompt: list[int]) -> Remembered:
        """Return a cache that holds a beginning of ``prompt``, at most all but its last token.

        It leaves the collection until ``put``: a generation that fails half-way leaves nothing
        wrong behind.
        """
        entry = self._entries.pop(adapter, None)
        if entry is None or not _croppable(entry.cache):
            return Remembered()
        common = _common(entry.ids, prompt[:-1])
        if common == 0:
            return Remembered()
        entry.crop(common)
        return entry

    def put(self, adapter: str | None, entry: Remembered) -> None:
        """Keep a cache for the adapter's next request."""
        self._entries[adapter] = entry
        while len(self._entries) > KEPT_ADAPTERS:
            self._entries.popitem(last=False)

    def forget(self, adapter: str) -> None:
        """Drop what is remembered for an adapter that was unloaded."""
        self._entries.pop(adapter, None)


def _common(left: list[int], right: list[int]) -> int:
    count = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        count += 1
    return count


def _croppable(cache: Any) -> bool:
    """Tell whether every layer keeps all positions (a sliding window cannot be cropped back)."""
    return all(type(layer) is DynamicLayer for layer in cache.layers)
