"""Brings adapters onto the engine and takes them off again, one at a time.

A version is verified on disk, loaded under its own name from its own immutable directory, and must
answer fixed prompts (the canary) before it may serve. It is unloaded only when nothing that
it began is still running. Knows nothing of who wants which version: that is the reconciler's.
"""

import asyncio
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from penchant_core import log
from penchant_core.adapters import AdapterStore, Version
from penchant_core.errors import AdapterError, AdapterRejected, EngineError
from penchant_core.models import BaseModel
from penchant_core.paths import Paths
from penchant_core.tombstones import read_tombstone
from penchant_core.wire import CompletionRequest, CompletionResponse
from penchant_server.engine_client import EngineClient, EngineUnavailable
from penchant_server.engines import NULL_ADAPTER
from penchant_server.null_adapter import null_adapter
from penchant_server.prompt import PromptBuilder
from penchant_server.supervisor import Supervisor

DRAIN_S = 120.0
CANARY = (
    ("def add(first, second):\n    total = first + second\n    return ", "\n"),
    ("class Point:\n    def __init__(self, x, y):\n        self.x = ", "\n        self.y = y\n"),
    ("import os\n\n\ndef read(path):\n    with open(", ") as file:\n        return file.read()\n"),
)


@dataclass(slots=True)
class Slot:
    """One adapter on the engine; ``idle`` is set while nobody uses it.

    A ``withdrawn`` one gets no new request, whoever asks for it by name.
    """

    version: Version
    in_flight: int = 0
    used_at: float = field(default_factory=time.monotonic)
    draining: bool = False
    withdrawn: bool = False
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.idle.set()


