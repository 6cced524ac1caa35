"""Follows every suggestion through the edits of its document to exactly one outcome.

Pure: events come in with the time (seconds of any steady clock), settled suggestions come out of
``drain``. Works on edits alone and is sharpened by what an editor says on top (command, shown,
partly accepted, dismissed, undo). Two offers that lead to the same text are one showing. Knows
nothing of the protocol, the disk or consent.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from penchant_core.config import TrackerSettings
from penchant_core.signals import Candidate, Completion
from penchant_lsp.documents import Edit, applied_all
from penchant_lsp.origins import Batch, Origin, origin, pasted, renamed
from penchant_lsp.regions import Region, refined, slid
from penchant_lsp.tracks import Phase, Track
from penchant_lsp.verdicts import Settled, kept, not_shown, verdict

STATES = 20
LIVE_LIMIT = 64
LONGEST_REGION = 8_000
CLOSE_AFTER_S = 30.0
LATE_S = 2.0


@dataclass(slots=True)
class _Text:
    text: str
    states: deque[int] = field(default_factory=lambda: deque(maxlen=STATES))
    tracks: list[Track] = field(default_factory=list)
    changed_at: float = 0.0
    saved_at: float = -1.0


@dataclass(frozen=True, slots=True)
class Showing:
    """Under which completion, and as which candidates of it, an offer is known."""

    completion_id: str
    indices: tuple[int, ...]


class Tracker:
    """All open documents and the suggestions in them.

    ``confirms`` is whether the client tells what it shows; from the first such message on, an offer
    that was never confirmed nor taken counts as not shown.
    """

    def __init__(self, settings: TrackerSettings) -> None:
        self.settings = settings
        self.confirms = False
        self._texts: dict[str, _Text] = {}
        self._ids: dict[str, tuple[Track, str]] = {}
        self._settled: list[Settled] = []

    # -- documents -------------------------------------------------------------------------

    def open(self, uri: str, text: str, now: float) -> None:
        """Begin to follow a document; one that is open already was replaced from outside."""
        if uri in self._texts:
            self._finish(uri, now, censored=True)
        self._texts[uri] = _Text(text, changed_at=now)

    def text(self, uri: str) -> str | None:
        """Return the text of a document as the tracker knows it."""
        known = self._texts.get(uri)
        return None if known is None else known.text

    @property
    def open_count(self) -> int:
        """How many suggestions are followed and have no outcome yet."""
        return sum(len(known.tracks) for known in self._texts.values())

    def change(
        self,
        uri: str,
        edits: Sequence[Edit],
        now: float,
        *,
        whole: bool = False,
        reason: str | None = None,
    ) -> None:
        """Take one ``didChange`` in. ``reason`` is the client's own word (see ``Origin``)."""
        known = self._texts.get(uri)
        if known is None or not edits:
            return
        known.changed_at = now
        if not known.tracks:
            for edit in edits:
                known.text = edit.applied(known.text)
            known.states.append(hash(known.text))
            return
        batch = Batch(edits, known.text, applied_all(known.text, edits), whole, reason)
        made_by = origin(batch)
        if made_by is Origin.HUMAN and hash(batch.after) in list(known.states)[:-1]:
            made_by = Origin.UNDO
        if made_by is Origin.EXTERNAL:
            known.text = batch.after
            self._censor(known, now)
        else:
            self._follow(known, batch, made_by, now)
        known.states.append(hash(known.text))
        self._limit(known, now)

    def save(self, uri: str, now: float) -> None:
        """Note that a document was saved: a moment to probe survival."""
        known = self._texts.get(uri)
        if known is None:
            return
        known.saved_at = now
        for track in known.tracks:
            if track.phase is Phase.TAKEN:
                share = kept(track, track.region.text(known.text))
                track.probes[round(now - track.taken_at, 1)] = share

    def close(self, uri: str, now: float) -> None:
        """Stop following a document; what was not saved or has just happened is censored."""
        self._finish(uri, now, censored=False)

    def stop(self, now: float) -> None:
        """Close every document."""
        for uri in list(self._texts):
            self.close(uri, now)

    # -- suggestions -----------------------------------------------------------------------

    def offer(self, uri: str, start: int, end: int, completion: Completion, now: float) -> Showing:
        """A completion is being shown: its candidates would replace ``start`` to ``end``.

        Returns under which id it is known from now on: an offer that leads to the same text as the
        one before it is the same showing.
        """
        indices = tuple(range(len(completion.candidates)))
        known = self._texts.get(uri)
        if known is None or not completion.candidates:
            return Showing(completion.id, indices)
        for track in [track for track in known.tracks if track.fresh]:
            same = self._same(track, known.text, start, end, completion)
            if same is not None:
                self._ids[completion.id] = (track, uri)
                track.away = False
                return Showing(track.completion.id, same)
        self._supersede(known, start, end, now)
        region = Region(start, end)
        track = Track(completion, region, known.text[start:end], now, now)
        known.tracks.append(track)
        self._ids[completion.id] = (track, uri)
        if not known.states:
            known.states.append(hash(known.text))
        self._limit(known, now)
        return Showing(completion.id, indices)

    def unshown(self, completion: Completion, reason: str) -> None:
        """A completion arrived but was never offered."""
        if completion.candidates:
            self._settled.append(not_shown(completion, reason))

    def accepted(self, completion_id: str, index: int, now: float) -> None:
        """The editor says that a candidate was accepted."""
        if (found := self._ids.get(completion_id)) is not None:
            found[0].command(index, now)

    def shown(self, completion_id: str, index: int) -> None:
        """The editor says that a candidate was visible."""
        self.confirms = True
        found = self._ids.get(completion_id)
        if found is None:
            return
        track = found[0]
        if 0 <= index < len(track.texts):
            track.confirmed = True
            track.seen.add(index)
            if track.phase is Phase.OPEN and not track.partial:
                track.index = index

    def partly_accepted(self, completion_id: str, index: int, length: int, now: float) -> None:
        """The editor says that the first ``length`` characters were accepted."""
        found = self._ids.get(completion_id)
        if found is None or not 0 <= index < len(found[0].texts) or length <= 0:
            return
        track = found[0]
        track.confirmed = True
        track.flags.discard("inferred")
        if track.phase is Phase.OPEN:
            track.index, track.happened_at = index, now
            track.partial = max(track.partial, min(length, len(track.suggestion)))

    def dismissed(self, completion_id: str, now: float) -> None:
        """The editor says that the suggestion was sent away."""
        found = self._ids.get(completion_id)
        if found is not None and found[0].phase is Phase.OPEN:
            found[0].flags.add("dismissed")
            self._leave(found[0], now)

    def following(self, completion_id: str) -> str | None:
        """Return the id under which a completion is still being followed, None if it is not."""
        found = self._ids.get(completion_id)
        return None if found is None else found[0].completion.id

    # -- time ------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Settle what has become quiet; take the survival probes that are due."""
        for uri, known in list(self._texts.items()):
            for track in list(known.tracks):
                self._probe(known, track, now)
                if self._due(known, track, now):
                    self._settle(known, track, now)
            self._texts[uri] = known

    def drain(self) -> list[Settled]:
        """Return what has settled since the last call."""
        settled, self._settled = self._settled, []
        return settled

    # -- inside ----------------------------------------------------------------------------

    def _follow(self, known: _Text, batch: Batch, made_by: Origin, now: float) -> None:
        names = renamed(batch) if made_by is Origin.RENAME else None
        touched: list[Track] = []
        for edit in batch.edits:
            before = known.text
            known.text = edit.applied(before)
            pieces = refined(edit, before[edit.start : edit.end])
            if made_by in (Origin.FORMATTER, Origin.RENAME):
                for track in known.tracks:
                    _rebase(track, pieces, made_by, names)
                continue
            was = [(track.phase, track.partial) for track in known.tracks]
            worked = [t for t in known.tracks if _work(t, pieces, before, known.text, now)]
            taken = [t for t, w in zip(known.tracks, was, strict=True) if _advanced(t, w)]
            _assist(worked, taken)
            touched += worked
        if made_by in (Origin.UNDO, Origin.REDO):
            for track in touched:
                track.flags.add(str(made_by))

    def _same(
        self, track: Track, text: str, start: int, end: int, completion: Completion
    ) -> tuple[int, ...] | None:
        low, high = min(track.region.start, start), max(track.region.end, end)
        left, right = text[low : track.region.start], text[track.region.end : high]
        ours = [left + each + right for each in track.texts]
        theirs = [
            text[low:start] + candidate.text + text[end:high] for candidate in completion.candidates
        ]
        if theirs[0] not in ours:
            return None
        indices: list[int] = []
        for whole, candidate in zip(theirs, completion.candidates, strict=True):
            if whole in ours:
                indices.append(ours.index(whole))
                continue
            inside = whole[len(left) : len(whole) - len(right)]
            added = Candidate(inside, candidate.logprob, candidate.finish_reason)
            indices.append(track.extend(added))
            ours.append(whole)
        return tuple(indices)

    def _supersede(self, known: _Text, start: int, end: int, now: float) -> None:
        for track in [track for track in known.tracks if track.phase is Phase.OPEN]:
            here = track.region.start <= end and start <= track.region.end
            text = track.region.text(known.text)
            untouched = not track.written(text).strip() and not track.partial
            if here and (untouched or track.was_taken):
                track.flags |= set() if track.was_taken else {"superseded"}
                self._settle(known, track, now)
            else:
                self._leave(track, now)

    def _leave(self, track: Track, now: float) -> None:
        if not track.away:
            track.away = True
            track.touched_at = max(track.touched_at, now)

    def _due(self, known: _Text, track: Track, now: float) -> bool:
        quiet = now - track.touched_at >= self.settings.quiet_s
        if track.phase is Phase.TAKEN:
            return quiet or now - track.taken_at >= self.settings.watch_s
        if now - track.shown_at >= self.settings.watch_s:
            return True
        text = track.region.text(known.text)
        return quiet and (track.away or track.was_taken or track.diverged(text))

    def _probe(self, known: _Text, track: Track, now: float) -> None:
        if track.phase is not Phase.TAKEN:
            return
        for probe in self.settings.probes_s:
            if probe not in track.probes and now - track.taken_at >= probe:
                track.probes[probe] = kept(track, track.region.text(known.text))

    def _settle(self, known: _Text, track: Track, now: float, *, censored: bool = False) -> None:
        known.tracks.remove(track)
        for completion_id in [key for key, (each, _) in self._ids.items() if each is track]:
            del self._ids[completion_id]
        if track.commanded and track.phase is Phase.OPEN and not track.was_taken:
            track.phase, track.typed = Phase.TAKEN, False
            track.taken_at = track.happened_at = track.command_at or now
            track.flags.add("late")
        untaken = track.phase is Phase.OPEN and not track.partial and not track.was_taken
        if self.confirms and not track.confirmed and untaken:
            self._settled.append(not_shown(track.completion, "unconfirmed"))
            return
        text = track.region.text(known.text)
        self._settled.append(verdict(track, text, now, censored=censored))

    def _censor(self, known: _Text, now: float) -> None:
        for track in list(known.tracks):
            track.flags.add("external")
            self._settle(known, track, now, censored=True)

    def _finish(self, uri: str, now: float, *, censored: bool) -> None:
        known = self._texts.pop(uri, None)
        if known is None:
            return
        for track in list(known.tracks):
            hidden = censored or _too_early(known, track, now)
            track.flags.add("external" if censored else "closed")
            self._settle(known, track, now, censored=hidden)

    def _limit(self, known: _Text, now: float) -> None:
        for track in list(known.tracks):
            if track.region.end - track.region.start > LONGEST_REGION:
                self._settle(known, track, now)
        while len(known.tracks) > LIVE_LIMIT:
            self._settle(known, known.tracks[0], now)


