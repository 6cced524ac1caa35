"""One document and the suggestions in it: takes its edits in and passes them to every suggestion.

Pure. ``tracks`` have no outcome yet; ``watches`` have one and are only probed for survival. The
work for one edit is bounded: by the number of tracks and watches, by the size of their regions, and
by how finely an edit is taken apart; nothing here compares texts token by token except what an edit
of several places has changed. Knows nothing of outcomes or of other documents.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from penchant_lsp import influence
from penchant_lsp.documents import Edit, applied_all
from penchant_lsp.origins import ALIKE, EXTERNAL_EDITS, Batch, Origin, origin, renamed
from penchant_lsp.regions import refined
from penchant_lsp.similarity import line_similarity
from penchant_lsp.tracks import Phase, Track

STATES = 20
TRACK_LIMIT = 64
WATCH_LIMIT = 32
LONGEST_REGION = 8_000
CLOSE_AFTER_S = 30.0
AT_ONCE_S = 2.0
MOVED_CHARS = 3


@dataclass(slots=True)
class Followed:
    """An open document. ``states`` are hashes of its latest texts, for recognising an undo."""

    text: str
    changed_at: float
    saved_at: float = -1.0
    states: deque[int] = field(default_factory=lambda: deque(maxlen=STATES))
    tracks: list[Track] = field(default_factory=list)
    watches: list[Track] = field(default_factory=list)

    def change(self, batch: Batch, now: float) -> list[Track]:
        """Take one ``didChange`` in; return the tracks that it has put beyond judgement."""
        self.changed_at = now
        lost: list[Track] = []
        if self.tracks or self.watches:
            made_by = self._origin(batch)
            if made_by is Origin.EXTERNAL:
                lost = self._overrun(batch)
            else:
                self._follow(batch, made_by, now)
                self._forget_watches()
        self.text = batch.after
        self.states.append(hash(self.text))
        return lost

    def batch(
        self, edits: Sequence[Edit], *, whole: bool, reason: str | None, outside: bool
    ) -> Batch:
        """Return the edits of one ``didChange`` with the texts around them."""
        return Batch(edits, self.text, applied_all(self.text, edits), whole, reason, outside)

    def save(self, now: float) -> None:
        """Note that the document was saved.

        What was changed and saved at once reads like the file, too, but did not come from there.
        """
        self.saved_at = now
        for track in self.tracks:
            if track.suspected_at is not None and now - track.suspected_at < AT_ONCE_S:
                track.suspected_at = None

    def excess(self) -> list[Track]:
        """Return the tracks that are too many or have grown too large to be followed on."""
        large = [t for t in self.tracks if t.region.end - t.region.start > LONGEST_REGION]
        rest = [track for track in self.tracks if track not in large]
        return large + rest[: max(0, len(rest) - TRACK_LIMIT)]

    def watch(self, track: Track) -> None:
        """Go on looking after a suggestion that has its outcome."""
        self.watches.append(track)
        del self.watches[:-WATCH_LIMIT]

    def too_early(self, track: Track, now: float) -> bool:
        """Whether closing the document now hides what would have become of a suggestion."""
        saved = self.saved_at >= max(track.touched_at, track.shown_at)
        if track.phase is Phase.TAKEN:
            return now - track.taken_at < CLOSE_AFTER_S and not saved
        touched = bool(track.written(track.region.text(self.text)).strip()) or track.was_taken
        return touched and not saved

    # -- inside ----------------------------------------------------------------------------

    def _origin(self, batch: Batch) -> Origin:
        made_by = origin(batch)
        told = batch.reason in set(Origin)
        if told or made_by not in (Origin.HUMAN, Origin.EXTERNAL):
            return made_by
        if hash(batch.after) in list(self.states)[:-1]:
            return Origin.UNDO
        return made_by

    def _suggested(self, batch: Batch) -> bool:
        texts = [text for track in self.tracks for text in track.texts]
        return any(edit.text and any(edit.text in each for each in texts) for edit in batch.edits)

    def _follow(self, batch: Batch, made_by: Origin, now: float) -> None:
        names = renamed(batch) if made_by is Origin.RENAME else None
        touched: list[Track] = []
        moved = self._moved(batch)
        doubtful = made_by is Origin.HUMAN and batch.outside and not self._suggested(batch)
        for step in _steps(batch):
            if doubtful:
                self._suspect(step, now)
            if made_by in (Origin.FORMATTER, Origin.RENAME):
                for track in self.tracks + self.watches:
                    influence.rebase(track, step.pieces, made_by, names)
                continue
            worked = [track for track in self.tracks if track not in moved]
            touched += influence.work(worked, step, now, made_by)
            for track in self.watches:
                influence.overrun(track.region, step.pieces)
        for track, place in moved.items():
            track.region.start, track.region.end = place
        if made_by in influence.REVERTING:
            for track in touched:
                track.flags.add(str(made_by))

    def _moved(self, batch: Batch) -> dict[Track, tuple[int, int]]:
        """Return where several edits at once, like a line's move, have put accepted text."""
        places: dict[Track, tuple[int, int]] = {}
        for track in self.tracks if len(batch.edits) > 1 else ():
            text = track.region.text(self.text)
            whole = track.phase is Phase.TAKEN and len(text) >= MOVED_CHARS
            if whole and batch.before.count(text) == 1 == batch.after.count(text):
                start = batch.after.index(text)
                places[track] = (start, start + len(text))
        return places

    def _suspect(self, step: influence.Step, now: float) -> None:
        """Note what an edit may have changed from outside; a save right after it clears that."""
        for track in self.tracks + self.watches:
            if influence.overrun(replace(track.region), step.pieces):
                track.suspected_at = now

    def _forget_watches(self) -> None:
        self.watches = [track for track in self.watches if track.suspected_at is None]

    def _overrun(self, batch: Batch) -> list[Track]:
        """Let a change from outside pass; what it changed is nobody's judgement."""
        if line_similarity(batch.before, batch.after) < ALIKE:
            self.watches.clear()
            return list(self.tracks)
        lost: list[Track] = []
        for step in _steps(batch):
            for track in self.tracks + self.watches:
                if influence.overrun(track.region, step.pieces):
                    lost.append(track)
        self.watches = [track for track in self.watches if track not in lost]
        return [track for track in self.tracks if track in lost]


def _steps(batch: Batch) -> Iterator[influence.Step]:
    """Yield the edits one after the other; very many as one."""
    edits: Sequence[Edit] = batch.edits
    if len(edits) > EXTERNAL_EDITS:
        edits = [Edit(0, len(batch.before), batch.after)]
    text = batch.before
    for edit in edits:
        after = edit.applied(text)
        pieces = refined(edit, text[edit.start : edit.end])
        yield influence.Step(edit, pieces, text, after, batch.whole or edits is not batch.edits)
        text = after
