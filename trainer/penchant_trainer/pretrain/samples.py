"""Turns documents into training samples: fill-in-the-middle as it is served, and plain text.

A document is walked from top to bottom; each stretch becomes the prefix of one sample, whose cursor
stands in the line after it. The prompt is core's renderer's, byte for byte. Prompt and middle are
separate texts, because the server tokenises the prompt alone. Knows nothing of token ids.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from penchant_core.fim import Budget, FimRenderer, family_of, suffix_first
from penchant_core.wire import ContextSnippet
from penchant_trainer.pretrain.corpus import Document
from penchant_trainer.pretrain.cursors import Cut, draw
from penchant_trainer.pretrain.recipe import SamplesPart
from penchant_trainer.pretrain.tokenizer import SPECIAL

_NAME = re.compile(r"[^\W\d]\w{3,}")
_SNIPPETS_TRIED = 4


@dataclass(frozen=True, slots=True)
class Sample:
    """A prompt with the middle to write, or plain text (``middle`` None)."""

    prompt: str
    middle: str | None = None


def renderer(part: SamplesPart) -> FimRenderer:
    """Return the renderer that a model made with these numbers declares for itself."""
    template = family_of(SPECIAL)
    budget = Budget(part.prefix_chars, part.suffix_chars, part.context_chars)
    return FimRenderer(suffix_first(template) if part.order == "spm" else template, budget)


class Sampler:
    """Draws the samples of one pass over the documents of a corpus."""

    def __init__(self, documents: Sequence[Document], part: SamplesPart, seed: str) -> None:
        self._part = part
        self._chance = random.Random(seed)  # noqa: S311 (no secret hangs on it)
        self._renderer = renderer(part)
        self._siblings: dict[str, list[Document]] = {}
        for document in documents:
            self._siblings.setdefault(document.package, []).append(document)
        self._documents = list(documents)
        self._chance.shuffle(self._documents)

    def __iter__(self) -> Iterator[Sample]:
        for document in self._documents:
            if self._chance.random() < self._part.fim_share:
                yield from self._fim(document)
            else:
                yield self._plain(document)

    def _plain(self, document: Document) -> Sample:
        head = f"<|file_sep|>{document.path}\n" if self._chance.random() < 0.5 else ""
        return Sample(head + without_marks(document.text))

    def _fim(self, document: Document) -> Iterator[Sample]:
        text, at = document.text, 0
        while at < len(text):
            near = at + self._chance.randint(*self._part.window_chars)
            cut = draw(text, min(near, len(text) - 1), self._chance)
            if cut is None or cut.begin < at:
                cut = self._following(text, min(near, len(text)))
            yield self._sample(document, at, cut)
            at = text.find("\n", cut.end) + 1 or len(text)

    def _following(self, text: str, near: int) -> Cut:
        """Return a cut in the first line after ``near`` that has something in it."""
        while near < len(text):
            cut = draw(text, near, self._chance)
            if cut is not None and cut.begin >= near:
                return cut
            near = text.find("\n", near) + 1 or len(text)
        return Cut(len(text), len(text))

    def _sample(self, document: Document, at: int, cut: Cut) -> Sample:
        text, part = document.text, self._part
        middle = without_marks(text[cut.begin : cut.end])
        # A prompt seldom holds the most that it may: the file is often just being written.
        reach = self._chance.choice((0, part.suffix_chars // 2, part.suffix_chars, 10**6))
        suffix = text[cut.end : cut.end + reach]
        context: list[ContextSnippet] = []
        if self._chance.random() < part.snippet_share:
            context = [self._snippet(document, middle)]
        prompt = self._renderer.render(text[at : cut.begin], suffix, context, document.path)
        return Sample(prompt, middle)

    def _snippet(self, document: Document, middle: str) -> ContextSnippet:
        """Return the piece of a sibling file that shares most names with the middle."""
        names = set(_NAME.findall(middle))
        pieces = [self._piece(document) for _ in range(_SNIPPETS_TRIED)]
        return max(pieces, key=lambda piece: len(names & set(_NAME.findall(piece.text))))

    def _piece(self, document: Document) -> ContextSnippet:
        other = self._chance.choice(self._siblings[document.package])
        start = other.text.find("\n", self._chance.randrange(len(other.text))) + 1
        most = self._chance.randint(80, max(81, self._part.context_chars))
        piece = other.text[start : start + most]
        if other is document or not piece.strip():
            return ContextSnippet(path=other.path, text="")
        return ContextSnippet(path=other.path, text=piece[: piece.rfind("\n") + 1 or None])


def without_marks(text: str) -> str:
    """Return text without special tokens, which sources about language models do mention."""
    for mark in SPECIAL:
        text = text.replace(mark, "")
    return text
