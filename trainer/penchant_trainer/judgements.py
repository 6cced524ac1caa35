"""What a developer said outright about the candidates of one completion, contradictions settled.

Of two judgements on the same thing the newer counts, so that a change of mind teaches one way only.
A good and a bad mark make a preference too. What was said overrules what was inferred from deeds.
Pure; knows nothing of weights and prompts.
"""

from collections.abc import Sequence
from itertools import combinations

from penchant_core.signals import Completion, Rating


class Judgements:
    """The ratings of one completion; what does not fit its candidates is passed over."""

    def __init__(self, completion: Completion, ratings: Sequence[Rating]) -> None:
        self._texts = [candidate.text for candidate in completion.candidates]
        self._marks: dict[int, int] = {}
        self._better: dict[frozenset[int], tuple[int, int]] = {}
        for rating in sorted(ratings, key=lambda r: (r.at, repr(r))):
            if rating.kind == "direct":
                self._mark(rating, completion.shown)
            else:
                self._compare(rating)
        self._compare_marks()

    def preferences(self) -> list[tuple[int, int]]:
        """Return (better, worse) candidate indices, in the order of the judgements."""
        return list(self._better.values())

    def marks(self) -> list[tuple[int, int]]:
        """Return (candidate index, +1 or -1)."""
        return sorted(self._marks.items())

    def mark(self, text: str) -> int:
        """Return the mark that a text got, 0 for none."""
        return next((v for i, v in self._marks.items() if self._texts[i] == text), 0)

    def allows_pair(self, chosen: str, rejected: str) -> bool:
        """Whether an inferred preference says nothing that was said, or denied, outright."""
        if self.mark(chosen) < 0 or self.mark(rejected) > 0:
            return False
        spoken = ({self._texts[i] for i in pair} for pair in self._better)
        return all(texts != {chosen, rejected} for texts in spoken)

    def allows_example(self, text: str, desirable: bool) -> bool:
        """Whether no candidate that holds ``text`` was marked the other way."""
        against = -1 if desirable else 1
        return not any(
            value == against and text in self._texts[index] for index, value in self._marks.items()
        )

    def _mark(self, rating: Rating, shown: int | None) -> None:
        index = rating.order[0] if rating.order else shown
        if index is not None and 0 <= index < len(self._texts) and rating.value:
            self._marks[index] = 1 if rating.value > 0 else -1

    def _compare(self, rating: Rating) -> None:
        order = [i for i in dict.fromkeys(rating.order) if 0 <= i < len(self._texts)]
        for better, worse in combinations(order, 2):
            if self._texts[better] != self._texts[worse]:
                self._better.pop(frozenset((better, worse)), None)
                self._better[frozenset((better, worse))] = (better, worse)

    def _compare_marks(self) -> None:
        for good, value in sorted(self._marks.items()):
            for bad, other in sorted(self._marks.items()):
                if value > 0 > other and self._texts[good] != self._texts[bad]:
                    self._better.setdefault(frozenset((good, bad)), (good, bad))
