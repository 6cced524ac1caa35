"""``python -m penchant_server.embedded``: loads a model and serves it on loopback.

The key that callers must show comes in the environment (``PENCHANT_ENGINE_KEY``), never on the
command line, where every user of the machine could read it.
"""

import asyncio
import os
from pathlib import Path

import click
import uvicorn

from penchant_core import log


@click.command()
@click.option("--model", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--name", default="base", help="Name of the base model in requests")
@click.option("--port", type=int, required=True)
@click.option("--max-lora-rank", type=int, default=16)
@click.option("--max-model-len", type=int, default=2048)
@click.option("--threads", type=int, default=0)
@click.option("--dtype", type=click.Choice(["auto", "float32", "bfloat16"]), default="auto")
@click.option("--logs", type=click.Path(path_type=Path), default=None)
def main(
    model: Path,
    name: str,
    port: int,
    max_lora_rank: int,
    max_model_len: int,
    threads: int,
    dtype: str,
    logs: Path | None,
) -> None:
    """Serve MODEL on 127.0.0.1:PORT until told to stop."""
    if logs:
        log.setup(logs, "engine")
    from penchant_server.embedded.app import Engine, create_app
    from penchant_server.embedded.loading import load
    from penchant_server.embedded.worker import Worker

    loaded = load(
        model,
        dtype=dtype,  # type: ignore[arg-type]  # click has checked the choice
        max_rank=max_lora_rank,
        max_model_len=max_model_len,
        threads=threads or max(1, (os.cpu_count() or 2) - 1),
    )
    worker = Worker(loaded.generator)
    worker.start()
    log.event("engine_ready", device=loaded.device, dtype=loaded.dtype)
    app = create_app(Engine(loaded, worker, name, os.environ.get("PENCHANT_ENGINE_KEY", "")))
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    asyncio.run(uvicorn.Server(config).serve())
    worker.stop()


if __name__ == "__main__":
    main()
