"""One suggestion on its way to its outcome: what stands in its region, and what that means.

Pure. Reads the region after every edit: is the suggestion there, a part of it, something else, or
nothing? Knows nothing of documents other than the region's text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from penchant_core.settings import TrackerSettings
from penchant_core.signals import Candidate, Completion
from penchant_lsp.origins import keystroke
from penchant_lsp.regions import Region
from penchant_lsp.similarity import same_code

_CLOSING = {"(": ")", "[": "]", "{": "}", '"': '"', "'": "'", "`": "`", "<": ">"}
AT_ONCE = 4
WORD = 100
_INDENT = re.compile(r"\n[ \t]*")


class How(StrEnum):
    """How an edit wrote: it inserted, it replaced, or it replaced a begun word by a listed one."""

    INSERTED = "inserted"
    REPLACED = "replaced"
    LISTED = "listed"


class Phase(StrEnum):
    """Whether the suggestion is in the document."""

    OPEN = "open"
    TAKEN = "taken"


@dataclass(slots=True, eq=False)
class Track:
    """One showing. Times are seconds of the tracker's clock; ``base`` is the text that the
    suggestion would replace; ``partial`` counts characters accepted word by word; ``finished`` is
    whether the rest of those was typed."""

    completion: Completion
    region: Region
    base: str
    shown_at: float
    touched_at: float
    phase: Phase = Phase.OPEN
    index: int = 0
    typed: bool = False
    before: str = ""
    taken_at: float = 0.0
    happened_at: float = 0.0
    partial: int = 0
    was_taken: bool = False
    away: bool = False
    confirmed: bool = False
    commanded: bool = False
    finished: bool = False
    command_at: float | None = None
    probed_s: float = 0.0
    suspected_at: float | None = None
    closers: str = ""
    gathers: bool = False
    joined: tuple[bool, bool] = (True, True)
    seen: set[int] = field(default_factory=set)
    flags: set[str] = field(default_factory=set)
    probes: dict[float, float] = field(default_factory=dict)
    renames: dict[str, str] = field(default_factory=dict)

    @property
    def texts(self) -> list[str]:
        """The text of every candidate, as it would stand in the region."""
        return [candidate.text for candidate in self.completion.candidates]

    @property
    def suggestion(self) -> str:
        """The candidate that was shown, or taken."""
        return self.texts[self.index]

    @property
    def fresh(self) -> bool:
        """Whether the same text offered here again would be the same showing."""
        moved_on = self.was_taken or "prefix_edited" in self.flags
        return self.phase is Phase.OPEN and not moved_on

    def extend(self, candidate: Candidate) -> None:
        """Add a candidate that was offered at the same place later."""
        candidates = (*self.completion.candidates, candidate)
        self.completion = replace(self.completion, candidates=candidates)

    def leads_to(self, document: str, start: int, end: int, completion: Completion) -> bool:
        """Whether accepting the first candidate of another offer leads to a text offered here."""
        ours, theirs = self._outcomes(document, start, end, completion)
        return theirs[0] in ours

    def _outcomes(
        self, document: str, start: int, end: int, completion: Completion
    ) -> tuple[list[str], list[str]]:
        """Return the texts that accepting these candidates and another offer's would lead to."""
        low, high = min(self.region.start, start), max(self.region.end, end)
        left, right = document[low : self.region.start], document[self.region.end : high]
        head, tail = document[low:start], document[end:high]
        ours = [left + each + right for each in self.texts]
        return ours, [head + candidate.text + tail for candidate in completion.candidates]

    def same(
        self, document: str, start: int, end: int, completion: Completion
    ) -> tuple[int, ...] | None:
        """Return the indices here of another offer's candidates, None if it is another showing.

        It is the same when accepting its first candidate at ``start`` to ``end`` would lead to the
        same text as accepting one of these.
        """
        ours, theirs = self._outcomes(document, start, end, completion)
        if theirs[0] not in ours:
            return None
        left = document[min(self.region.start, start) : self.region.start]
        right = document[self.region.end : max(self.region.end, end)]
        indices: list[int] = []
        for whole, candidate in zip(theirs, completion.candidates, strict=True):
            if whole not in ours:
                inside = whole[len(left) : len(whole) - len(right)]
                self.extend(replace(candidate, text=inside))
                ours.append(whole)
            indices.append(ours.index(whole))
        return tuple(indices)

    def written(self, text: str) -> str:
        """Return what stands in the region without what was there before or closed by itself."""
        for tail in (self.closers + self.base, self.base, self.closers):
            if tail and text.endswith(tail):
                return text[: -len(tail)]
        return text

    def progress(self, text: str) -> tuple[int, int] | None:
        """Return (candidate, characters of it) that ``text`` is the beginning of, else None."""
        texts, order, written = self.texts, self._order(), self.written(text)
        for head in (text,) if text == written else (text, written):
            for index in order:
                if texts[index].startswith(head):
                    return index, len(head)
        for index in order:
            if flat(texts[index]).startswith(flat(written)):
                return index, len(written)
        return None

    def complete(self, text: str, *, laid_out: bool = False) -> int | None:
        """Return the candidate that ``text`` is, up to the indentation of its further lines.

        ``laid_out``: also where the layout differs otherwise, as editors do when they insert.
        """
        texts = self.texts
        for index in self._order():
            if text == texts[index] or flat(text) == flat(texts[index]):
                return index
            if laid_out and same_code(text, texts[index]):
                return index
        return None

    def _order(self) -> Sequence[int]:
        """Return the candidates' indices, the shown one first."""
        count = len(self.completion.candidates)
        if count == 1:
            return (0,)
        return sorted(range(count), key=lambda index: index != self.index)

    def diverged(self, text: str) -> bool:
        """Whether something else than the suggestion stands in the region."""
        return bool(self.written(text).strip()) and self.progress(text) is None

    def leave(self, now: float) -> None:
        """Note that the developer went on elsewhere."""
        if not self.away:
            self.away = True
            self.touched_at = max(self.touched_at, now)

    def due(self, text: str, settings: TrackerSettings, now: float) -> bool:
        """Whether it is time for the outcome."""
        quiet = now - self.touched_at >= settings.quiet_s
        if self.phase is Phase.TAKEN:
            return quiet or now - self.taken_at >= settings.watch_s
        if now - self.shown_at >= settings.watch_s:
            return True
        return quiet and (self.away or self.was_taken or self.diverged(text))

    def conclude(self, now: float, *, tells_commands: bool) -> None:
        """Weigh what the editor said, or kept silent about, once nothing more will come."""
        if self.commanded and self.phase is Phase.OPEN and not self.was_taken:
            self.phase, self.typed = Phase.TAKEN, False
            self.taken_at = self.happened_at = self.command_at or now
            self.flags.add("late")
        elif tells_commands and self.phase is Phase.TAKEN and not (self.was_taken or self.partial):
            # This editor says so when a suggestion is accepted: the same text came another way.
            self.typed = self.typed or not self.commanded

    def read(self, text: str, before: str, inserted: str, now: float, how: How) -> None:
        """Take note of what an edit has left in the region; ``inserted`` is what it wrote there."""
        self.touched_at = now
        if self.phase is Phase.TAKEN:
            self._read_taken(text)
            return
        typed = how is How.LISTED or self._by_keys(text, inserted)
        if len(inserted) == 2 and keystroke(inserted) and _CLOSING.get(inserted[0]) == inserted[1]:
            self.closers = inserted[1] + self.closers
        done = self.complete(text, laid_out=not typed)
        if done is not None:
            self._take(done, before, now, typed=typed and not self.commanded)
            self.finished = self.finished and len(inserted) == 1
        elif self.diverged(text):
            self.happened_at = self.happened_at or now
        elif how is How.INSERTED and not typed:
            self._read_jump(text, now)

    def _by_keys(self, text: str, inserted: str) -> bool:
        """Whether an insertion is keystrokes; some clients send a few of them at once.

        Such a client gives itself away by an insertion that ends inside a word, where no part of a
        suggestion would be taken to.
        """
        if keystroke(inserted):
            return True
        if len(inserted) > AT_ONCE or (self.partial and "inferred" not in self.flags):
            return False
        found = self.progress(text)
        if found is not None and found[1] < len(self.texts[found[0]]):
            self.gathers = self.gathers or not edge(self.texts[found[0]], found[1])
        if self.gathers:  # then what looked like a word taken was typed as well
            self.partial = 0
            self.flags.discard("inferred")
        return self.gathers

    def note_neighbours(self, document: str) -> None:
        """Remember whether its first and last word go on outside the region."""
        self.joined = _joined(document, self.region.start), _joined(document, self.region.end)

    def settled(self, document: str) -> str:
        """Return the region's text, with what has made its first or last word longer since."""
        start, end = self.region.start, self.region.end
        if self.phase is Phase.TAKEN and start < end:
            most = WORD
            while not self.joined[0] and _joined(document, start) and most:
                start, most = start - 1, most - 1
            while not self.joined[1] and _joined(document, end) and most:
                end, most = end + 1, most - 1
        return document[start:end]

    def _read_taken(self, text: str) -> None:
        if text.strip() and text != self.before:
            return
        self.phase = Phase.OPEN
        self.was_taken = True
        self.commanded = False
        self.partial = 0
        self.region.open = True

    def _read_jump(self, text: str, now: float) -> None:
        found = self.progress(text)
        if found is None:
            return
        index, length = found
        if edge(self.texts[index], length):
            self.index, self.partial, self.happened_at = index, max(self.partial, length), now
            self.flags.add("inferred")

    def _take(self, index: int, before: str, now: float, *, typed: bool) -> None:
        self.index = index
        self.phase = Phase.TAKEN
        self.typed = typed and not self.partial and not self.was_taken_by_jump
        self.finished = typed and bool(self.partial)
        self.before = before
        self.taken_at = self.happened_at = now
        self.region.open = self.region.tailless = False
        if self.commanded:
            self.flags.discard("inferred")
        elif not self.typed:
            self.flags.add("inferred")

    @property
    def was_taken_by_jump(self) -> bool:
        """Whether a redo may be at work: the suggestion was accepted here before."""
        return self.was_taken and not self.typed

    def partly(self, index: int, length: int, now: float) -> None:
        """The editor says that this many characters of a candidate have been accepted."""
        self.confirmed = True
        self.flags.discard("inferred")
        if self.phase is Phase.OPEN:
            self.index, self.happened_at = index, now
            self.partial = max(self.partial, min(length, len(self.suggestion)))

    def command(self, index: int, now: float) -> None:
        """The editor says that this candidate was accepted; before or after the edit."""
        if not 0 <= index < len(self.texts):
            return
        self.commanded, self.command_at, self.confirmed = True, now, True
        if self.phase is Phase.TAKEN and self.index == index:
            self.typed = False
            self.flags.discard("inferred")
        else:
            self.index = index


def flat(text: str) -> str:
    """Return ``text`` without the indentation of its further lines."""
    return _INDENT.sub("\n", text) if "\n" in text else text


def edge(text: str, length: int) -> bool:
    """Whether a word or a line ends at ``length``."""
    if length <= 0 or length >= len(text):
        return length > 0
    left, right = text[length - 1], text[length]
    return not (_word(left) and _word(right))


def _joined(document: str, at: int) -> bool:
    """Whether a word goes on over an offset."""
    return 0 < at < len(document) and _word(document[at - 1]) and _word(document[at])


def _word(character: str) -> bool:
    return character.isalnum() or character == "_"
