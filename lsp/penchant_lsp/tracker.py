"""Follows every suggestion through the edits of its document to exactly one outcome.

Pure: events come in with the time (seconds of any steady clock), settled suggestions come out of
``drain`` and later probes out of ``survivals``. Works on edits alone and is sharpened by what an
editor says on top (command, shown, partly accepted, dismissed, undo). Two offers that lead to the
same text are one showing. Judging is put off to ``drain``, so that no edit waits for it. Knows
nothing of the protocol, the disk or consent.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from penchant_core.settings import TrackerSettings
from penchant_core.signals import Completion
from penchant_lsp import survival
from penchant_lsp.departures import Departures
from penchant_lsp.documents import Edit
from penchant_lsp.followed import Followed
from penchant_lsp.regions import Region
from penchant_lsp.survival import Survival
from penchant_lsp.tracks import Phase, Track
from penchant_lsp.verdicts import Settled, not_shown, verdict


@dataclass(frozen=True, slots=True)
class Showing:
    """Under which completion, and as which candidates of it, an offer is known."""

    completion_id: str
    indices: tuple[int, ...]


class Tracker:
    """All open documents and the suggestions in them.

    ``confirms`` is whether the client tells what it shows; from the first such message on, an offer
    that was never confirmed nor taken counts as not shown. ``commands`` is whether it says when a
    suggestion is accepted; from the first time on, text that came without it was not accepted.
    """

    def __init__(self, settings: TrackerSettings) -> None:
        self.settings = settings
        self.confirms = False
        self.commands = False
        self._texts: dict[str, Followed] = {}
        self._departures = Departures()
        self._ids: dict[str, Track] = {}
        self._ended: list[Callable[[], Settled]] = []
        self._survivals: list[Survival] = []

    # -- documents -------------------------------------------------------------------------

    def open(self, uri: str, text: str, now: float) -> None:
        """Begin to follow a document; one that is open already was replaced from outside."""
        if uri in self._texts:
            self._end(self._texts.pop(uri), now, "external", censored=True)
        back = self._departures.back(uri, text)
        self._texts[uri] = back or Followed(text, now)
        self._departures.opened(uri, now)

    def text(self, uri: str) -> str | None:
        """Return the text of a document as the tracker knows it."""
        known = self._texts.get(uri)
        return None if known is None else known.text

    @property
    def open_count(self) -> int:
        """How many suggestions are followed and have no outcome yet."""
        return sum(len(known.tracks) for known in [*self._texts.values(), *self._departures.all])

    def followed(self) -> list[str]:
        """Return the documents in which suggestions are followed or watched."""
        return [uri for uri, known in self._texts.items() if known.tracks or known.watches]

    def follows(self, uri: str) -> bool:
        """Whether a suggestion is followed or watched in a document."""
        known = self._texts.get(uri)
        return known is not None and bool(known.tracks or known.watches)

    def change(
        self,
        uri: str,
        edits: Sequence[Edit],
        now: float,
        *,
        whole: bool = False,
        reason: str | None = None,
        outside: bool = False,
    ) -> None:
        """Take one ``didChange`` in.

        ``reason`` is the client's own word (see ``Origin``); ``outside`` the disk's: the change may
        have come from there.
        """
        known = self._texts.get(uri)
        if known is None or not edits:
            return
        batch = known.batch(edits, whole=whole, reason=reason, outside=outside)
        for track in known.change(batch, now):
            track.flags.add("external")
            self._settle(known, track, now, censored=True)
        for track in known.excess():
            self._settle(known, track, now)

    def save(self, uri: str, now: float) -> None:
        """Note that a document was saved: a moment to probe survival."""
        known = self._texts.get(uri)
        if known is not None:
            known.save(now)
            self._look(known, now)

    def committed(self, uri: str, now: float) -> None:
        """Note that a document was committed: what was saved of it has survived so far."""
        known = self._texts.get(uri)
        if known is not None and known.saved_at >= known.changed_at:
            self._look(known, now, always=True)

    def renamed(self, old: str, new: str, now: float) -> None:
        """The editor says that a file or a directory was renamed."""
        self._departures.renamed(old, new, now)

    def close(self, uri: str, now: float, *, removed: bool = False) -> None:
        """Stop following a document, unless it comes back at once.

        What was not saved or has just happened is censored; so is everything in a notebook's cell
        that was ``removed``.
        """
        known = self._texts.pop(uri, None)
        if known is None or not (known.tracks or known.watches):
            return
        successor = self._departures.successor(uri, known.text, self._texts, now)
        if successor is not None:
            self._texts[successor] = known
            return
        self._departures.left(uri, known, now, removed=removed)

    def stop(self, now: float) -> None:
        """The editor leaves: what is still open was not seen to its end."""
        for known in [*self._texts.values(), *self._departures.all]:
            self._end(known, now, "stopped")
        self._texts.clear()
        self._departures = Departures()

    # -- suggestions -----------------------------------------------------------------------

    def showing(self, uri: str, start: int, end: int, completion: Completion) -> bool:
        """Whether a suggestion that leads to the same text is on the screen already."""
        known = self._texts.get(uri)
        return known is not None and any(
            track.leads_to(known.text, start, end, completion)
            for track in known.tracks
            if track.fresh and "dismissed" not in track.flags
        )

    def offer(
        self,
        uri: str,
        start: int,
        end: int,
        completion: Completion,
        now: float,
        *,
        flags: Iterable[str] = (),
    ) -> Showing:
        """A completion is being shown: its candidates would replace ``start`` to ``end``.

        Returns under which id it is known from now on: an offer that leads to the same text as the
        one before it is the same showing. ``flags`` go into the outcome of a new one.
        """
        indices = tuple(range(len(completion.candidates)))
        known = self._texts.get(uri)
        if known is None or not completion.candidates:
            return Showing(completion.id, indices)
        for track in [track for track in known.tracks if track.fresh]:
            same = track.same(known.text, start, end, completion)
            if same is not None:
                self._ids[completion.id] = track
                track.away = False
                return Showing(track.completion.id, same)
        self._supersede(known, start, end, now)
        track = Track(completion, Region(start, end), known.text[start:end], now, now)
        track.flags.update(flags)
        known.tracks.append(track)
        self._ids[completion.id] = track
        if not known.states:
            known.states.append(hash(known.text))
        for each in known.excess():
            self._settle(known, each, now)
        return Showing(completion.id, indices)

    def unshown(self, completion: Completion, reason: str) -> None:
        """A completion arrived but was never offered."""
        if completion.candidates:
            self._ended.append(lambda: not_shown(completion, reason))

    def accepted(self, completion_id: str, index: int, now: float) -> None:
        """The editor says that a candidate was accepted."""
        self.commands = True
        if (track := self._ids.get(completion_id)) is not None:
            track.command(index, now)

    def shown(self, completion_id: str, index: int) -> None:
        """The editor says that a candidate was visible."""
        self.confirms = True
        track = self._ids.get(completion_id)
        if track is not None and 0 <= index < len(track.texts):
            track.confirmed = True
            track.seen.add(index)
            if track.phase is Phase.OPEN and not track.partial:
                track.index = index

    def partly_accepted(
        self, completion_id: str, index: int, length: int, now: float, *, item: str | None = None
    ) -> None:
        """The editor says that the first ``length`` characters of ``item`` were accepted.

        ``item`` is the text that was shown, which is the rest of a suggestion that was begun.
        """
        track = self._ids.get(completion_id)
        if track is not None and 0 <= index < len(track.texts) and length > 0:
            whole = track.texts[index]
            begun = len(whole) - len(item) if item and whole.endswith(item) else 0
            track.partly(index, begun + length, now)

    def dismissed(self, completion_id: str, now: float) -> None:
        """The editor says that the suggestion was sent away."""
        track = self._ids.get(completion_id)
        if track is not None and track.phase is Phase.OPEN:
            track.flags.add("dismissed")
            track.leave(now)

    def completion(self, completion_id: str) -> Completion | None:
        """Return a completion that is being followed, with the index that was shown."""
        track = self._ids.get(completion_id)
        return None if track is None else replace(track.completion, shown=track.index)

    def following(self, completion_id: str) -> str | None:
        """Return the id under which a completion is still being followed, None if it is not."""
        track = self._ids.get(completion_id)
        return None if track is None else track.completion.id

    # -- time ------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Settle what has become quiet; take the survival probes that are due."""
        for gone in self._departures.over(now):
            self._end(gone.known, gone.at, "closed", censored=gone.removed)
        for known in self._texts.values():
            self._probe(known, now)
            for track in list(known.tracks):
                if track.due(track.region.text(known.text), self.settings, now):
                    self._settle(known, track, now)

    def drain(self) -> list[Settled]:
        """Return what has settled since the last call."""
        ended, self._ended = self._ended, []
        return [judged() for judged in ended]

    def survivals(self) -> list[Survival]:
        """Return the probes of settled suggestions since the last call."""
        found, self._survivals = self._survivals, []
        return found

    # -- inside ----------------------------------------------------------------------------

    def _supersede(self, known: Followed, start: int, end: int, now: float) -> None:
        for track in [track for track in known.tracks if track.phase is Phase.OPEN]:
            here = track.region.start <= end and start <= track.region.end
            text = track.region.text(known.text)
            untouched = not track.written(text).strip() and not track.partial
            if here and (untouched or track.was_taken):
                track.flags |= set() if track.was_taken else {"superseded"}
                self._settle(known, track, now)
            else:
                track.leave(now)

    def _probe(self, known: Followed, now: float) -> None:
        probes_s = self.settings.probes_s
        for track in known.tracks:
            if track.phase is Phase.TAKEN:
                survival.probe(track, track.settled(known.text), probes_s, now)
        for track in list(known.watches):
            text = track.settled(known.text)
            self._survived(track, survival.probe(track, text, probes_s, now))
            if now - track.taken_at > max(probes_s, default=0.0):
                known.watches.remove(track)

    def _look(self, known: Followed, now: float, *, always: bool = False) -> None:
        for track in known.tracks:
            if track.phase is Phase.TAKEN:
                survival.look(track, track.settled(known.text), now, always=always)
        for track in known.watches:
            text = track.settled(known.text)
            self._survived(track, survival.look(track, text, now, always=always))

    def _survived(self, track: Track, seconds: float | None) -> None:
        if seconds is not None:
            done = track.completion
            share = track.probes[seconds]
            self._survivals.append(Survival(done.id, done.workspace, seconds, share))

    def _settle(self, known: Followed, track: Track, now: float, *, censored: bool = False) -> None:
        known.tracks.remove(track)
        for completion_id in [key for key, each in self._ids.items() if each is track]:
            del self._ids[completion_id]
        track.conclude(now, tells_commands=self.commands)
        if track.suspected_at is not None:
            track.flags.add("external")
            censored = True
        untaken = track.phase is Phase.OPEN and not track.partial and not track.was_taken
        if self.confirms and not track.confirmed and untaken:
            completion = track.completion
            self._ended.append(lambda: not_shown(completion, "unconfirmed"))
            return
        text, probes = track.settled(known.text), dict(track.probes)
        self._ended.append(lambda: verdict(track, text, now, censored=censored, probes=probes))
        if track.phase is Phase.TAKEN and not censored and text.strip():
            known.watch(track)

    def _end(self, known: Followed, now: float, flag: str, *, censored: bool = False) -> None:
        """Settle everything in a document that will not be followed on."""
        for track in list(known.tracks):
            cut_off = flag == "stopped" and track.phase is Phase.OPEN and not track.away
            hidden = censored or cut_off or known.too_early(track, now)
            track.flags.add(flag)
            self._settle(known, track, now, censored=hidden)
