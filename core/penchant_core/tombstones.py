"""What is left of an adapter version that learned from something its owner erased.

A tombstone beside the card withdraws a version at once: whoever is about to load or promote it
refuses. Its weights are removed later, when no engine has them loaded, and then the card keeps only
what it was, no figure and no id of a signal. Knows nothing of stores, pointers and engines.
"""

import contextlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from penchant_core.adapter_files import CARD
from penchant_core.card import Card, sealed
from penchant_core.errors import ConfigError
from penchant_core.paths import sync_directory, write_private

TOMBSTONE = "tombstone.json"


class Tombstone(BaseModel):
    """When (seconds since the epoch) and why a version was withdrawn."""

    model_config = ConfigDict(frozen=True)

    at: float = 0.0
    reason: str = "withdrawn"


def read_tombstone(directory: Path) -> Tombstone | None:
    """Return the tombstone of a version, None when it has none; an unreadable one counts."""
    try:
        return Tombstone.model_validate_json((directory / TOMBSTONE).read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, ValidationError):
        return Tombstone()


def set_tombstone(directory: Path, tombstone: Tombstone) -> None:
    """Withdraw a version, durably; raise OSError or ConfigError when that cannot be written."""
    write_private(directory / TOMBSTONE, tombstone.model_dump_json())


def is_buried(directory: Path) -> bool:
    """Whether nothing but the card and the tombstone is left of a version."""
    with contextlib.suppress(OSError):
        return {path.name for path in directory.iterdir()} <= {CARD, TOMBSTONE}
    return False


def bury(directory: Path, card: Card) -> None:
    """Remove the weights and whatever the card says of the data; raise OSError when it cannot.

    Call it only when no engine has the directory loaded: one that vanishes kills it.
    """
    try:
        write_private(directory / CARD, sealed(_emptied(card)))
    except ConfigError as error:
        raise OSError(str(error)) from error
    for path in directory.iterdir():
        if path.name not in (CARD, TOMBSTONE):
            path.unlink()
    sync_directory(directory)


def _emptied(card: Card) -> Card:
    """The card without what was learned or counted from signals."""
    return Card(
        owner=card.owner,
        version=card.version,
        created_at=card.created_at,
        base_model=card.base_model,
        base_fingerprint=card.base_fingerprint,
        method=card.method,
        parent=card.parent,
        run=card.run,
        contributors=card.contributors,
    )
