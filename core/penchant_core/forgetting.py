"""Erasing follows through: what was derived from signals goes when they go.

The log remembers the ids of what was erased until this was done, so a process that dies on the way
loses nothing: whoever comes next (a command, the watch) goes on. Versions that learned from erased
signals are withdrawn, unfinished runs lose their files, and a rebuild is requested. Expired signals
are gentler, or a daily expiry would take away daily what serves, live or on trial: it stays until a
run has replaced it, ``GRACE_S`` at the longest, and a rebuild is requested after half of that.
Knows nothing of engines; what a gateway has loaded is left to it to unload.
"""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from penchant_core.adapters import AdapterStore, Version
from penchant_core.config import Config
from penchant_core.errors import AdapterError
from penchant_core.rebuild import pending_rebuild, request_rebuild, runs_directory
from penchant_core.store import SignalStore

GRACE_S = 7 * 86_400.0
"""How long a live version may serve on that learned from signals that have since expired."""

LEARNED_FROM = "split.json"
"""The file in a run's directory whose ``signal_ids`` says what the run's other files learned."""

LOCK = "lock"
"""The file in the directory of runs that a trainer at work holds locked."""

_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was done: versions withdrawn, live ones that wait for a rebuild, runs cleared away.

    ``rebuild`` says whether a rebuild is wanted now; ``learned`` is everything that had learned.
    """

    withdrawn: tuple[Version, ...] = ()
    waiting: tuple[Version, ...] = ()
    runs: tuple[str, ...] = ()
    rebuild: bool = False

    @property
    def learned(self) -> tuple[Version, ...]:
        """Every version that had learned from what is gone."""
        return self.withdrawn + self.waiting


@dataclass(frozen=True, slots=True)
class _Gone:
    """The ids that are gone: ``hard`` ones at once, ``soft`` ones with grace for what is live.

    ``overdue`` says that half of a grace is over; ``by_owner`` are those that did not just expire.
    """

    hard: frozenset[str]
    soft: frozenset[str]
    by_owner: frozenset[str]
    overdue: bool
    everything: bool
    developer: str

    def touches(self, version: Version, ids: frozenset[str]) -> bool:
        """Whether a version learned from these; a team's that names the developer may have."""
        if not ids.isdisjoint(version.card.signal_ids):
            return True
        named = version.owner.startswith("team/") and self.developer in version.card.contributors
        unsaid = self.everything or not version.card.signal_ids
        return named and unsaid and not ids.isdisjoint(self.by_owner)


def follow_through(config: Config, log: SignalStore, *, now: float | None = None) -> Forgotten:
    """Remove what was derived from erased signals of ``log``; return what was done.

    Safe to run again and beside a trainer, which notices by itself. Raises StoreError or
    AdapterError when something cannot be written; the next call goes on.
    """
    gone = _gone(config, log, time.time() if now is None else now)
    if not gone.hard and not gone.soft:
        return Forgotten(rebuild=pending_rebuild(config) is not None)
    if gone.hard:
        # Some sixty numbers, but learned from what is gone: the trainer learns them again.
        config.paths.show_filter(config.settings.developer.name).unlink(missing_ok=True)
    hit: dict[str, tuple[AdapterStore, list[Version]]] = {}
    waiting = []
    for store, version, live in _versions(config):
        if gone.touches(version, gone.hard) or (not live and gone.touches(version, gone.soft)):
            hit.setdefault(str(store.base / version.owner), (store, []))[1].append(version)
        elif gone.touches(version, gone.soft):
            waiting.append(version)
    wanted = any(gone.touches(v, gone.hard) for _, versions in hit.values() for v in versions)
    if (wanted or (waiting and gone.overdue)) and not gone.everything:
        request_rebuild(config, "signals were erased that versions had learned from")
    withdrawn = [v for store, versions in hit.values() for v in _withdraw(store, versions)]
    runs = _clear_runs(config, gone.hard | gone.soft)
    kept = {name for version in waiting for name in version.card.signal_ids}
    log.followed_through((gone.hard | gone.soft) - (gone.soft & kept))
    rebuild = pending_rebuild(config) is not None
    return Forgotten(tuple(withdrawn), tuple(waiting), runs, rebuild)


