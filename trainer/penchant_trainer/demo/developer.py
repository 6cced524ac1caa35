"""How the scripted developer answers ghost text: by what they meant to write, and nothing else.

The same rules hold before and after training. The figures come from the signal log that the product
itself keeps; the developer only acts. Knows nothing of adapters.
"""

import asyncio
import time
from dataclasses import dataclass

from rapidfuzz.distance import Prefix
from rapidfuzz.fuzz import ratio

from penchant_trainer.demo.code import Module
from penchant_trainer.demo.editor import Editor, Suggestion

WORTH_EDITING = 60
"""Suggestions at least this similar (0 to 100) are taken and mended; others are typed over."""

WORTH_A_WORD = 4
"""A correct beginning of at least this many characters is taken word by word."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One pause: where it was, what was offered, what was wanted, and what was done."""

    module: str
    line: str
    offered: str
    wanted: str
    action: str
    waited_ms: float


class Developer:
    """Writes modules in an editor and remembers every moment of ghost text."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.moments: list[Moment] = []

    async def write(self, module: Module) -> None:
        """Write one module from its first to its last character."""
        self.editor.open(module.name, module.header, module.footer)
        position = 0
        for pause in module.pauses:
            if pause < position:
                continue
            self.editor.type(module.text[position:pause])
            position = pause + await self._look(module, pause)
        self.editor.type(module.text[position:])
        self.editor.close()

    async def _look(self, module: Module, pause: int) -> int:
        """Ask for ghost text at a pause; return how many wanted characters were written."""
        begun = time.perf_counter()
        offered = await self.editor.suggest()
        waited_ms = (time.perf_counter() - begun) * 1000
        if not offered:
            return 0
        suggestion = offered[0]
        wanted = _comparable(module.text[pause:], suggestion.text)
        action, written = await self._answer(suggestion, wanted)
        line = self.editor.before[: -written or None].rsplit("\n", 1)[-1]
        self.moments.append(Moment(module.name, line, suggestion.text, wanted, action, waited_ms))
        # A person looks at what was written; that pause also ends the watch of the last region.
        await asyncio.sleep(0.02)
        return written

    async def _answer(self, suggestion: Suggestion, wanted: str) -> tuple[str, int]:
        text = suggestion.text
        same = Prefix.similarity(text, wanted)
        if same == len(text):
            await self.editor.accept(suggestion)
            return "accepted", len(text)
        if ratio(text, wanted) >= WORTH_EDITING:
            await self.editor.accept(suggestion)
            self._mend(text, wanted)
            return "edited", len(wanted)
        word = _word_edge(text, same)
        if word >= WORTH_A_WORD:
            self.editor.accept_part(suggestion, word)
            self.editor.type(wanted[word:])
            return "took a part", len(wanted)
        self.editor.type(wanted)
        return "typed over", len(wanted)

    def _mend(self, text: str, wanted: str) -> None:
        """Go to the first wrong character, replace what is wrong, and go back to the end."""
        start = Prefix.similarity(text, wanted)
        tail = Prefix.similarity(text[start:][::-1], wanted[start:][::-1])
        self.editor.move(tail)
        self.editor.delete_back(len(text) - start - tail)
        self.editor.type(wanted[start : len(wanted) - tail])
        self.editor.move(-tail)


def _comparable(rest: str, offered: str) -> str:
    """Return as many lines of what is wanted as were offered."""
    lines = offered.count("\n") + 1
    return "\n".join(rest.split("\n")[:lines])


def _word_edge(text: str, same: int) -> int:
    """Return the last word edge of ``text`` within its first ``same`` characters."""
    while same and text[same - 1].isalnum() and same < len(text) and text[same].isalnum():
        same -= 1
    return same
