"""Turns a growing list of token ids into text that may be shown.

Decodes incrementally, never emits half a UTF-8 character, and holds back what may yet become a stop
text, so that a stop is found across token boundaries and nothing shown is ever taken back. Knows
nothing of models.
"""

from collections.abc import Sequence

from tokenizers import Tokenizer

_LEAD = 6
_BROKEN = "\ufffd"


class TextStream:
    """The text of one candidate. ``prompt_ids`` are its context, for tokenizers that glue words."""

    def __init__(
        self, tokenizer: Tokenizer, prompt_ids: Sequence[int], stops: Sequence[str]
    ) -> None:
        self._tokenizer = tokenizer
        self._ids = list(prompt_ids[-_LEAD:])
        self._start = 0
        self._read = len(self._ids)
        self._stops = [stop for stop in stops if stop]
        self._held = ""
        self.stopped = False

    def push(self, token: int) -> str:
        """Add a token; return the text that became safe to show (often empty)."""
        self._ids.append(token)
        before = self._decode(self._ids[self._start : self._read])
        after = self._decode(self._ids[self._start :])
        if len(after) <= len(before) or after.endswith(_BROKEN):
            return ""
        self._start, self._read = self._read, len(self._ids)
        self._held += after[len(before) :]
        return self._release()

    def finish(self) -> str:
        """Return what was held back when no more tokens come; half a character is dropped."""
        if self.stopped:
            return ""
        before = self._decode(self._ids[self._start : self._read])
        rest = self._decode(self._ids[self._start :])[len(before) :].rstrip(_BROKEN)
        self._held += rest
        shown = self._release()
        held, self._held = self._held, ""
        return shown + ("" if self.stopped else held)

    def _decode(self, ids: list[int]) -> str:
        return self._tokenizer.decode(ids, skip_special_tokens=True)

    def _release(self) -> str:
        found = [at for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if found:
            self.stopped = True
            shown, self._held = self._held[: min(found)], ""
            return shown
        keep = max((_overlap(self._held, stop) for stop in self._stops), default=0)
        cut = len(self._held) - keep
        shown, self._held = self._held[:cut], self._held[cut:]
        return shown


def _overlap(text: str, stop: str) -> int:
    """Return how many characters at the end of ``text`` are a beginning of ``stop``."""
    for size in range(min(len(stop) - 1, len(text)), 0, -1):
        if stop.startswith(text[-size:]):
            return size
    return 0
