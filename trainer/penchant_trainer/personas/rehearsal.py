"""The whole measurement, cell by cell: personas write, train, and are measured against each other.

Places and suggestions, then one training per persona and number of events, then what base, right
and wrong adapters show at held-out places. Knows nothing of how it is printed.
"""

import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from penchant_core.models import BaseModel
from penchant_core.paths import Paths
from penchant_trainer.personas import desk, pupil, recording, shelf
from penchant_trainer.personas.author import Author
from penchant_trainer.personas.bench import Bench
from penchant_trainer.personas.desk import Place
from penchant_trainer.personas.measuring import Shown, measured, shown_from_json
from penchant_trainer.personas.people import PERSONAS, Persona
from penchant_trainer.personas.recording import Suggestion
from penchant_trainer.pretrain.corpus import Document

BASE = "base"
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured: who, how many events each, at how many held-out places."""

    personas: tuple[Persona, ...]
    events: int = 200
    curve: tuple[int, ...] = ()
    contexts: int = 200
    seed: int = 1
    matrix: bool = True
    model: str = "bundled"
    device: str = "auto"

    @property
    def sizes(self) -> tuple[int, ...]:
        """Every number of events that is trained on, smallest first."""
        return tuple(sorted({*self.curve, self.events}))


@dataclass(frozen=True, slots=True)
class Cell:
    """One training: whose, on how many events, with its outcomes and the run's report."""

    persona: str
    events: int
    outcomes: dict[str, int]
    report: dict[str, Any]


class Rehearsal:
    """A measurement on a bench; every public method is resumed where it was stopped."""

    def __init__(self, plan: Plan, base: BaseModel, work: Path, tell: Tell) -> None:
        self.plan, self.base, self.tell = plan, base, tell
        stamp = {"base": base.fingerprint, "seed": plan.seed, "contexts": plan.contexts}
        self.bench = Bench(work, stamp)
        self.author = Author(base, plan.device, self.bench.directory / "scratch")

    @cached_property
    def _documents(self) -> tuple[Document, ...]:
        return shelf.documents()

    def trained(self, persona: Persona, events: int) -> Cell:
        """Let a persona write ``events`` places, record them, and train."""
        name = f"train-{persona.name}-{events}"
        return Cell(**self.bench.cell(name, lambda: asdict(self._train(persona, events))))

    def shown(self, persona: Persona, adapter: Path | None, name: str) -> Shown:
        """Return what an adapter (called ``name``) shows at a persona's held-out places."""

        def measure() -> dict[str, Any]:
            self.tell(f"{persona.name}: measuring {name}")
            places = self._held_out(persona)
            lines = self.author.lines(places, adapter)
            texts = [line.text for line in lines]
            return measured(judged_as(persona), places, texts).as_json()

        return shown_from_json(self.bench.cell(f"shown-{persona.name}-{name}", measure))

    def own(self, persona: Persona) -> Shown:
        """Return what the persona's own text shows at its held-out places."""

        def measure() -> dict[str, Any]:
            places = self._held_out(persona)
            texts = [place.truth for place in places]
            return measured(judged_as(persona), places, texts).as_json()

        return shown_from_json(self.bench.cell(f"own-{persona.name}", measure))

    def candidate(self, persona: Persona, events: int) -> Path | None:
        """Return where a training left its adapter; None when it left none."""
        found = self.directory(persona, events) / pupil.CANDIDATE
        return found if self.trained(persona, events).report["candidate"] else None

    def directory(self, persona: Persona, events: int) -> Path:
        """Return where a training works."""
        return self.bench.directory / "trainings" / f"{persona.name}-{events}"

    def _train(self, persona: Persona, events: int) -> Cell:
        where = self.directory(persona, events)
        home = where / "home"
        paths = Paths(home / "config", home / "data", home / "state", home / "cache")
        log = paths.signal_log(persona.name)
        rows = self._signals(persona, events)
        if not (where / "recorded").exists():
            shutil.rmtree(where, ignore_errors=True)  # a log that was not finished
            recording.record(log, rows)
            (where / "recorded").touch()
        self.tell(f"{persona.name}: training on {events} events")
        report = pupil.trained(
            where, developer=persona.name, model=self.plan.model, seed=self.plan.seed
        )
        return Cell(persona.name, events, recording.outcomes(rows), report)

    def _signals(self, persona: Persona, events: int) -> list[Any]:
        training = [d for d in self._documents if not shelf.measured(d)]
        places = desk.places(persona, training, events, self.plan.seed)
        return recording.signals(
            persona,
            places,
            self._suggestions(persona.name, places),
            fingerprint=self.base.fingerprint,
            seed=self.plan.seed,
        )

    def _suggestions(self, name: str, places: Sequence[Place]) -> list[Suggestion]:
        """Return the base model's lines; personas who write alike share them."""
        digest = hashlib.sha256(repr(places).encode()).hexdigest()[:16]

        def write() -> list[dict[str, Any]]:
            self.tell(f"{name}: {len(places)} suggestions of the base model")
            return [asdict(line) for line in self.author.lines(places)]

        return [Suggestion(**row) for row in self.bench.cell(f"suggestions-{digest}", write)]

    def _held_out(self, persona: Persona) -> list[Place]:
        kept = [d for d in self._documents if shelf.measured(d)]
        last = PERSONAS[persona.later] if persona.later else persona
        every = desk.places(last, kept, 2 * self.plan.contexts, self.plan.seed)
        return [place for place in every if place.habit][: self.plan.contexts]


def judged_as(persona: Persona) -> Persona:
    """Return a persona with the habits that it has in the end."""
    return replace(persona, wants=PERSONAS[persona.later].wants) if persona.later else persona