def _too_early(known: _Text, track: Track, now: float) -> bool:
    """Whether closing hides what would have become of a suggestion."""
    saved = known.saved_at >= max(track.touched_at, track.shown_at)
    if track.phase is Phase.TAKEN:
        return now - track.taken_at < CLOSE_AFTER_S and not saved
    touched = bool(track.written(track.region.text(known.text)).strip()) or track.was_taken
    return touched and not saved


def _rebase(
    track: Track, pieces: Iterable[Edit], made_by: Origin, names: tuple[str, str] | None
) -> None:
    """Move the anchors with edits that are nobody's judgement of the suggestion."""
    was_open, track.region.open = track.region.open, False
    empty = track.region.start == track.region.end
    for piece in pieces:
        if track.region.touched_by(piece):
            track.flags.add(str(made_by))
            if names is not None:
                track.renames[names[0]] = names[1]
        track.region.move(piece)
    if empty:
        track.region.start = track.region.end
    track.region.open = was_open


def _work(track: Track, pieces: Sequence[Edit], before: str, after: str, now: float) -> bool:
    """Move the anchors with an edit and read what it left in the region; whether it was touched."""
    held, region = track.region.text(before), track.region
    touched: list[Edit] = []
    for piece in pieces:
        if len(pieces) == 1 and region.open:
            piece = slid(piece, before, region.end)  # noqa: PLW2901
        if region.open and piece.start < region.start <= piece.end and piece.start < piece.end:
            track.flags.add("prefix_edited")
        if region.touched_by(piece):
            touched.append(piece)
        region.move(piece)
    if not touched:
        if track.phase is Phase.OPEN and not track.away:
            track.away, track.touched_at = True, max(track.touched_at, now)
        return False
    was = (track.phase, track.partial)
    inserted = max((piece.text for piece in touched), key=len)
    pure = all(piece.start == piece.end for piece in touched)
    track.read(region.text(after), held, inserted, now, pure=pure)
    if pasted(inserted) and was == (track.phase, track.partial):
        track.flags.add("foreign")
    return True


def _advanced(track: Track, was: tuple[Phase, int]) -> bool:
    """Whether more of a suggestion is in the document than before."""
    taken = track.phase is Phase.TAKEN and was[0] is Phase.OPEN
    return taken or track.partial > was[1]


def _assist(worked: Iterable[Track], taken: Sequence[Track]) -> None:
    """Flag what was written with another suggestion's help."""
    for track in worked:
        if track.phase is Phase.OPEN and any(each is not track for each in taken):
            track.flags.add("assisted")
