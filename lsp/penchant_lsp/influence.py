"""What one edit does to the suggestions of its document: moves their anchors, or works on them.

Pure. An edit that is nobody's judgement (a formatter's, a rename's, one from outside) only moves
anchors; the developer's own is read for what it left in the region. Knows nothing of documents, of
time passing or of outcomes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from penchant_lsp.documents import Edit
from penchant_lsp.origins import Origin, foreign
from penchant_lsp.regions import Region, slid
from penchant_lsp.tracks import How, Phase, Track

REVERTING = (Origin.UNDO, Origin.REDO)


@dataclass(frozen=True, slots=True)
class Step:
    """One edit, taken apart into ``pieces``, with the texts around it.

    ``whole``: the client sends whole texts, so the edit's own extent says nothing.
    """

    edit: Edit
    pieces: Sequence[Edit]
    before: str
    after: str
    whole: bool


def rebase(
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


def overrun(region: Region, pieces: Iterable[Edit]) -> bool:
    """Move a region's ends with edits; whether they changed anything in it or right beside it."""
    touched = False
    for piece in pieces:
        beside = piece.start <= region.end and piece.end >= region.start
        touched = touched or beside or region.touched_by(piece)
        region.move(piece)
    return touched


def work(tracks: Sequence[Track], step: Step, now: float, made_by: Origin) -> list[Track]:
    """Read what an edit of the developer left in every region; return the tracks it touched."""
    was = [(track.phase, track.partial) for track in tracks]
    tainted = [track for track in tracks if "foreign" in track.flags]
    worked = [track for track in tracks if _work(track, step, now, made_by)]
    taken = [track for track, each in zip(tracks, was, strict=True) if _advanced(track, each)]
    for track in taken:
        track.note_neighbours(step.after)
    for track in worked:
        if track.phase is Phase.OPEN and any(each is not track for each in taken):
            # Another suggestion of ours, not a stranger's text.
            track.flags.add("assisted")
            track.flags -= set() if track in tainted else {"foreign"}
    return worked


def _work(track: Track, step: Step, now: float, made_by: Origin) -> bool:
    pieces, before, region = step.pieces, step.before, track.region
    held = region.text(before)
    touched: list[Edit] = []
    replaced = _replaces_within(step, region)
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
    how = replaced or (How.INSERTED if pure else How.REPLACED)
    track.read(region.text(step.after), held, inserted, now, how)
    moved_on = was != (track.phase, track.partial)
    if made_by not in REVERTING and foreign(inserted) and not moved_on:
        track.flags.add("foreign")
    return True


def _replaces_within(step: Step, region: Region) -> How | None:
    """Return how what was begun in the region gives way to what begins alike, None if it does not.

    A whole beginning may give way to the suggestion, a word inside only to one of an editor's list.

    Of such an edit of a closed region also what is inserted at its very ends belongs to it.
    """
    edit = step.edit
    inside = region.start <= edit.start < edit.end <= region.end
    if step.whole or not inside:
        return None
    if not region.open:
        region.headless = region.headless or edit.start == region.start
        region.tailless = region.tailless or edit.end == region.end
        return None
    removed = step.before[edit.start : edit.end]
    if not edit.text.startswith(removed):
        return None
    return How.LISTED if edit.start > region.start else How.REPLACED


def _advanced(track: Track, was: tuple[Phase, int]) -> bool:
    """Whether more of a suggestion is in the document than before."""
    taken = track.phase is Phase.TAKEN and was[0] is Phase.OPEN
    return taken or track.partial > was[1]
