"""Makes the engine serve what the live pointers say, and keeps it so.

Follows the pointers of the owners that ask for completions (a cheap look at each file every
second, so that the trainer and the command line may move them), loads what they name, retires what
they left, and starts over when the engine restarts. A version that cannot be loaded stays refused,
with the reason, until its owner's pointer moves. One that was withdrawn is taken off the engine
wherever it came from, and then its files go. Knows nothing of requests.
"""

import asyncio
import time
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field

from penchant_core import log
from penchant_core.adapters import LIVE, AdapterStore, LivePointer, Version
from penchant_core.card import OWNER, engine_name
from penchant_core.errors import AdapterError, AdapterNotFound, EngineError
from penchant_core.tombstones import read_tombstone
from penchant_server.loader import Loader
from penchant_server.supervisor import Supervisor
from penchant_server.trials import Trials

POLL_S = 1.0
MAX_OWNERS = 256
FIRST_RETRY_S = 2.0
LONGEST_RETRY_S = 60.0

Stamp = tuple[int, int, int]


@dataclass(slots=True)
class Desire:
    """What one owner's pointer says, and what came of it.

    ``wanted`` is None for the base model. ``reason`` says why ``wanted`` does not serve;
    ``retry_at`` (monotonic seconds) when to try again, None for never. ``asked_at`` (monotonic
    seconds) decides who keeps a place on the engine when there are more owners than places.
    """

    stamp: Stamp | None = None
    wanted: str | None = None
    reason: str = ""
    retry_at: float | None = None
    retry_s: float = FIRST_RETRY_S
    asked_at: float = field(default_factory=time.monotonic)


