"""A version on trial, served beside what is live: kept on the engine, and given half of the places.

Chosen by document and time block, never by keystroke: of every two blocks a document has one with
the new version and one without, in an order that a hash draws. So ghost text does not flicker, and
both sides meet the same documents for as long. A path is hashed and forgotten. Knows nothing of
outcomes and of how a trial ends, but that what may not be loaded is not tried.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b

from penchant_core import log
from penchant_core.adapters import AdapterStore, Version
from penchant_core.card import engine_name
from penchant_core.errors import AdapterError, EngineError
from penchant_core.trials import TRIAL, Trial
from penchant_server.loader import Loader

BLOCK_S = 900.0
RETRY_S = 30.0

Stamp = tuple[int, int, int]


def takes(name: str, path: str, at: float) -> bool:
    """Whether the version that is called ``name`` answers in a document at ``at`` (epoch seconds).

    The same for a whole block; a half of the time in every document.
    """
    pair, second = divmod(int(at // BLOCK_S), 2)
    drawn = blake2b(f"{name}\0{pair}\0{path}".encode("utf-8", "surrogatepass"), digest_size=1)
    return bool((drawn.digest()[0] ^ second) & 1)


@dataclass(slots=True)
class Tried:
    """What one owner's file says; ``retry_at`` (monotonic seconds) is when to load it again."""

    stamp: Stamp | None = None
    trial: Trial | None = None
    retry_at: float = 0.0


class Trials:
    """The trials of all owners that ask; ``clock`` gives epoch seconds."""

    def __init__(
        self, store: AdapterStore, loader: Loader, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._store, self._loader, self.clock = store, loader, clock
        self._found: dict[str, Tried] = {}

    def serving(self, owner: str, path: str) -> Version | None:
        """Return the owner's version on trial if it answers in this document now, and can."""
        name = self.name(owner)
        slot = self._loader.slots.get(name) if name else None
        if name is None or slot is None or slot.draining:
            return None
        return slot.version if takes(name, path, self.clock()) else None

    def name(self, owner: str) -> str | None:
        """Return the engine name of the owner's version on trial, None without one."""
        found = self._found.get(owner)
        if found is None or found.trial is None or not found.trial.active:
            return None
        return engine_name(owner, found.trial.version)

    def names(self) -> frozenset[str]:
        """Return the engine names of all versions on trial."""
        return frozenset(name for owner in self._found if (name := self.name(owner)))

    def exists(self, owner: str) -> bool:
        """Whether an owner has, or had, a trial at all."""
        return self._stamp(owner) is not None

    def look(self, owner: str) -> bool:
        """Read an owner's file again if it has changed, and say whether it had."""
        found, stamp = self._found.setdefault(owner, Tried()), self._stamp(owner)
        if stamp == found.stamp:
            return False
        before = self.name(owner)
        found.stamp, found.trial = stamp, self._store.trial(owner)
        return self.name(owner) != before  # or it was only counted

    async def load(self, owners: Iterable[str], room: int) -> None:
        """Have what is on trial on the engine, for as many owners as there is ``room``."""
        for owner in owners:
            found, name = self._found.get(owner), self.name(owner)
            if found is None or found.trial is None or name is None:
                continue
            room -= 1
            if room < 0:
                return
            if name not in self._loader.slots and time.monotonic() >= found.retry_at:
                await self._load(owner, found, found.trial)

    async def _load(self, owner: str, found: Tried, trial: Trial) -> None:
        try:
            await self._loader.ensure(self._store.get(owner, trial.version))
        except (EngineError, AdapterError) as error:
            found.retry_at = time.monotonic() + RETRY_S
            log.event("trial_not_loaded", owner=owner, reason=str(error))
            if isinstance(error, AdapterError):  # it never may be
                end = self._store.end_trial
                await asyncio.to_thread(end, owner, "stopped", reason=str(error))

    def _stamp(self, owner: str) -> Stamp | None:
        try:
            found = (self._store.base / owner / TRIAL).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
