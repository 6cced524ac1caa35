"""What a climb stands on, and where it writes.

In the work directory lie the signal logs (they hold the author's code and belong to nobody else),
the adapters, and one file of numbers per rung. Knows nothing of rungs.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from penchant_core import models
from penchant_core.config import Config
from penchant_core.errors import TrainError
from penchant_core.models import BaseModel
from penchant_core.paths import private_directory, write_private
from penchant_trainer.recipe import Recipe
from penchant_trainer.replay.division import Division
from penchant_trainer.replay.policy import Policy
from penchant_trainer.replay.walk import Piece, Place
from penchant_trainer.resources import Device


@dataclass(frozen=True, slots=True)
class Site:
    """Everything that a climb stands on.

    ``pieces`` is what the author ever added, ``other`` are places of the control author.
    """

    config: Config
    base: BaseModel
    device: Device
    recipe: Recipe
    division: Division
    pieces: tuple[Piece, ...]
    other: tuple[Place, ...]
    policy: Policy
    seed: int
    work: Path

    @property
    def scratch(self) -> Path:
        """Where libraries may write."""
        return self.work / "scratch"

    @property
    def max_tokens(self) -> int:
        """The longest suggestion that is served."""
        return self.config.settings.completion.max_tokens

    def log(self, whose: str) -> Path:
        """Return the signal log of the author, or of the control author."""
        return self.work / "signals" / f"{whose}.db"

    def figures(self, name: str) -> Path:
        """Return where the numbers of a rung are kept."""
        return self.work / "rungs" / f"{name}.json"

    def adapter(self, name: str) -> Path:
        """Return the directory of what one rung's training left."""
        return self.work / "adapters" / name

    def tokens(self) -> Any:
        """Return the base model's tokenizer with its renderer."""
        from penchant_trainer.tokens import load_tokens

        base, served = self.base, models.copying(self.config.settings.engine, self.base)
        return load_tokens(str(base.directory), base.renderer, self.recipe.max_length, served)


def claim(work: Path, identity: dict[str, Any]) -> None:
    """Take a work directory for one replay.

    Raises TrainError when it holds another replay, whose rungs must not be mixed with these.
    """
    path = private_directory(work) / "replay.json"
    text = json.dumps(identity, sort_keys=True, indent=1)
    if path.exists() and path.read_text("utf-8") != text:
        raise TrainError(f"{work} holds another replay (other options or commits); name another")
    write_private(path, text)


def stored(path: Path) -> dict[str, Any] | None:
    """Return the numbers that a file keeps, None without one; raise TrainError when damaged."""
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise TrainError(f"{path} is damaged; delete it, and that rung is climbed again") from error
