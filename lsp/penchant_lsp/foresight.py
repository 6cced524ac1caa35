"""Whether it is worth asking what would follow a suggestion before anybody has accepted it.

Looking ahead earns its request only where suggestions are accepted. The share of those that have
stood for a moment and were then kept is estimated (a beta prior of one kept and two not); who keeps
hardly any is not looked ahead for, until that changes or is forgotten. Pure, in memory, with the
clock injected. Knows nothing of requests.
"""

from collections import OrderedDict
from collections.abc import Callable

from penchant_core.signals import OutcomeKind

PRIOR_KEPT, PRIOR_NOT = 1.0, 2.0
FAIR = 0.15
"""The least share kept that is worth it: four in a row that came to nothing are too many."""
HALF_LIFE_S = 1800.0
REMEMBERED = 64

_KEPT = frozenset({OutcomeKind.ACCEPTED, OutcomeKind.ACCEPTED_EDITED, OutcomeKind.TYPED_THROUGH})


class Foresight:
    """One developer's luck with suggestions that stood for a moment, in one session."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept = self._stood = 0.0
        self._at = clock()
        self._known: OrderedDict[str, bool] = OrderedDict()

    @property
    def worth(self) -> bool:
        """Whether enough of them are kept."""
        self._fade()
        return (self._kept + PRIOR_KEPT) / (self._stood + PRIOR_KEPT + PRIOR_NOT) >= FAIR

    def stood(self, completion_id: str) -> None:
        """Note that a suggestion has stood for a moment; each counts once."""
        if completion_id not in self._known:
            self._fade()
            self._stood += 1
            self._remember(completion_id, kept=False)

    def note(self, completion_id: str, kind: OutcomeKind) -> None:
        """Take in what became of a suggestion, by its outcome."""
        if kind in _KEPT:
            self.kept(completion_id)

    def kept(self, completion_id: str) -> None:
        """Note that a suggestion was accepted; it counts once, however often that is said."""
        self.stood(completion_id)
        if not self._known[completion_id]:
            self._kept += 1
            self._remember(completion_id, kept=True)

    def _remember(self, completion_id: str, *, kept: bool) -> None:
        self._known[completion_id] = kept
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def _fade(self) -> None:
        now = self._clock()
        factor = 0.5 ** ((now - self._at) / HALF_LIFE_S)
        self._kept, self._stood, self._at = self._kept * factor, self._stood * factor, now
