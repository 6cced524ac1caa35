"""Plays the demo from beginning to end and tells it as figures.

Three acts: the developer writes held-out modules with the base model (recorded under another name,
so that nothing of it is learned); writes other modules while the outcomes are recorded, and a run
trains an adapter from them; writes the held-out modules again with the new adapter, unless the gate
refused it. Every figure comes from the signal log or the training report.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from penchant_core.config import load
from penchant_core.paths import Paths
from penchant_core.signals import Counts
from penchant_core.store import SignalStore
from penchant_trainer.demo.code import HELD_OUT_NOUNS, LEARNING_NOUNS, Module, endless, modules
from penchant_trainer.demo.developer import Developer, Moment
from penchant_trainer.demo.editor import Editor, until
from penchant_trainer.demo.stage import Stage, gateway

QUIET_S = 0.4
"""How long a region must be quiet before its outcome settles; a person gets 10 s."""

BEFORE, AFTER = "demo-before", "demo"
SETTLE_TIMEOUT_S = 60.0

Tell = Callable[[str], None]


@dataclass(slots=True)
class Story:
    """What happened; ``as_json`` is what ``penchant demo --json`` prints."""

    before: Counts = field(default_factory=Counts)
    learning: Counts = field(default_factory=Counts)
    after: Counts = field(default_factory=Counts)
    training: dict[str, Any] = field(default_factory=dict)
    adapter: str | None = None
    version: str | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    examples: list[dict[str, str]] = field(default_factory=list)

    @property
    def served(self) -> bool:
        """Whether the last act was served by a version that this demo trained."""
        return self.version is not None and self.after.shown > 0

    def as_json(self) -> dict[str, Any]:
        """Return the story as plain JSON values."""
        acts = {name: _figures(getattr(self, name)) for name in ("before", "learning", "after")}
        rest = {key: value for key, value in asdict(self).items() if key not in acts}
        return {**acts, **rest, "served_by_trained_version": self.served}


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is written: ``learn`` modules to learn from, ``measure`` held-out ones."""

    learn: int
    measure: int
    engine: str = "embedded"
    quiet: bool = False


def play(home: Path, plan: Plan, tell: Tell) -> Story:
    """Play the whole demo below ``home``.

    Raises PenchantError when a part does not start or answer.
    """
    story = Story()
    settings = {
        "PENCHANT_TRACKER__QUIET_S": str(QUIET_S),
        "PENCHANT_COMPLETION__DEBOUNCE_MS": "0",
        "PENCHANT_ENGINE__KIND": plan.engine,
    }
    with ExitStack() as stack:
        with _timed(story, "start"):
            stage = stack.enter_context(gateway(home, settings))
        _acts(story, stage, plan, tell)
    return story


def _acts(story: Story, stage: Stage, plan: Plan, tell: Tell) -> None:
    held_out = modules(HELD_OUT_NOUNS, seed=2)[: plan.measure]
    tell("1  The developer writes with the base model; nothing is learned from this.")
    with _timed(story, "before"):
        first = asyncio.run(session(stage, BEFORE, held_out))
    story.before = counts(stage, BEFORE)
    tell("2  They write on; what becomes of each suggestion is recorded on this machine.")
    with _timed(story, "learning"):
        written = list(islice(endless(LEARNING_NOUNS), plan.learn))
        asyncio.run(session(stage, AFTER, written))
    story.learning = counts(stage, AFTER)
    tell("3  A run turns the outcomes into an adapter, and the gate judges it.")
    with _timed(story, "training"):
        story.training = stage.train(AFTER, quiet=plan.quiet)
    if not story.training.get("live"):
        tell("   It refused what was trained, so there is nothing new to write with.")
        return
    tell("4  They write the first modules again.")
    with _timed(story, "after"):
        last = asyncio.run(session(stage, AFTER, held_out))
    live = stage.status(AFTER)
    story.adapter, story.version = live.get("adapter"), live.get("version")
    story.after = counts(stage, AFTER, version=story.version)
    story.examples = list(_side_by_side(first, last))


async def session(stage: Stage, developer: str, written: list[Module]) -> list[Moment]:
    """Let the developer write modules in one editor session, recorded under their name."""
    workspace = stage.home / "workspace"
    workspace.mkdir(exist_ok=True)
    async with Editor(workspace, stage.as_developer(developer)) as editor:
        await editor.consent("local")
        person = Developer(editor)
        for module in written:
            await person.write(module)
        await settled(editor)
        return person.moments


async def settled(editor: Editor) -> None:
    """Wait until no outcome is open and every signal is on disk."""

    async def ask() -> Any:
        return await editor.command("penchant.status")

    await until(lambda s: not s["open"] and not s["waiting"], ask, seconds=SETTLE_TIMEOUT_S)


def counts(stage: Stage, developer: str, *, version: str | None = None) -> Counts:
    """Return the totals in a developer's signal log, of one version if named, else of base."""
    with SignalStore(_log(stage, developer)) as store:
        found = store.counts()
    key = f"dev/{developer}/{version}" if version else None
    return found.get(key, Counts())


def _log(stage: Stage, developer: str) -> Path:
    home = stage.home
    paths = Paths(home / "config", home / "data", home / "state", home / "cache")
    return load(environment={}, paths=paths).paths.signal_log(developer)


def _side_by_side(first: list[Moment], last: list[Moment]) -> Iterator[dict[str, str]]:
    """Yield moments of both sessions: what was offered before and after, and what was meant."""
    earlier = {(moment.module, moment.line): moment for moment in first}
    seen: set[str] = set()
    for moment in last:
        old = earlier.get((moment.module, moment.line))
        if old is None or old.offered == moment.offered or moment.line.strip() in seen:
            continue
        seen.add(moment.line.strip())
        yield {
            "line": moment.line,
            "before": old.offered,
            "after": moment.offered,
            "wrote": moment.wanted,
            "action_before": old.action,
            "action_after": moment.action,
        }


@contextmanager
def _timed(story: Story, phase: str) -> Iterator[None]:
    begun = time.monotonic()
    yield
    story.seconds[phase] = round(time.monotonic() - begun, 1)


def _figures(counts: Counts) -> dict[str, Any]:
    return {**asdict(counts), "retained_per_shown": round(counts.retained_per_shown, 2)}