def bury_unloaded(config: Config, *, wait_s: float = 0.0) -> list[Version]:
    """Remove the files of withdrawn versions that the gateway has not loaded; return the others.

    Waits ``wait_s`` for a gateway to unload them. What is left then the gateway removes itself.
    """
    deadline = time.monotonic() + wait_s
    while found := [(store, v) for store in _stores(config) for v in store.unburied()]:
        loaded = loaded_names(config.settings.gateway.address)
        left = [version for store, version in found if not _buried(store, version, loaded)]
        if not left or loaded is None or time.monotonic() >= deadline:
            return left
        time.sleep(_POLL_S)
    return []


def loaded_names(address: str) -> frozenset[str] | None:
    """Return the engine names that a gateway has loaded or is loading.

    Nothing where none answers; None where something answers and does not say.
    """
    import httpx

    try:
        answer = httpx.get(f"{address}/v1/models", timeout=5.0)
        entries = answer.json()["data"] if answer.is_success else None
        return frozenset(str(entry["id"]) for entry in entries) if entries is not None else None
    except httpx.TransportError:
        return frozenset()
    except (ValueError, KeyError, TypeError):
        return None


def _gone(config: Config, log: SignalStore, now: float) -> _Gone:
    erasures = log.erasures()
    expired = [e for e in erasures if e.why == "expired" and now - e.at < GRACE_S]
    soft = {e.completion_id for e in expired}
    overdue = any(now - e.at >= GRACE_S / 2 for e in expired)
    hard = {e.completion_id for e in erasures} - soft
    by_owner = frozenset(e.completion_id for e in erasures if e.why != "expired")
    everything = bool(erasures) and not len(log)
    developer = config.settings.developer.name
    return _Gone(frozenset(hard), frozenset(soft), by_owner, overdue, everything, developer)


def _stores(config: Config) -> Iterator[AdapterStore]:
    for base in sorted(path for path in config.adapter_root.glob("*") if path.is_dir()):
        yield AdapterStore(config.adapter_root, base.name)


def _versions(config: Config) -> Iterator[tuple[AdapterStore, Version, bool]]:
    """Yield every version and whether it serves (live, or on trial).

    A withdrawn one only if it is live, by a crash.
    """
    for store in _stores(config):
        for owner in store.owners():
            try:
                live = store.pointer(owner).version
            except AdapterError:
                live = None
            tried = store.trial(owner)
            serving = {live, tried.version} if tried and tried.active else {live}
            for version in store.versions(owner):
                if version.tombstone is None or version.version == live:
                    yield store, version, version.version in serving


def _withdraw(store: AdapterStore, versions: list[Version]) -> list[Version]:
    reason = "it had learned from signals that were erased since"
    return store.withdraw(versions[0].owner, {v.version for v in versions}, reason=reason)


def _buried(store: AdapterStore, version: Version, loaded: frozenset[str] | None) -> bool:
    if loaded is None or version.engine_name in loaded:
        return False
    store.bury(version)
    return True


def _clear_runs(config: Config, gone: frozenset[str]) -> tuple[str, ...]:
    """Delete what unfinished runs made of signals that are gone, unless a trainer is at work."""
    directory = runs_directory(config)
    cleared = []
    with _alone(directory) as alone:
        for run in sorted(directory.glob("*/")) if alone else ():
            derived = any(path.is_dir() for path in run.iterdir())
            if derived and _learned_from(run, gone):
                shutil.rmtree(run, ignore_errors=True)
                cleared.append(run.name)
    return tuple(cleared)


def _learned_from(run: Path, gone: frozenset[str]) -> bool:
    try:
        named = json.loads((run / LEARNED_FROM).read_text("utf-8"))["signal_ids"]
        return not gone.isdisjoint(named)
    except (OSError, ValueError, KeyError, TypeError):
        return True  # what cannot say what it learned from cannot stay


@contextmanager
def _alone(directory: Path) -> Iterator[bool]:
    """Hold the trainer's lock; False when a trainer has it, or when there never was one."""
    if not (directory / LOCK).exists():
        yield directory.is_dir()
        return
    descriptor = os.open(directory / LOCK, os.O_RDWR | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
