"""The last word on a suggestion: from a track and the region's settled text to an ``Outcome``.

Pure. What each kind means is in docs and in ``penchant_core.signals``; what is doubtful is censored
or flagged, never guessed. Knows nothing of edits.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from penchant_core.signals import Completion, Outcome, OutcomeKind
from penchant_lsp.similarity import kept_characters, kept_share, same_code
from penchant_lsp.tracks import Phase, Track


@dataclass(frozen=True, slots=True)
class Settled:
    """A completion whose story is over; ``outcome`` is None when it was never shown."""

    completion: Completion
    outcome: Outcome | None


def verdict(
    track: Track,
    text: str,
    now: float,
    *,
    censored: bool = False,
    probes: Mapping[float, float] = MappingProxyType({}),
) -> Settled:
    """Return the outcome of a track whose region held ``text`` at ``now``, with its ``probes``."""
    if censored:
        outcome = _outcome(track, OutcomeKind.CENSORED, now)
    elif track.phase is Phase.TAKEN:
        outcome = _taken(track, text, now)
    else:
        outcome = _open(track, text, now)
    outcome = replace(outcome, probes=tuple(sorted(probes.items())))
    return Settled(replace(track.completion, shown=track.index), outcome)


def not_shown(completion: Completion, reason: str) -> Settled:
    """Return the record of a completion that no one has seen."""
    return Settled(replace(completion, shown=None, not_shown=reason), None)


def kept(track: Track, text: str) -> float:
    """Return the share of the suggestion's tokens in ``text``; 1 when only the layout differs."""
    if same_code(track.suggestion, text):
        return 1.0
    return kept_share(track.suggestion, text, track.renames)


def _taken(track: Track, text: str, now: float) -> Outcome:
    suggestion = track.suggestion
    if not text.strip():
        return _outcome(track, OutcomeKind.UNDONE, now, accepted=len(suggestion), kept=0.0)
    if track.finished and not track.commanded:
        return _partly(track, text, now)
    share = kept(track, text)
    unchanged = same_code(suggestion, text) or (share == 1.0 and bool(track.renames))
    if not unchanged:
        kind = OutcomeKind.ACCEPTED_EDITED
        track.flags |= {"typed_through"} if track.typed else set()
    else:
        kind = OutcomeKind.TYPED_THROUGH if track.typed else OutcomeKind.ACCEPTED
    return _outcome(
        track,
        kind,
        now,
        accepted=len(suggestion),
        retained=len(suggestion) if unchanged else kept_characters(suggestion, text),
        final=text,
        kept=share,
    )


def _open(track: Track, text: str, now: float) -> Outcome:
    written = track.written(text)
    # What was pasted is not what the developer prefers, and what follows another prefix is no
    # alternative to the suggestion.
    tainted = track.flags & {"prefix_edited", "foreign"}
    instead = "" if tainted else text.removesuffix(track.base)
    if track.was_taken:
        return _outcome(
            track,
            OutcomeKind.UNDONE,
            now,
            accepted=len(track.suggestion),
            instead=instead if track.diverged(text) else "",
            kept=0.0,
        )
    if track.partial:
        return _partly(track, written, now)
    if track.diverged(text):
        if instead and same_code(written, track.suggestion):
            return _typed(track, written, now)
        return _outcome(track, OutcomeKind.REJECTED, now, instead=instead)
    return _outcome(track, OutcomeKind.IGNORED, now)


def _typed(track: Track, written: str, now: float) -> Outcome:
    """The same code, laid out in the developer's own way."""
    length = len(track.suggestion)
    return _outcome(
        track,
        OutcomeKind.TYPED_THROUGH,
        now,
        accepted=length,
        retained=length,
        final=written,
        kept=1.0,
    )


def _partly(track: Track, written: str, now: float) -> Outcome:
    part = track.suggestion[: track.partial]
    if not written.strip():
        return _outcome(track, OutcomeKind.UNDONE, now, accepted=len(part), kept=0.0)
    return _outcome(
        track,
        OutcomeKind.PARTIALLY_ACCEPTED,
        now,
        accepted=len(part),
        retained=kept_characters(part, written[: 2 * len(part)]),
        final=written,
        kept=kept_share(track.suggestion, written, track.renames),
    )


def _outcome(
    track: Track,
    kind: OutcomeKind,
    now: float,
    *,
    accepted: int = 0,
    retained: int = 0,
    final: str = "",
    instead: str = "",
    kept: float | None = None,
) -> Outcome:
    start = track.completion.at - track.shown_at
    seen = {f"seen:{index}" for index in track.seen if index != track.index}
    return Outcome(
        completion_id=track.completion.id,
        kind=kind,
        at=start + (track.happened_at or now),
        settled_at=start + now,
        accepted_chars=accepted,
        retained_chars=retained,
        final_text=final,
        instead=instead,
        kept=kept,
        flags=tuple(sorted(track.flags | seen)),
    )