class Loader:
    """The adapters of one engine."""

    def __init__(
        self,
        *,
        supervisor: Supervisor,
        store: AdapterStore,
        base: BaseModel,
        prompts: PromptBuilder,
        paths: Paths,
        needs_null: bool,
        max_adapters: int,
        max_rank: int,
        max_model_len: int,
    ) -> None:
        self._supervisor = supervisor
        self._store = store
        self._base = base
        self._paths = paths
        self._needs_null = needs_null
        self._max_adapters = max_adapters
        self._max_rank = max_rank
        self._asked_len = max_model_len
        self._prompts = prompts
        self._generation = -1
        self._lock = asyncio.Lock()
        self.slots: dict[str, Slot] = {}
        self.base_model: str | None = None
        self.max_model_len = max_model_len

    def engine(self) -> EngineClient:
        """Return the engine; raise EngineUnavailable, saying what it does, while there is none."""
        engine = self._supervisor.engine
        if engine is None:
            raise EngineUnavailable(
                f"the engine is {self._supervisor.state}; try again in a moment"
            )
        return engine

    @property
    def current(self) -> bool:
        """Whether this loader knows the engine that runs now."""
        return self._generation == self._supervisor.generation and self.base_model is not None

    async def renew(self) -> bool:
        """Get to know an engine that (re)started: all adapters are gone; True if it was new."""
        async with self._lock:
            engine = self.engine()
            if self.current:
                return False
            generation = self._supervisor.generation
            self.slots.clear()
            self.base_model = None
            models = await engine.models()
            bases = [model for model in models if model.parent is None]
            if not bases:
                raise EngineError("the engine serves no base model; check engine.url")
            if self._needs_null:
                await self._load_null(engine, {model.name for model in models})
            self.max_model_len = min(self._asked_len, bases[0].max_model_len or self._asked_len)
            base_model = NULL_ADAPTER if self._needs_null else bases[0].name
            await self._try(engine, base_model, CANARY[:1])  # a first answer can take seconds
            self.base_model = base_model
            self._generation = generation
            return True

    async def _load_null(self, engine: EngineClient, present: set[str]) -> None:
        if NULL_ADAPTER in present:
            return
        directory = await asyncio.to_thread(
            null_adapter,
            self._paths.cache,
            self._base.fingerprint,
            self._base.name,
            self._base.shapes(),
        )
        await engine.load(NULL_ADAPTER, directory)

    async def ensure(self, version: Version) -> None:
        """Have ``version`` on the engine, verified and tried.

        Raises AdapterError when it may not be loaded, EngineError when the engine cannot.
        """
        async with self._lock:
            slot = self.slots.get(version.engine_name)
            if slot is not None and read_tombstone(version.path) is None:
                slot.draining = False
                return
            engine = self.engine()
            await self._verify(version)
            await self._make_room(engine)
            await self._load(engine, version)
            self.slots[version.engine_name] = Slot(version)
            log.event("adapter_loaded", adapter=version.engine_name)

    async def _verify(self, version: Version) -> None:
        try:
            await asyncio.to_thread(
                self._store.verify, version, self._base.directory, max_rank=self._max_rank
            )
        except OSError as error:
            raise AdapterRejected(
                f"the files of {version.engine_name} cannot be read; publish it again"
            ) from error

    async def _load(self, engine: EngineClient, version: Version) -> None:
        name = version.engine_name
        if any(model.name == name for model in await engine.models()):
            await engine.unload(name)  # left by an earlier gateway; its origin is unknown
        await engine.load(name, version.path)
        try:
            await self._canary(engine, name)
        except (AdapterError, EngineError):
            with suppress(EngineError):
                await engine.unload(name)
            raise

    async def _canary(self, engine: EngineClient, name: str) -> None:
        """Let the adapter answer fixed prompts: finite log-probabilities, and some text."""
        answers = await self._try(engine, name, CANARY)
        choices = [choice for answer in answers for choice in answer.choices]
        values = [
            value
            for choice in choices
            for value in (choice.logprobs.token_logprobs if choice.logprobs else [])
        ]
        sound = all(value is not None and math.isfinite(value) for value in values)
        if not sound or not values or not any(choice.text for choice in choices):
            raise AdapterRejected(
                f"{name} answers the test prompts with nothing or with numbers that are none; "
                "train it again"
            )

    async def _try(
        self, engine: EngineClient, name: str, prompts: Sequence[tuple[str, str]]
    ) -> list[CompletionResponse]:
        answers = []
        for prefix, suffix in prompts:
            request = CompletionRequest(prompt=prefix, suffix=suffix, max_tokens=8, logprobs=1)
            body = self._prompts.body(request, model=name, max_model_len=self.max_model_len)
            answers.append(await engine.complete(body))
        return answers

    async def _make_room(self, engine: EngineClient) -> None:
        idle = sorted(
            (slot for slot in self.slots.values() if not slot.in_flight),
            key=lambda slot: (not slot.draining, slot.used_at),
        )
        surplus = len(self.slots) + 1 - self._max_adapters
        for slot in idle[: max(0, surplus)]:
            await self._unload(engine, slot.version.engine_name)

    async def _unload(self, engine: EngineClient, name: str) -> None:
        self.slots.pop(name, None)
        await engine.unload(name)
        log.event("adapter_unloaded", adapter=name)

    @contextmanager
    def use(self, name: str) -> Iterator[None]:
        """Count a request on an adapter while it runs, so that it is not taken away."""
        slot = self.slots.get(name)
        if slot is None:
            yield
            return
        slot.in_flight += 1
        slot.idle.clear()
        slot.used_at = time.monotonic()
        try:
            yield
        finally:
            slot.in_flight -= 1
            if not slot.in_flight:
                slot.idle.set()

    async def retire(self, name: str) -> None:
        """Unload an adapter when its last request has ended, unless it is wanted again by then."""
        slot = self.slots.get(name)
        if slot is None:
            return
        slot.draining = True
        with suppress(TimeoutError):
            await asyncio.wait_for(slot.idle.wait(), DRAIN_S)
        async with self._lock:
            if self.slots.get(name) is slot and slot.draining:
                with suppress(EngineError):
                    await self._unload(self.engine(), name)

    async def bury(self, version: Version) -> None:
        """Remove the files of a withdrawn version, after it is off the engine for certain.

        Raises EngineError or AdapterError when that cannot be done now.
        """
        name = version.engine_name
        async with self._lock:
            if name in self.slots:
                return
            engine = self.engine()
            if any(model.name == name for model in await engine.models()):
                await engine.unload(name)
            await asyncio.to_thread(self._store.bury, version)
            log.event("adapter_buried", adapter=name)

    def lost(self, name: str) -> None:
        """Note that the engine no longer knows an adapter, or has forgotten everything."""
        self.slots.pop(name, None)
        if name == self.base_model:
            self._generation = -1
