"""What a replayed author does with a suggestion: a frozen rule, the same for every model.

The author wants to write what they did write; the rule compares a suggestion with that, to the
extent of the suggestion, and with nothing else. Its thresholds stand in one place and go into
every report. Pure; knows nothing of models and of who suggested.
"""

from dataclasses import asdict, dataclass
from typing import Any

from rapidfuzz.distance import LCSseq, Levenshtein

from penchant_core.signals import OutcomeKind
from penchant_trainer.extent import cut_to_extent
from penchant_trainer.metrics import kept_share, similarity


@dataclass(frozen=True, slots=True)
class Policy:
    """The thresholds, frozen before anything was measured.

    ``accept_chars``: a correct beginning of at least this many characters is accepted, if it ends
    where a word ends. ``edit_similarity``: from this edit similarity on a wrong suggestion is
    taken and mended; below, the author types on. ``accept_keys``: keys that taking one costs.
    """

    accept_chars: int = 4
    edit_similarity: float = 0.6
    accept_keys: int = 1

    def as_json(self) -> dict[str, Any]:
        """Return the thresholds as they stand in a report."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a suggestion.

    ``kind`` is None when there was nothing to show. ``wanted`` is what the author wrote, as long as
    the suggestion; ``kept`` the share of its tokens that stayed, ``retained`` its characters;
    ``saved`` the keystrokes that it spared (negative when mending cost more).
    """

    kind: OutcomeKind | None
    wanted: str
    kept: float = 0.0
    retained: int = 0
    saved: int = 0


def judged(suggestion: str, written: str, policy: Policy) -> Verdict:
    """Return the verdict on ``suggestion`` at a place where the author went on with ``written``."""
    wanted = cut_to_extent(written, suggestion).rstrip()
    text = suggestion.rstrip()
    if not text.strip():
        return Verdict(None, wanted)
    if text == wanted or _begins(text, wanted, policy):
        saved = len(text) - policy.accept_keys
        return Verdict(OutcomeKind.ACCEPTED, text, 1.0, len(text), saved)
    if similarity(text, wanted) >= policy.edit_similarity:
        mended = int(Levenshtein.distance(text, wanted))
        return Verdict(
            OutcomeKind.ACCEPTED_EDITED,
            wanted,
            kept_share(text, wanted),
            int(LCSseq.similarity(text, wanted)),
            len(wanted) - mended - policy.accept_keys,
        )
    return Verdict(OutcomeKind.REJECTED, wanted)


def _begins(text: str, wanted: str, policy: Policy) -> bool:
    """Whether a suggestion is right as far as it goes, and goes up to the end of a word."""
    if len(text.strip()) < policy.accept_chars or not wanted.startswith(text):
        return False
    rest = wanted[len(text) :]
    return not (_word(text[-1]) and _word(rest[:1]))


def _word(character: str) -> bool:
    return character.isalnum() or character == "_"
