"""Publishes an adapter that lies in a directory of this machine.

Only a directory that belongs to the user who runs the gateway is taken, and nothing in it is
followed elsewhere. Its files are copied into the store's staging area, so that the original stays
where it is. Knows nothing of HTTP.
"""

import os
import shutil
import stat
import time
from pathlib import Path

from pydantic import ValidationError

from penchant_core.adapter_files import CARD, FILES, MAX_BYTES
from penchant_core.adapters import AdapterStore, Version
from penchant_core.card import OWNER, Card
from penchant_core.errors import AdapterNotFound, AdapterRejected
from penchant_core.models import BaseModel


def publish_directory(store: AdapterStore, base: BaseModel, owner: str, path: Path) -> Version:
    """Publish the adapter in ``path`` as the owner's next version.

    A sound card.json beside it is kept; else the card says that it was imported. Raises
    AdapterRejected when the directory may not be taken or breaks a rule.
    """
    if not OWNER.fullmatch(owner):
        raise AdapterNotFound("owners read dev/<name> or team/<name>")
    _own_directory(path)
    with store.staging(owner) as staged:
        for entry in path.iterdir():
            _copy(entry, staged)
        card = _card(staged / CARD, owner, base)
        return store.publish(staged, card, shapes=base.shapes())


def _own_directory(path: Path) -> None:
    try:
        found = path.lstat()
    except (OSError, ValueError) as error:
        raise AdapterRejected("there is no such directory on this machine") from error
    if not path.is_absolute() or ".." in path.parts or path != path.resolve():
        raise AdapterRejected("give the absolute path of the directory, without links")
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise AdapterRejected("the path is not a directory of the user who runs the gateway")


def _copy(entry: Path, staged: Path) -> None:
    """Copy one plain file that belongs to this user; anything else makes the adapter unfit."""
    found = entry.lstat()
    if entry.name not in FILES or not stat.S_ISREG(found.st_mode):
        raise AdapterRejected(
            f"only {', '.join(sorted(FILES))} belong in an adapter; pickles are never loaded"
        )
    if found.st_uid != os.geteuid() or found.st_size > MAX_BYTES:
        raise AdapterRejected("a file of the adapter belongs to someone else or is too large")
    descriptor = os.open(entry, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as source, (staged / entry.name).open("wb") as target:
        shutil.copyfileobj(source, target)


def _card(path: Path, owner: str, base: BaseModel) -> Card:
    try:
        card = Card.model_validate_json(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError):
        card = None
    if card is None:
        return Card(
            owner=owner,
            version="v0001",
            created_at=time.time(),
            base_model=base.name,
            base_fingerprint=base.fingerprint,
            method="imported",
        )
    if card.base_fingerprint != base.fingerprint:
        raise AdapterRejected("its card says that it was trained for another base model")
    return card.model_copy(update={"owner": owner})
