"""Brings settled signals to the signal log, on a thread of its own.

Each passes consent (again, at the moment of writing), ignore globs and the secret rules; then it is
written, and what is written is durable. A log that cannot be written costs memory up to a bound,
then signals (counted), never a completion; it is tried again until it works. Knows nothing of the
editor.
"""

import math
import queue
import sqlite3
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from itertools import islice, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from penchant_core import log
from penchant_core.errors import PenchantError
from penchant_core.signals import Completion, Outcome, Rating, Signal
from penchant_core.text import well_formed
from penchant_lsp.permission import Permission
from penchant_lsp.survival import Survival
from penchant_lsp.verdicts import Settled

if TYPE_CHECKING:
    from penchant_core.store import SignalStore

FLUSH_S = 0.6
BUSY_MS = 300
RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0)
PENDING_RATINGS = 100
DAY_S = 86_400.0
BATCH = 64
HELD_BACK: Literal["held back"] = "held back"
"""What became of a signal in which a secret was found."""

Item = Settled | Survival | tuple[Rating, "Future[bool]"] | Literal["prepare"] | None


class Recorder:
    """The way to one developer's signal log.

    ``recorded`` and ``dropped`` count this session, ``waiting`` what is not decided yet.
    """

    def __init__(
        self,
        path: Path,
        permission: Permission,
        *,
        ignore: Iterable[str] = (),
        room: int = 1000,
        retention_days: int | None = None,
    ) -> None:
        self.path = path
        self.permission = permission
        self.ignore = tuple(ignore)
        self.retention_days = retention_days
        self.recorded = 0
        self.dropped = 0
        self._pruned_at = -math.inf
        self._prepared = False
        self._taken = 0
        self._finished = 0
        self.error: str | None = None
        self.on_change: Callable[[], None] = lambda: None
        self._queue: queue.Queue[Item] = queue.Queue(room)
        self._store: SignalStore | None = None
        self._ratings: dict[str, list[Rating]] = defaultdict(list)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many signals were handed over and are neither written nor dropped yet."""
        return self._taken - self._finished

    def prepare(self) -> None:
        """Something may be recorded soon: load what a new log needs, which takes a second.

        Creates no file. A session that ends right after its first suggestion then loses nothing.
        """
        if not self._prepared:
            self._prepared = True
            with suppress(queue.Full):
                self._queue.put_nowait("prepare")

    def put(self, item: Settled | Survival) -> None:
        """Hand over a settled signal, or a later probe of one; dropped when too many are waiting.

        Signals that are dropped are counted.
        """
        try:
            self._queue.put_nowait(item)
            self._taken += 1
        except queue.Full:
            self.dropped += isinstance(item, Settled)

    def rate(self, rating: Rating, *, pending: bool) -> "Future[bool]":
        """Hand a rating over; with ``pending`` it waits for its completion to be stored.

        The future tells whether it was stored.
        """
        answer: Future[bool] = Future()
        if pending:
            if len(self._ratings) < PENDING_RATINGS:
                self._ratings[rating.completion_id].append(rating)
            answer.set_result(False)
            return answer
        try:
            self._queue.put_nowait((rating, answer))
        except queue.Full:
            answer.set_result(False)
        return answer

    def flush(self, seconds: float = FLUSH_S) -> None:
        """Write what is waiting, for at most ``seconds``; the recorder ends."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        deadline = time.monotonic() + seconds
        with suppress(queue.Full):
            self._queue.put(None, timeout=seconds / 2)
        self._thread.join(max(0.0, deadline - time.monotonic()))

    # -- on the thread ---------------------------------------------------------------------

    def _run(self) -> None:
        waiting: deque[Settled | Survival] = deque()
        failures = 0
        while True:
            pause = RETRY_S[min(failures, len(RETRY_S)) - 1] if waiting else None
            try:
                item = self._queue.get(timeout=pause)
            except queue.Empty:
                failures = self._write_all(waiting, failures)
                continue
            if isinstance(item, Settled | Survival):
                waiting.append(item)
                if self._queue.empty() or len(waiting) >= BATCH:
                    failures = self._write_all(waiting, failures)
                continue
            failures = self._write_all(waiting, failures)
            if item is None:
                break
            if item == "prepare":
                _prepare(self.path)
            else:
                item[1].set_result(self._rate(item[0]))
        self.dropped += sum(isinstance(each, Settled) for each in waiting)
        self._close()

    def _write_all(self, waiting: deque[Settled | Survival], failures: int) -> int:
        """Write until one fails; return how many times in a row writing has failed now."""
        while waiting:
            batch = _alike(waiting)
            if not self._write(batch):
                while len(waiting) > self._queue.maxsize:
                    self.dropped += isinstance(waiting.popleft(), Settled)
                    self._finished += 1
                return failures + 1
            for _ in batch:
                waiting.popleft()
                self._finished += 1
        return 0

    def _write(self, batch: Sequence[Settled | Survival]) -> bool:
        """Write what may be written, signals in one transaction; False to have it tried again."""
        try:
            settled = [each for each in batch if isinstance(each, Settled)]
            passed = [self._passed(each) for each in settled]
            self._add([signal for signal in passed if isinstance(signal, Signal)])
            for found in batch:
                if isinstance(found, Survival):
                    self._add_probe(found)
            for each in settled:
                self._ratings.pop(each.completion.id, None)
            self.dropped += passed.count(HELD_BACK)
        except (PenchantError, OSError, sqlite3.Error) as error:
            self._failed(error)
            return False
        self.error = None
        return True

    def _add(self, signals: list[Signal]) -> None:
        if not signals:
            return
        self._opened().add_all(signals)
        for signal in signals:
            for rating in self._ratings.get(signal.completion.id, ()):
                self._judge(rating, signal.completion)
        self.recorded += len(signals)
        self._prune()
        self.on_change()

    def _add_probe(self, found: Survival) -> None:
        """Add a probe to its outcome, if that was recorded and recording is still allowed."""
        if self.permission.records(found.workspace) and self.path.exists():
            self._opened().add_probe(found.completion_id, found.seconds, found.kept)

    def _prune(self) -> None:
        """Erase what is too old, once a day; trouble with that is no trouble for recording."""
        if self.retention_days is None or time.monotonic() - self._pruned_at < DAY_S:
            return
        self._pruned_at = time.monotonic()
        try:
            gone = self._opened().prune(self.retention_days)
            log.event("old signals erased", count=len(gone))
        except (PenchantError, OSError, sqlite3.Error) as error:
            log.failure("old signals not erased", error)

    def _passed(self, settled: Settled) -> Signal | Literal["held back"] | None:
        from penchant_core.redaction import ignored, secret_in

        completion, outcome = settled.completion, settled.outcome
        if not self.permission.records(completion.workspace):
            return None
        limits = self.permission.limits_of(completion.workspace)
        globs = (*self.ignore, *limits.ignore)
        used = (completion.path, *(snippet.path for snippet in completion.context))
        if any(ignored(path, globs) for path in used):
            return None
        signal = Signal(_clean(completion), _clean_outcome(outcome))
        rule = secret_in(_texts(signal))
        if rule is not None:
            log.event("signal dropped for a secret", rule=rule)
            return HELD_BACK
        return signal

    def _rate(self, rating: Rating) -> bool:
        try:
            if self._store is None and not self.path.exists():
                return False
            signal = self._opened().signal(rating.completion_id)
            return signal is not None and self._judge(rating, signal.completion)
        except (PenchantError, OSError, sqlite3.Error) as error:
            self._failed(error)
            return False

    def _judge(self, rating: Rating, completion: Completion) -> bool:
        """Write a rating if it fits its completion, is consented to and holds no secret."""
        from penchant_core.ratings import refusal

        allowed = self.permission.records(completion.workspace)
        return allowed and refusal(rating, completion) is None and self._opened().rate(rating)

    def _opened(self) -> "SignalStore":
        if self._store is None:
            from penchant_core.store import SignalStore

            self._store = SignalStore(self.path, busy_ms=BUSY_MS)
        return self._store

    def _failed(self, error: Exception) -> None:
        if self.error is None:
            log.failure("signal log not written", error)
        self.error = "the signal log cannot be written; run `penchant doctor`"
        self._close()
        self.on_change()

    def _close(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            try:
                store.close()
            except (PenchantError, sqlite3.Error) as error:
                log.failure("signal log not closed", error)


def _alike(waiting: Sequence[Settled | Survival]) -> list[Settled | Survival]:
    """Return the first of what waits: signals that can be written together, or one probe."""
    signals = list(takewhile(lambda each: isinstance(each, Settled), islice(waiting, BATCH)))
    return signals or [waiting[0]]


def _prepare(path: Path) -> None:
    from penchant_core import store
    from penchant_core.redaction import rules

    _ = (store, rules())
    if not path.exists():
        from penchant_core import migrations

        _ = migrations


def _clean(completion: Completion) -> Completion:
    return replace(
        completion,
        path=well_formed(completion.path),
        prefix=well_formed(completion.prefix),
        suffix=well_formed(completion.suffix),
        candidates=tuple(
            replace(each, text=well_formed(each.text)) for each in completion.candidates
        ),
    )


def _clean_outcome(outcome: Outcome | None) -> Outcome | None:
    if outcome is None:
        return None
    return replace(
        outcome,
        final_text=well_formed(outcome.final_text),
        instead=well_formed(outcome.instead),
    )


def _texts(signal: Signal) -> list[str]:
    """Return every text that would be stored, also as it reads in its place."""
    completion, outcome = signal.completion, signal.outcome
    found = [completion.prefix, completion.suffix]
    found += [snippet.text for snippet in completion.context]
    inserted = [candidate.text for candidate in completion.candidates]
    if outcome is not None:
        inserted += [outcome.final_text, outcome.instead]
    near, after = completion.prefix[-200:], completion.suffix[:200]
    return found + [near + text + after for text in inserted if text]