class Reconciler:
    """The live versions of all owners that ask."""

    def __init__(
        self,
        *,
        store: AdapterStore,
        loader: Loader,
        supervisor: Supervisor,
        owners: list[str],
        max_adapters: int,
    ) -> None:
        self._store = store
        self._loader = loader
        self._supervisor = supervisor
        self._max_adapters = max_adapters
        self.trials = Trials(store, loader)
        self._desires: dict[str, Desire] = {owner: Desire() for owner in owners}
        self._wake = asyncio.Event()
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._retiring: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Begin to follow; returns at once."""
        self._task = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """Stop following."""
        for task in [self._task, *self._retiring]:
            if task:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    def serving(self, owner: str) -> tuple[Version | None, str]:
        """Return the owner's version that can serve now, or None and why not ("": has none).

        An owner that was never asked for is looked up from then on.
        """
        desire = self._desires.get(owner)
        if desire is None:
            desire = self._notice(owner)
        if desire is None:
            return None, ""
        if desire.wanted is None and not desire.reason:
            unread = desire.stamp is None and self._stamp(owner) is not None
            return None, f"the adapter of {owner} is being loaded" if unread else ""
        desire.asked_at = time.monotonic()
        name = engine_name(owner, desire.wanted) if desire.wanted else ""
        slot = self._loader.slots.get(name)
        if slot is not None and not slot.draining:
            return slot.version, ""
        if not desire.reason:
            self._wake.set()
        return None, desire.reason or f"{name} is being loaded"

    def refused(self) -> dict[str, str]:
        """Return the reason of every version that should serve and cannot, by engine name."""
        return {
            engine_name(owner, desire.wanted): desire.reason
            for owner, desire in self._desires.items()
            if desire.wanted and desire.reason
        }

    def live(self) -> dict[str, str]:
        """Return the engine names that should serve, each with its owner."""
        return {
            engine_name(owner, desire.wanted): owner
            for owner, desire in self._desires.items()
            if desire.wanted
        }

    async def promote(self, owner: str, version: str) -> LivePointer:
        """Load and try a version, then make it live; nothing changes when it fails.

        Raises AdapterError for a version that may not serve, EngineError when the engine cannot.
        """
        async with self._lock:
            wanted = self._store.get(owner, version)
            await self._refresh()
            await self._loader.ensure(wanted)
            pointer = self._store.promote(owner, version, reason="promoted over HTTP")
            await self._settle(owner)
            return pointer

    async def roll_back(self, owner: str) -> tuple[LivePointer, str]:
        """Move the pointer back, then follow it; return it with the reason if it cannot serve.

        Where a version is on trial, its trial ends instead and the pointer stays.
        """
        async with self._lock:
            stopped = self._store.end_trial(owner, "stopped", reason="stopped over HTTP")
            pointer = self._store.pointer(owner) if stopped else self._store.roll_back(owner)
            if self._supervisor.engine is not None:
                with suppress(EngineError):
                    await self._refresh()
                    await self._settle(owner)
            return pointer, self._desires.get(owner, Desire()).reason

    def forget(self, name: str) -> None:
        """Note that the engine lost an adapter, and load it again."""
        self._loader.lost(name)
        self._wake.set()

    def _notice(self, owner: str) -> Desire | None:
        if not OWNER.fullmatch(owner):
            return None
        if self._stamp(owner) is None:
            return self._notice_trial(owner)
        if len(self._desires) >= MAX_OWNERS:
            del self._desires[min(self._desires, key=lambda name: self._desires[name].asked_at)]
        desire = self._desires[owner] = Desire(reason=f"the adapter of {owner} is being loaded")
        self._wake.set()
        return desire

    def _notice_trial(self, owner: str) -> Desire | None:
        """Look up an owner whose first version is on trial: until then the base model is theirs."""
        if not self.trials.exists(owner) or len(self._desires) >= MAX_OWNERS:
            return None
        self._wake.set()
        return self._desires.setdefault(owner, Desire())

    def _stamp(self, owner: str) -> Stamp | None:
        try:
            found = (self._store.base / owner / LIVE).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    async def _follow(self) -> None:
        while True:
            try:
                async with self._lock:
                    await self.step()
            except EngineError as error:
                log.event("reconcile_waits", reason=str(error))
            except Exception as error:  # noqa: BLE001  # the follower must outlive any surprise
                log.failure("reconcile_failed", error)
            changed = asyncio.create_task(self._supervisor.changed())
            woken = asyncio.create_task(self._wake.wait())
            try:
                await asyncio.wait(
                    {changed, woken}, timeout=POLL_S, return_when=asyncio.FIRST_COMPLETED
                )
            finally:
                changed.cancel()
                woken.cancel()
            self._wake.clear()

    async def step(self) -> None:
        """Bring every owner up to date; raise EngineError when the engine cannot be asked."""
        if self._supervisor.engine is None:
            return
        await self._refresh()
        self._retire_withdrawn()
        # Those who asked last come first, and as many as there are places.
        ranked = sorted(self._desires, key=lambda name: -self._desires[name].asked_at)
        for owner in ranked[: self._max_adapters]:
            if self._due(owner):
                await self._settle(owner)
        for owner, desire in self._desires.items():
            if self.trials.look(owner):
                self._retire_others(owner, desire)
        live = sum(desire.wanted is not None for desire in self._desires.values())
        await self.trials.load(ranked, self._max_adapters - live)

    async def _refresh(self) -> None:
        if await self._loader.renew():
            for desire in self._desires.values():
                desire.stamp = None
            # A gateway that ended before it could remove them left these behind.
            for version in await asyncio.to_thread(self._store.unburied):
                self._spawn(self._bury(version))

    def _due(self, owner: str) -> bool:
        desire = self._desires[owner]
        if desire.stamp is None or desire.stamp != self._stamp(owner):
            return self._stamp(owner) is not None or desire.wanted is not None
        if desire.reason:
            return desire.retry_at is not None and time.monotonic() >= desire.retry_at
        name = engine_name(owner, desire.wanted) if desire.wanted else None
        return name is not None and name not in self._loader.slots

    async def _settle(self, owner: str) -> None:
        """Follow one pointer: load what it names, then retire the owner's other versions."""
        desire = self._desires.setdefault(owner, Desire())
        stamp = self._stamp(owner)
        if stamp != desire.stamp:
            desire.retry_s = FIRST_RETRY_S
        desire.stamp, desire.reason, desire.retry_at = stamp, "", None
        try:
            desire.wanted = self._store.pointer(owner).version
            if desire.wanted:
                await self._loader.ensure(self._store.get(owner, desire.wanted))
        except AdapterNotFound as error:
            desire.reason = str(error)
        except AdapterError as error:
            desire.reason = str(error)
            log.event("adapter_refused", owner=owner, reason=str(error))
        except EngineError as error:
            desire.reason = str(error)
            desire.retry_at = time.monotonic() + desire.retry_s
            desire.retry_s = min(2 * desire.retry_s, LONGEST_RETRY_S)
        self.trials.look(owner)
        self._retire_others(owner, desire)

    def _retire_others(self, owner: str, desire: Desire) -> None:
        live = engine_name(owner, desire.wanted) if desire.wanted else None
        kept = {live, self.trials.name(owner)}
        for name, slot in self._loader.slots.items():
            if slot.version.owner == owner and name not in kept and not slot.draining:
                slot.draining = True
                self._spawn(self._retire(name, slot.version))

    def _retire_withdrawn(self) -> None:
        for name, slot in self._loader.slots.items():
            if not slot.withdrawn and read_tombstone(slot.version.path) is not None:
                slot.withdrawn = True
                if not slot.draining:
                    slot.draining = True
                    self._spawn(self._retire(name, slot.version))

    async def _retire(self, name: str, version: Version) -> None:
        await self._loader.retire(name)
        if await asyncio.to_thread(read_tombstone, version.path) is not None:
            await self._bury(version)

    async def _bury(self, version: Version) -> None:
        try:
            await self._loader.bury(version)
        except (AdapterError, EngineError) as error:
            log.event("adapter_not_buried", adapter=version.engine_name, reason=str(error))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)
