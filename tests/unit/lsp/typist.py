"""A scripted developer: types, accepts, undoes and formats in one document, before a real tracker.

Edits take the way of a real client's: offsets become UTF-16 positions, the document applies them,
the tracker follows. The caret is ``|`` in the text given. Time only passes when told.
"""

from penchant_core.config import TrackerSettings
from penchant_core.signals import Candidate, Completion
from penchant_lsp.documents import Change, Document
from penchant_lsp.tracker import Tracker
from penchant_lsp.verdicts import Settled

URI = "file:///w/a.py"


class Typist:
    def __init__(self, text: str, *, settings: TrackerSettings | None = None) -> None:
        self.now = 1000.0
        self.tracker = Tracker(settings or TrackerSettings())
        self.caret = text.index("|")
        self.eol = "\r\n" if "\r\n" in text else "\n"
        text = text.replace("\r\n", "\n")
        self.caret = text.index("|")
        text = text.replace("|", "")
        self.document = Document.opened(URI, "python", 1, text.replace("\n", self.eol), "utf-16")
        self.tracker.open(URI, self.document.text, self.now)
        self.past: list[str] = []
        self.future: list[str] = []
        self.ids: list[str] = []
        self.texts: list[tuple[str, ...]] = []
        self.settled: list[Settled] = []

    # -- edits -----------------------------------------------------------------------------

    def edit(self, *edits: tuple[int, int, str], reason: str | None = None) -> None:
        """One ``didChange``; each edit is in the text that the ones before it left."""
        self.now += 0.05
        if reason is None:
            self.past.append(self.document.text)
            self.future.clear()
        applied = []
        for start, end, text in edits:
            at, to = self.document.position(start), self.document.position(end)
            applied.append(self.document.apply(Change(text.replace("\n", self.eol), at, to)))
        self.tracker.change(URI, applied, self.now, reason=reason if reason != "silent" else None)
        assert self.tracker.text(URI) == self.document.text

    def type(self, text: str) -> None:
        for character in text:
            self.insert(character)

    def insert(self, text: str, *, stay: int = 0) -> None:
        self.edit((self.caret, self.caret, text))
        self.caret += len(text) - stay

    def back(self, count: int) -> None:
        for _ in range(count):
            self.edit((self.caret - 1, self.caret, ""))
            self.caret -= 1

    def delete(self, count: int) -> None:
        self.edit((self.caret - count, self.caret, ""))
        self.caret -= count

    def move(self, after: str) -> None:
        self.caret = self.document.text.index(after) + len(after)

    def replace(self, old: str, new: str) -> None:
        start = self.document.text.index(old)
        self.edit((start, start + len(old), new))
        if start < self.caret:
            self.caret += len(new) - len(old)

    def whole(self, text: str, *, reason: str | None = None) -> None:
        """Send the whole text, as clients without incremental sync do."""
        self.now += 0.05
        self.past.append(self.document.text)
        applied = [self.document.apply(Change(text.replace("\n", self.eol)))]
        self.tracker.change(URI, applied, self.now, whole=True, reason=reason)
        assert self.tracker.text(URI) == self.document.text

    def undo(self, *, told: bool = False) -> None:
        self.future.append(self.document.text)
        self._back_to(self.past.pop(), "undo" if told else "silent")

    def redo(self, *, told: bool = False) -> None:
        text = self.future.pop()
        self.past.append(self.document.text)
        self._back_to(text, "redo" if told else "silent")

    def _back_to(self, text: str, reason: str) -> None:
        old = self.document.text
        head = 0
        while head < min(len(old), len(text)) and old[head] == text[head]:
            head += 1
        tail = 0
        while tail < min(len(old), len(text)) - head and old[-1 - tail] == text[-1 - tail]:
            tail += 1
        self.edit((head, len(old) - tail, text[head : len(text) - tail]), reason=reason)
        self.caret = len(text) - tail

    # -- suggestions -----------------------------------------------------------------------

    def offer(self, *texts: str, over: int = 0) -> str:
        number = len(self.ids)
        completion = Completion(
            id=f"c{number}",
            at=5000.0 + self.now,
            developer="ada",
            workspace="w",
            path="a.py",
            language="python",
            prefix=self.document.text[: self.caret],
            suffix=self.document.text[self.caret :],
            candidates=tuple(Candidate(text) for text in texts),
            shown=0,
        )
        showing = self.tracker.offer(URI, self.caret, self.caret + over, completion, self.now)
        self.ids.append(showing.completion_id)
        self.texts.append(texts)
        return showing.completion_id

    def accept(self, index: int = 0, *, typed: int = 0, command: bool = True) -> None:
        """Tab: one insertion of what is left of the suggestion, then the command."""
        self.insert(self.texts[-1][index][typed:])
        if command:
            self.command(index)

    def command(self, index: int = 0) -> None:
        self.tracker.accepted(self.ids[-1], index, self.now)

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.tracker.tick(self.now)

    def save(self) -> None:
        self.tracker.save(URI, self.now)

    def close(self) -> None:
        self.tracker.close(URI, self.now)

    def end(self) -> dict[str, Settled]:
        """Let everything settle; return what became of each completion."""
        for _ in range(4):
            self.wait(100.0)
        self.settled += self.tracker.drain()
        return {each.completion.id: each for each in self.settled}
