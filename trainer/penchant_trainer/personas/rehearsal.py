"""The whole measurement, cell by cell: personas write, train, and are measured against each other.

Places and suggestions, then one training per persona and number of events, then what base, right
and wrong adapters show at held-out places. Knows nothing of how it is printed.
"""

import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Any

from penchant_core.models import BaseModel
from penchant_core.paths import Paths
from penchant_core.settings import CompletionSettings
from penchant_core.signals import Signal
from penchant_trainer.personas import desk, filtering, pupil, recording, shelf
from penchant_trainer.personas.author import Author
from penchant_trainer.personas.bench import Bench
from penchant_trainer.personas.desk import Place
from penchant_trainer.personas.filtering import Glance
from penchant_trainer.personas.measuring import Shown, measured, shown_from_json
from penchant_trainer.personas.parsing import Parsing, compared, enough
from penchant_trainer.personas.people import PERSONAS, Persona
from penchant_trainer.personas.recording import Suggestion
from penchant_trainer.personas.sparing import Sparing, sparing
from penchant_trainer.pretrain.corpus import Document
from penchant_trainer.show_filter.rows import rows_of

BASE = "base"
CHUNK = 100
"""So many suggestions make a cell: fewer events are the beginning of more, and share it."""
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured: who, how many events each, at how many held-out places.

    Whether lines parse is judged at ``parse_places``; with 0 at the places of the style. Without
    ``train`` there are no adapters, so that only the show filter is left to measure.
    """

    personas: tuple[Persona, ...]
    events: int = 200
    curve: tuple[int, ...] = ()
    contexts: int = 200
    seed: int = 1
    matrix: bool = True
    filter: bool = True
    train: bool = True
    model: str = "bundled"
    device: str = "auto"
    parse_places: int = 0

    @property
    def styled(self) -> tuple[Persona, ...]:
        """Those with a clear style that can be learned."""
        return tuple(persona for persona in self.personas if persona.kind == "style")

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
        self._places: dict[str, list[Place]] = {}
        self._kept: dict[str, list[Place]] = {}

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

    def parsing(self, persona: Persona, events: int) -> Parsing | None:
        """Return how many lines parse with and without an adapter; None where that is not asked.

        Nor where the training left no adapter.
        """
        count, adapter = self.plan.parse_places, self.candidate(persona, events)
        if not count or adapter is None:
            return None

        def compare() -> dict[str, Any]:
            self.tell(f"{persona.name}: what parses")
            places = enough(lambda seed: self._draw(persona, seed), self.plan.seed, count)
            sides = (self.author.lines(places), self.author.lines(places, adapter))
            texts = ([line.text for line in lines] for lines in sides)
            return compared(places, *texts).as_json()

        return Parsing(**self.bench.cell(f"parses-{persona.name}-{events}-{count}", compare))

    def filtered(self, persona: Persona) -> list[Glance]:
        """Return what the show filter let through of a persona's suggestions, in product order.

        The base model's own suggestions: no adapter is trained for it.
        """

        def live() -> list[dict[str, Any]]:
            self.tell(f"{persona.name}: learning what to show")
            lived = filtering.lived(*self._answers(persona), self._rule)
            return [asdict(glance) for glance in lived]

        return _glances(self.bench.cell(f"filter-{persona.name}", live))

    def sparing(self) -> Sparing:
        """Return what the filter spared: each persona's own, and one learned from the others."""
        who = self.plan.styled

        def borrow() -> dict[str, list[dict[str, Any]]]:
            self.tell("learning what to show from the others")
            mine = {p.name: self._answers(p) for p in who}
            rows = {name: rows_of(signals).rows for name, (signals, _) in mine.items()}
            found = {}
            for name, answers in mine.items():
                others = [row for other in rows if other != name for row in rows[other]]
                glances = filtering.borrowed(*answers, others, self._rule)
                found[name] = [asdict(glance) for glance in glances]
            return found

        own = {persona.name: self.filtered(persona) for persona in who}
        cell = f"filter-borrowed-{_digest(sorted(own))}"
        lent = self.bench.cell(cell, borrow) if len(who) > 1 else {}
        return sparing(own, {name: _glances(rows) for name, rows in lent.items()})

    def _answers(self, persona: Persona) -> tuple[list[Signal], list[Signal]]:
        """Return what a persona answers to suggestions, and what it would without slips."""
        meant = replace(persona, slips=0.0)
        events = filtering.EVENTS
        return self.signals(persona, events), self.signals(meant, events)

    @property
    def _rule(self) -> filtering.Rule:
        usual = CompletionSettings()
        return filtering.Rule(usual.retain, usual.exploration)

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
        rows = self.signals(persona, events)
        if not (where / "recorded").exists():
            shutil.rmtree(where, ignore_errors=True)  # a log that was not finished
            recording.record(log, rows)
            (where / "recorded").touch()
        self.tell(f"{persona.name}: training on {events} events")
        report = pupil.trained(
            where, developer=persona.name, model=self.plan.model, seed=self.plan.seed
        )
        return Cell(persona.name, events, recording.outcomes(rows), report)

    def signals(self, persona: Persona, events: int) -> list[Signal]:
        """Let the base model suggest at a persona's first ``events`` places; return its answers."""
        places = self._written(persona, events)
        return recording.signals(
            persona,
            places[:events],
            self._suggestions(persona.name, places)[:events],
            fingerprint=self.base.fingerprint,
            seed=self.plan.seed,
        )

    def _written(self, persona: Persona, events: int) -> list[Place]:
        """Return the places of at least ``events`` events: whole chunks, where that is the same."""
        count = events if persona.later else ceil(events / CHUNK) * CHUNK
        known = self._places.get(persona.name, [])
        if persona.later or len(known) < count:
            training = [d for d in self._documents if not shelf.measured(d)]
            known = desk.places(persona, training, count, self.plan.seed)
            self._places[persona.name] = known
        return known[:count]

    def _suggestions(self, name: str, places: Sequence[Place]) -> list[Suggestion]:
        """Return the base model's lines; personas who write alike share them."""
        parts = [places[start : start + CHUNK] for start in range(0, len(places), CHUNK)]
        return [line for part in parts for line in self._chunk(name, part)]

    def _chunk(self, name: str, places: Sequence[Place]) -> list[Suggestion]:
        def write() -> list[dict[str, Any]]:
            self.tell(f"{name}: {len(places)} suggestions of the base model")
            return [asdict(line) for line in self.author.lines(places)]

        rows = self.bench.cell(f"lines-{_digest([self.base.copying, *places])}", write)
        return [Suggestion(**{**row, "certainty": tuple(row["certainty"])}) for row in rows]

    def _held_out(self, persona: Persona) -> list[Place]:
        if persona.name not in self._kept:
            self._kept[persona.name] = self._draw(persona, self.plan.seed)[: self.plan.contexts]
        return self._kept[persona.name]

    def _draw(self, persona: Persona, seed: int) -> list[Place]:
        """Return held-out places of a seed, those at habits."""
        kept = [d for d in self._documents if shelf.measured(d)]
        last = PERSONAS[persona.later] if persona.later else persona
        every = desk.places(last, kept, 2 * self.plan.contexts, seed)
        return [place for place in every if place.habit]


def judged_as(persona: Persona) -> Persona:
    """Return a persona with the habits that it has in the end."""
    return replace(persona, wants=PERSONAS[persona.later].wants) if persona.later else persona


def _glances(rows: Sequence[dict[str, Any]]) -> list[Glance]:
    return [Glance(**row) for row in rows]


def _digest(values: Sequence[object]) -> str:
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]
