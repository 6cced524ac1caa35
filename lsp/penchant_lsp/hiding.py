"""Applies the developer's show filter: what is hardly ever kept is not asked for, or not shown.

What was sent away is not shown again where it was. Learns habits from outcomes as they settle. A
small share of what would be hidden is shown all the same (``exploration``), chosen by the text that
would result, so that nothing flickers: without it the filter would only ever see its own choices.
Whatever is wrong with the filter's file, everything is shown. Knows nothing of the protocol and of
files other than that one.
"""

import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from penchant_core import log
from penchant_core.errors import ConfigError
from penchant_core.show_filter import weights
from penchant_core.show_filter.answer import of_answer, of_question
from penchant_core.show_filter.habits import Habits
from penchant_core.signals import Completion, OutcomeKind
from penchant_lsp.verdicts import Settled

RECHECK_S = 30.0
REFUSED, REFUSED_S = 500, 600.0
"""So many refused suggestions are remembered, and for how long: tastes change within a session."""
_TAIL = 300

Verdict = Literal["show", "explore", "hide"]


class Hiding:
    """One developer's filter in one session; ``hidden`` counts what it kept from being shown."""

    def __init__(
        self,
        path: Path,
        *,
        enabled: bool = True,
        exploration: float = 0.03,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path, self._enabled, self._exploration = path, enabled, exploration
        self._clock = clock
        self._looked: float | None = None
        self._stamp: tuple[int, int] | None = None
        self._filter: weights.ShowFilter | None = None
        self._habits = Habits()
        self._hidden: set[int] = set()
        self._refused: dict[int, float] = {}
        self.hidden = 0

    def worth_asking(self, prefix: str, suffix: str, language: str, at: float) -> bool:
        """Whether a request at a place (epoch s) has a fair chance to be of use."""
        learned = self._current()
        if learned is None or learned.before.threshold <= 0:
            return True
        features = of_question(prefix, suffix, language, at, self._habits)
        return learned.before.fair(features) or self._explores(prefix)

    def verdict(self, completion: Completion) -> Verdict:
        """Whether a completion that has come is to be shown.

        What was asked for outright is.
        """
        learned, shown = self._current(), completion.suggestion
        if shown is None or completion.trigger == "invoked":
            return "show"
        if self._was_refused(completion):
            return "hide"
        if learned is None or learned.after.threshold <= 0:
            return "show"
        prefix, suffix, language = completion.prefix, completion.suffix, completion.language
        question = of_question(prefix, suffix, language, completion.at, self._habits)
        if learned.after.fair(of_answer(question, completion, shown, self._habits)):
            return "show"
        return "explore" if self._explores(prefix + shown.text) else "hide"

    def first_time(self, completion: Completion) -> bool:
        """Whether a completion that leads to this text is hidden for the first time; count it."""
        key = _place(completion)
        if key in self._hidden:
            return False
        if len(self._hidden) > 10_000:
            self._hidden.clear()
        self._hidden.add(key)
        self.hidden += 1
        return True

    def note(self, settled: Settled) -> None:
        """Take in what became of a suggestion."""
        shown = settled.completion.suggestion
        if settled.outcome is not None and shown is not None:
            self._habits.note(settled.completion.language, shown.text, settled.outcome)
            if settled.outcome.kind is OutcomeKind.REJECTED:
                self.refuse(settled.completion)

    def refuse(self, completion: Completion) -> None:
        """Remember that a suggestion was sent away: it is not shown again at that place."""
        if completion.suggestion is not None:
            self._refused[_place(completion)] = self._clock()
            while len(self._refused) > REFUSED:
                del self._refused[next(iter(self._refused))]

    def _was_refused(self, completion: Completion) -> bool:
        at = self._refused.get(_place(completion))
        return at is not None and self._clock() - at < REFUSED_S

    def _explores(self, text: str) -> bool:
        return _mark(text) % 10_000 < self._exploration * 10_000

    def _current(self) -> weights.ShowFilter | None:
        """Return the filter; looks now and then whether there is a newer one."""
        if not self._enabled:
            return None
        now = self._clock()
        if self._looked is None or now - self._looked >= RECHECK_S:
            self._looked = now
            self._reload()
        return self._filter

    def _reload(self) -> None:
        try:
            found = self._path.stat()
            stamp = (found.st_mtime_ns, found.st_size)
        except OSError:
            self._stamp, self._filter = None, None
            return
        if stamp == self._stamp:
            return
        self._stamp, first = stamp, self._filter is None
        try:
            self._filter = weights.load(self._path)
        except ConfigError as error:
            self._filter = None
            log.failure("the show filter is not used", error)
        if self._filter is not None and first and not self._habits.at:
            self._habits = self._filter.habits()


def _place(completion: Completion) -> int:
    """Return a number for a file and the text that a completion leads to there."""
    shown = completion.suggestion
    text = completion.prefix[-_TAIL:] + (shown.text if shown else "")
    return zlib.crc32(completion.path.encode("utf-8", "replace"), _mark(text))


def _mark(text: str) -> int:
    """Return the same number for the same end of a text, in this session and in the next."""
    return zlib.crc32(text[-_TAIL:].encode("utf-8", "replace"))
