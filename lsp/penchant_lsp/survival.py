"""How much of an accepted suggestion is still there: probes at set times, at saves and at commits.

Pure. Probes go on after the outcome has settled, for as long as the last of the set times; what
they find then is a ``Survival``, to be added to the stored outcome. Numbers only, never text. Knows
nothing of documents or the disk.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from penchant_lsp.tracks import Track
from penchant_lsp.verdicts import kept

LATE_S = 5.0
MOST = 40


@dataclass(frozen=True, slots=True)
class Survival:
    """One probe of a suggestion whose outcome has been handed over already.

    ``seconds`` after acceptance the share ``kept`` of its tokens was still there (0 to 1).
    """

    completion_id: str
    workspace: str
    seconds: float
    kept: float


def probe(track: Track, text: str, probes_s: Sequence[float], now: float) -> float | None:
    """Take the probe that is due, if one is; return its time, in seconds after acceptance.

    After a pause (a suspended machine) only the latest is taken, under the time that it is.
    """
    since = now - track.taken_at
    missed = [each for each in probes_s if track.probed_s < each <= since]
    if not missed:
        return None
    due = max(missed)
    track.probed_s = due
    return _take(track, text, due if since - due < LATE_S else round(since, 1))


def look(track: Track, text: str, now: float, *, always: bool = False) -> float | None:
    """Take a probe at a save, or (``always``) at a commit; return its time if there is news.

    Editors that save by themselves do so every second: equal findings are not repeated.
    """
    latest = track.probes[max(track.probes)] if track.probes else None
    share = kept(track, text)
    if share == latest and not always:
        return None
    return _take(track, text, round(now - track.taken_at, 1), share)


def _take(track: Track, text: str, seconds: float, share: float | None = None) -> float | None:
    if len(track.probes) >= MOST:
        return None
    track.probes[seconds] = kept(track, text) if share is None else share
    return seconds
