"""One run as its phases see it: what it is made of, where it writes, what was found so far.

Also where the run's adapters lie until one is published: each in a directory of its own below the
run's, whole or not there at all. Knows nothing of the phases and their order.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from penchant_core.adapters import AdapterStore
from penchant_core.config import Config
from penchant_core.errors import TrainError
from penchant_core.models import BaseModel
from penchant_trainer.canaries import Canary, canaries
from penchant_trainer.material import Material
from penchant_trainer.recipe import Recipe
from penchant_trainer.resources import Device
from penchant_trainer.split import Split, split


@contextmanager
def whole(place: Path) -> Iterator[Path]:
    """Give the path of a directory to make, which becomes ``place`` at the end of the block.

    What lay in either place goes first, so ``place`` is whole or not there at all.
    """
    staged = place.with_name(f".{place.name}.tmp")
    for old in (place, staged):
        shutil.rmtree(old, ignore_errors=True)
    yield staged
    staged.rename(place)


@dataclass(frozen=True, slots=True)
class Run:
    """What every phase may use. ``results`` maps finished phases to what they returned.

    ``look`` counts the candidates at the gate since the last promotion, this one included.
    """

    id: str
    config: Config
    base: BaseModel
    store: AdapterStore
    directory: Path
    device: Device
    recipe: Recipe
    material: Material
    results: dict[str, dict[str, Any]]
    look: int = 1

    @property
    def owner(self) -> str:
        """Whose adapter this is."""
        return self.config.settings.owner

    @property
    def seed(self) -> int:
        """The seed of every random choice."""
        return self.config.settings.training.seed

    @property
    def scratch(self) -> Path:
        """Where libraries may write; removed with the adapters when the run ends."""
        return self.directory / "scratch"

    def canaries(self, count: int) -> tuple[Canary, ...]:
        """The random strings that are planted among this run's examples (pure, never stored)."""
        return canaries(count, f"{self.material.digest} {self.seed}")

    def split(self) -> Split:
        """The two sides of the material (pure, so never stored)."""
        return split(self.material.events)

    def keep(self, model: Any, name: str) -> None:
        """Save an adapter into the run's directory, whole or not at all."""
        from penchant_trainer import model as networks

        with whole(self.directory / name) as staged:
            networks.save(model, staged, self.base.name)

    def kept(self, name: str) -> Path:
        """Return where the adapter ``name`` lies; raise TrainError when it is not whole."""
        from penchant_trainer import model as networks

        place = self.directory / name
        if not networks.readable(place):
            raise TrainError(f"the adapter that phase {name} left is damaged; train again")
        return place
