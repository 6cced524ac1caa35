"""The card of an adapter version: what it was made of, how it was judged, and by whom.

Written once, when the version is published, and never changed. It holds counts and ids, never a
developer's text. Knows nothing of where adapters are kept.
"""

import hashlib
import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

OWNER = re.compile(r"(?P<scope>dev|team)/(?P<name>[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?)")
VERSION = re.compile(r"v(?P<number>[0-9]{4,9})")
_TAIL = '""\n}'  # how a card without a seal ends: the seal is its last field
_SEAL = re.compile(rb'"seal": "(?P<seal>[0-9a-f]{64})"\n\}\Z')


class Card(BaseModel):
    """What is known about one version; ``files`` maps each file to its sha256."""

    model_config = ConfigDict(frozen=True)

    owner: str
    version: str
    created_at: float
    base_model: str
    base_fingerprint: str
    method: str
    parent: str | None = None
    run: str = ""
    rank: int = 0
    alpha: float = 0.0
    targets: list[str] = []
    data: dict[str, Any] = Field(default={}, description="Counts of signals, pairs and examples")
    signal_ids: list[str] = Field(default=[], description="Every signal that it learned from")
    contributors: list[str] = []
    evaluation: dict[str, Any] = {}
    reasons: list[str] = Field(default=[], description="Why the gate let it pass")
    style: dict[str, Any] = Field(
        default={}, description="What it learned of its developer's habits; `sentences` in words"
    )
    seed: int = 0
    files: dict[str, str] = {}
    seal: str = Field(default="", description="sha256 of the card itself, with this field empty")

    @field_validator("owner")
    @classmethod
    def _owner(cls, value: str) -> str:
        if not OWNER.fullmatch(value):
            raise ValueError("an owner reads dev/<name> or team/<name>")
        return value

    @field_validator("version")
    @classmethod
    def _version(cls, value: str) -> str:
        if not VERSION.fullmatch(value):
            raise ValueError("a version reads v0001")
        return value


def sealed(card: Card) -> str:
    """Return a card as the text of its file, which tells whether a byte of it was changed."""
    text = card.model_copy(update={"seal": ""}).model_dump_json(indent=1)
    seal = hashlib.sha256(text.encode()).hexdigest()
    return f'{text[: -len(_TAIL)]}"{seal}"\n}}'


def seal_holds(raw: bytes) -> bool:
    """Whether the bytes of a card's file are those that ``sealed`` wrote."""
    found = _SEAL.search(raw)
    if not found:
        return False
    empty = raw[: found.start("seal")] + raw[found.end("seal") :]
    return hashlib.sha256(empty).hexdigest().encode() == found["seal"]


def engine_name(owner: str, version: str) -> str:
    """Return the name under which an engine serves a version, a DNS label: ``dev-alice-v0007``."""
    return f"{owner.replace('/', '-')}-{version}"
