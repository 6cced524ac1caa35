"""The parts of one running gateway, put together and taken down in order.

Knows which part needs which and nothing else.
"""

import os
from dataclasses import dataclass

import httpx

from penchant_core import models
from penchant_core.adapters import AdapterStore
from penchant_core.config import Config
from penchant_core.models import BaseModel
from penchant_server.admission import Admission
from penchant_server.completion import Completer
from penchant_server.engine_client import open_client
from penchant_server.engines import ENGINE_KEY, engine_start
from penchant_server.loader import Loader
from penchant_server.metrics import Metrics
from penchant_server.prompt import PromptBuilder
from penchant_server.reconciler import Reconciler
from penchant_server.router import Router
from penchant_server.supervisor import HEALTH_EVERY_S, Supervisor


@dataclass(frozen=True, slots=True)
class Gateway:
    """Everything that the routes work on."""

    config: Config
    base: BaseModel
    store: AdapterStore
    http: httpx.AsyncClient
    supervisor: Supervisor
    loader: Loader
    reconciler: Reconciler
    router: Router
    completer: Completer
    metrics: Metrics
    admission: Admission

    @property
    def ready(self) -> bool:
        """Whether a completion asked for now would be answered."""
        return self.supervisor.engine is not None and self.loader.current

    async def open(self) -> None:
        """Start the engine and follow the live pointers; returns before the engine is ready."""
        await self.supervisor.open()
        await self.reconciler.open()

    async def close(self) -> None:
        """Stop everything, the engine last."""
        await self.reconciler.close()
        await self.supervisor.close()
        await self.http.aclose()


def build(
    config: Config, base: BaseModel | None = None, *, health_every_s: float = HEALTH_EVERY_S
) -> Gateway:
    """Return a gateway for ``config``; nothing is started yet.

    Raises ConfigError or FimError when the base model cannot be served.
    """
    engine = config.settings.engine
    base = base or models.resolve(engine.model, config.paths.cache)
    prompts = PromptBuilder(base, copying=models.copying(engine, base) is not None)
    http = open_client()
    store = AdapterStore(config.adapter_root, base.fingerprint)
    supervisor = Supervisor(
        http,
        start=None if engine.url else lambda: engine_start(config, base),
        url=engine.url,
        key=os.environ.get(ENGINE_KEY, ""),
        health_every_s=health_every_s,
    )
    loader = Loader(
        supervisor=supervisor,
        store=store,
        base=base,
        prompts=prompts,
        paths=config.paths,
        needs_null=engine.kind == "vllm",
        max_adapters=engine.max_adapters,
        max_rank=engine.max_lora_rank,
        max_model_len=engine.max_model_len,
    )
    team = config.settings.team_owner
    reconciler = Reconciler(
        store=store,
        loader=loader,
        supervisor=supervisor,
        owners=[config.settings.owner, *([team] if team else [])],
        max_adapters=engine.max_adapters,
    )
    router = Router(settings=config.settings, base=base, loader=loader, reconciler=reconciler)
    metrics = Metrics()
    completer = Completer(
        router=router,
        loader=loader,
        reconciler=reconciler,
        prompts=prompts,
        metrics=metrics,
    )
    return Gateway(
        config=config,
        base=base,
        store=store,
        http=http,
        supervisor=supervisor,
        loader=loader,
        reconciler=reconciler,
        router=router,
        completer=completer,
        metrics=metrics,
        admission=Admission(config.settings.gateway.max_concurrency, metrics),
    )
