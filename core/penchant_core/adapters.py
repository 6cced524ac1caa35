"""The adapter store: immutable versions in directories, and a live pointer per owner.

``<root>/<base fingerprint>/<scope>/<name>/v0001/`` holds PEFT's own layout and a card. Publishing
is stage, verify, rename, so that a reader sees a whole version or none. The live pointer is a small
file replaced atomically; it remembers what was live before, so that rolling back is one step.
Knows nothing of engines and training.
"""

import contextlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from penchant_core import adapter_files
from penchant_core.card import OWNER, VERSION, Card, engine_name, seal_holds, sealed
from penchant_core.errors import AdapterError, AdapterNotFound, AdapterRejected
from penchant_core.fingerprint import base_shapes
from penchant_core.owner_lock import locked
from penchant_core.paths import private_directory, sync_directory, write_private
from penchant_core.tombstones import Tombstone, bury, is_buried, read_tombstone, set_tombstone
from penchant_core.trials import End, Trial, active_trial, end_trial, read_trial, write_trial

LIVE = "live.json"
_STAGING = ".staging"
_REMEMBERED = 10  # versions to roll back through
_ABANDONED_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Version:
    """One published version: where it is and what its card says.

    A version with a ``tombstone`` was withdrawn: it is never loaded or promoted again.
    """

    owner: str
    version: str
    path: Path
    card: Card
    tombstone: Tombstone | None = None

    @property
    def engine_name(self) -> str:
        """The name under which an engine serves it."""
        return engine_name(self.owner, self.version)


class LivePointer(BaseModel):
    """Which version of an owner is live (None: the base model), and what was live before."""

    model_config = ConfigDict(frozen=True)

    version: str | None = None
    previous: list[str | None] = []
    at: float = 0.0
    reason: str = ""


