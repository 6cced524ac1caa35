"""One document and the suggestions in it: takes its edits in and passes them to every suggestion.

Pure. ``tracks`` have no outcome yet; ``watches`` have one and are only probed for survival. The
work for one edit is bounded: by the number of tracks and watches, by the size of their regions, and
by how finely an edit is taken apart; nothing here compares texts token by token except what an edit
of several places has changed. Knows nothing of outcomes or of other documents.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

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
        self.text = batch.after
        self.states.append(hash(self.text))
        return lost

    def batch(
        self, edits: Sequence[Edit], *, whole: bool, reason: str | None, outside: bool
    ) -> Batch:
        """Return the edits of one ``didChange`` with the texts around them."""
        return Batch(edits, self.text, applied_all(self.text, edits), whole, reason, outside)

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
        # A file that was accepted into and saved at once reads like the one on disk, too.
        if batch.outside and not self._suggested(batch):
            return Origin.EXTERNAL
        return made_by

    def _suggested(self, batch: Batch) -> bool:
        texts = [text for track in self.tracks for text in track.texts]
        return any(edit.text and any(edit.text in each for each in texts) for edit in batch.edits)

    def _follow(self, batch: Batch, made_by: Origin, now: float) -> None:
        names = renamed(batch) if made_by is Origin.RENAME else None
        touched: list[Track] = []
        for step in _steps(batch):
            if made_by in (Origin.FORMATTER, Origin.RENAME):
                for track in self.tracks + self.watches:
                    influence.rebase(track, step.pieces, made_by, names)
                continue
            touched += influence.work(self.tracks, step, now, made_by)
            for track in self.watches:
                influence.overrun(track, step.pieces)
        if made_by in influence.REVERTING:
            for track in touched:
                track.flags.add(str(made_by))

    def _overrun(self, batch: Batch) -> list[Track]:
        """Let a change from outside pass; what it changed is nobody's judgement."""
        if line_similarity(batch.before, batch.after) < ALIKE:
            self.watches.clear()
            return list(self.tracks)
        lost: list[Track] = []
        for step in _steps(batch):
            for track in self.tracks + self.watches:
                if influence.overrun(track, step.pieces):
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