class AdapterStore:
    """The adapters of one base model below ``root``; safe for several processes at once."""

    def __init__(self, root: Path, fingerprint: str) -> None:
        self.root = root
        self.fingerprint = fingerprint
        self.base = root / fingerprint

    def owners(self) -> list[str]:
        """Return every owner that ever published, sorted."""
        found = [f"{p.parent.name}/{p.name}" for p in self.base.glob("*/*") if p.is_dir()]
        return sorted(owner for owner in found if OWNER.fullmatch(owner))

    def versions(self, owner: str) -> list[Version]:
        """Return an owner's versions, oldest first; those without a sound card are skipped."""
        found = []
        for name in self.names(owner):
            try:
                found.append(self.get(owner, name))
            except AdapterError:
                continue
        return found

    def names(self, owner: str) -> list[str]:
        """Return the names of an owner's versions, oldest first, sound or not."""
        return sorted(_version_names(self._folder(owner)), key=_number)

    def get(self, owner: str, version: str) -> Version:
        """Return one version; raise AdapterNotFound, or AdapterRejected for an unreadable card."""
        if not VERSION.fullmatch(version):
            raise AdapterNotFound(f"{version!r} is not a version; versions read v0001")
        path = self._folder(owner) / version
        try:
            card = Card.model_validate_json((path / adapter_files.CARD).read_text("utf-8"))
        except FileNotFoundError as error:
            raise AdapterNotFound(
                f"{owner} has no version {version}; `penchant adapters list` shows what there is"
            ) from error
        except (OSError, ValidationError, UnicodeDecodeError) as error:
            raise AdapterRejected(f"the card of {owner} {version} is not readable") from error
        if (card.owner, card.version) != (owner, version):
            raise AdapterRejected(f"the card of {owner} {version} names another adapter")
        return Version(owner, version, path, card, read_tombstone(path))

    def live(self, owner: str) -> Version | None:
        """Return the version that should be served, None for the base model."""
        pointer = self.pointer(owner)
        return self.get(owner, pointer.version) if pointer.version else None

    def pointer(self, owner: str) -> LivePointer:
        """Return the live pointer of an owner."""
        try:
            text = (self._folder(owner) / LIVE).read_text("utf-8")
            return LivePointer.model_validate_json(text)
        except FileNotFoundError:
            return LivePointer()
        except (OSError, ValidationError, UnicodeDecodeError) as error:
            raise AdapterRejected(
                f"the live pointer of {owner} is not readable; promote a version again"
            ) from error

    def trial(self, owner: str) -> Trial | None:
        """Return what is or was last tried beside an owner's live version, None for nothing."""
        return read_trial(self._folder(owner))

    def begin_trial(self, owner: str, version: str, *, wanted: int, reason: str = "") -> Trial:
        """Let a version be tried beside what is live, in place of one that is tried now.

        Raises AdapterNotFound or AdapterRejected as ``promote`` does.
        """
        self.verify_files(self.get(owner, version))
        with self._locked(owner) as folder:
            if not self._usable(owner, version):  # withdrawn just now
                raise AdapterRejected(f"{owner} {version} was withdrawn; try another version")
            tried = Trial(version=version, wanted=wanted, since=time.time(), reason=reason)
            return write_trial(folder, tried)

    def count_trial(self, owner: str, version: str, seen: int) -> None:
        """Note how many suggestions of a version on trial have said something."""
        with self._locked(owner) as folder:
            found = active_trial(folder)
            if found is not None and found.version == version and found.seen != seen:
                write_trial(folder, found.model_copy(update={"seen": seen}))

    def end_trial(self, owner: str, end: End, *, reason: str = "") -> Trial | None:
        """End the trial that goes on; what is live stays so. Return it, None without one."""
        with self._locked(owner) as folder:
            return end_trial(folder, end, time.time(), reason)

    @contextmanager
    def staging(self, owner: str) -> Iterator[Path]:
        """Yield an empty directory to write an adapter into; it is removed afterwards."""
        self._folder(owner)
        path = self.base / _STAGING / uuid.uuid4().hex
        private_directory(path)
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def publish(
        self, staged: Path, card: Card, *, shapes: Mapping[str, tuple[int, ...]]
    ) -> Version:
        """Make a staged directory the next version of ``card.owner``; it does not go live by it.

        The card's version, fingerprint, shape and digests are filled in here. Raises
        AdapterRejected or AdapterMismatch when the files break a rule; then nothing is published.
        """
        shape = adapter_files.check(staged, shapes)
        with self._locked(card.owner) as folder:
            name = f"v{max(map(_number, _version_names(folder)), default=0) + 1:04d}"
            card = card.model_copy(
                update={
                    "version": name,
                    "base_fingerprint": self.fingerprint,
                    "rank": shape.rank,
                    "alpha": shape.alpha,
                    "targets": list(shape.targets),
                    "files": adapter_files.file_digests(staged),
                }
            )
            _write_synced(staged / adapter_files.CARD, sealed(card))
            for path in staged.iterdir():
                _sync(path)
                path.chmod(0o400)
            sync_directory(staged)
            staged.rename(folder / name)
            sync_directory(folder)
        return self.get(card.owner, name)

    def verify(self, version: Version, model_dir: Path, *, max_rank: int = 512) -> None:
        """Check a published version before it is loaded.

        Raises AdapterMismatch for another base model and AdapterRejected for changed or bad files.
        """
        self.verify_files(version)
        adapter_files.check(version.path, base_shapes(model_dir), max_rank=max_rank)

    def verify_files(self, version: Version) -> None:
        """Check fingerprint, seal and digests alone (no base model needed).

        Raises AdapterRejected, for a withdrawn version as well.
        """
        tombstone = read_tombstone(version.path)
        if tombstone is not None:
            raise AdapterRejected(
                f"{version.engine_name} was withdrawn ({tombstone.reason}); "
                "build another: penchant train --once --force"
            )
        if version.card.base_fingerprint != self.fingerprint:
            raise AdapterRejected(f"{version.engine_name} was trained for another base model")
        digests = adapter_files.file_digests(version.path)
        try:
            card = (version.path / adapter_files.CARD).read_bytes()
        except OSError as error:
            raise AdapterRejected(f"the card of {version.engine_name} is gone") from error
        if not seal_holds(card) or digests != version.card.files:
            raise AdapterRejected(
                f"the files of {version.engine_name} were changed after publishing; "
                "promote another version"
            )

    def promote(self, owner: str, version: str | None, *, reason: str = "") -> LivePointer:
        """Make a version live (None: the base model) and remember what was live before.

        A trial ends by it.
        Raises AdapterNotFound for a version that is not there and AdapterRejected for one whose
        files were changed.
        """
        if version is not None:
            self.verify_files(self.get(owner, version))
        with self._locked(owner) as folder:
            if version is not None and not self._usable(owner, version):  # withdrawn just now
                raise AdapterRejected(f"{owner} {version} was withdrawn; promote another version")
            tried = active_trial(folder)
            if tried is not None:
                end_trial(folder, "live" if tried.version == version else "stopped", time.time())
            before = self._pointer_or_none(owner)
            previous = before.previous
            if before.version != version:
                previous = [before.version, *previous][:_REMEMBERED]
            return self._point(
                owner,
                LivePointer(version=version, previous=previous, at=time.time(), reason=reason),
            )

    def roll_back(self, owner: str, *, reason: str = "rolled back by hand") -> LivePointer:
        """Make the version live that was live before; raise AdapterNotFound when there is none."""
        with self._locked(owner):
            before = self.pointer(owner)
            kept = [v for v in before.previous if v is None or self._usable(owner, v)]
            while kept and kept[0] == before.version:
                kept.pop(0)
            if not kept:
                raise AdapterNotFound(f"{owner} has nothing to roll back to")
            return self._point(
                owner,
                LivePointer(version=kept[0], previous=kept[1:], at=time.time(), reason=reason),
            )

    def collect(self, owner: str, *, keep: int, loaded: frozenset[str] = frozenset()) -> list[str]:
        """Remove old versions but the newest ``keep``, the live, tried, previous, ``loaded`` ones.

        ``loaded`` are engine names: a directory that vanishes under an engine kills it.
        """
        gone = []
        with self._locked(owner) as folder:
            pointer, tried = self.pointer(owner), active_trial(folder)
            versions = [v for v in self.versions(owner) if v.tombstone is None]
            kept = {pointer.version, *pointer.previous[: max(keep - 1, 0)]}
            kept |= {tried.version} if tried else set()
            for version in versions[: max(len(versions) - keep, 0)]:
                if version.version not in kept and version.engine_name not in loaded:
                    self._discard(version.path)
                    gone.append(version.version)
        self._sweep()
        return gone

    def withdraw(self, owner: str, names: Collection[str], *, reason: str) -> list[Version]:
        """Put a tombstone on versions, and move the live pointer off them; return them.

        What was live before them comes back, else the newest version that is left, else the base
        model. Their files stay until ``bury``: an engine may have them loaded. Versions that are
        gone, and those withdrawn before, are passed over.
        """
        with self._locked(owner) as folder:
            found = [v for v in self.versions(owner) if v.version in names and not v.tombstone]
            for version in found:
                set_tombstone(version.path, Tombstone(at=time.time(), reason=reason))
            tried = active_trial(folder)
            if tried is not None and tried.version in names:
                end_trial(folder, "stopped", time.time(), reason)
            before = self._pointer_or_none(owner)
            previous = [v for v in before.previous if v is None or self._usable(owner, v)]
            if before.version and not self._usable(owner, before.version):
                back = self._next_best(owner, previous)
                rest = previous[previous.index(back) + 1 :] if back in previous else []
                self._point(
                    owner, LivePointer(version=back, previous=rest, at=time.time(), reason=reason)
                )
            elif previous != before.previous:
                self._point(owner, before.model_copy(update={"previous": previous}))
        return found

    def _next_best(self, owner: str, previous: list[str | None]) -> str | None:
        newest_first = [v.version for v in reversed(self.versions(owner))]
        for name in [*filter(None, previous), *newest_first]:
            try:
                self.verify_files(self.get(owner, name))
            except AdapterError:
                continue
            return name
        return None

    def unburied(self) -> list[Version]:
        """Return the withdrawn versions whose files are still there."""
        return [
            version
            for owner in self.owners()
            for version in self.versions(owner)
            if version.tombstone and not is_buried(version.path)
        ]

    def bury(self, version: Version) -> None:
        """Remove the files of a withdrawn version that no engine has loaded; its card stays."""
        with self._locked(version.owner):
            if read_tombstone(version.path) is None:
                raise AdapterError(f"{version.engine_name} is not withdrawn, so it is kept")
            bury(version.path, version.card)

    def _discard(self, path: Path) -> None:
        """Take a version out of sight at once, then delete it: no reader sees the half of one."""
        grave = private_directory(self.base / _STAGING) / uuid.uuid4().hex
        path.rename(grave)
        shutil.rmtree(grave, ignore_errors=True)

    def _sweep(self) -> None:
        """Delete what publishers that were killed left behind."""
        for path in (self.base / _STAGING).glob("*"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > _ABANDONED_S:
                    shutil.rmtree(path, ignore_errors=True)

    def _folder(self, owner: str) -> Path:
        if not OWNER.fullmatch(owner):
            raise AdapterNotFound(
                f"{owner!r} is not an owner; owners read dev/<name> or team/<name>"
            )
        return self.base / owner

    def _usable(self, owner: str, version: str) -> bool:
        path = self._folder(owner) / version
        return (path / adapter_files.CARD).exists() and read_tombstone(path) is None

    def _point(self, owner: str, pointer: LivePointer) -> LivePointer:
        text = json.dumps(pointer.model_dump(), indent=1)
        write_private(self._folder(owner) / LIVE, text)
        return pointer

    def _pointer_or_none(self, owner: str) -> LivePointer:
        """Return the pointer, an empty one when it is unreadable: promoting mends it."""
        try:
            return self.pointer(owner)
        except AdapterRejected:
            return LivePointer()

    def _locked(self, owner: str) -> AbstractContextManager[Path]:
        return locked(self._folder(owner), self.root)


def _version_names(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("v*") if VERSION.fullmatch(path.name)]


def _number(version: str) -> int:
    return int(version.removeprefix("v"))


def _write_synced(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
