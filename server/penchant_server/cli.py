"""``penchant serve``: runs the gateway and its engine until told to stop.

The web framework is imported when the command runs, not when the command line is read.
"""

import os
import socket
from pathlib import Path

import click

from penchant_core import config as settings_file
from penchant_core import log
from penchant_core.config import Config
from penchant_core.errors import ConfigError


@click.command()
@click.option("--engine", type=click.Choice(["embedded", "vllm"]), help="What generates text.")
@click.option("--model", help="'bundled', a local path or a Hub model id.")
@click.option("--host", help="Address to listen on; loopback only.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0: a free one.")
@click.option("--engine-url", help="Use this running engine instead of starting one.")
@click.option("--port-file", type=click.Path(path_type=Path), help="Write the port to this file.")
def serve(
    engine: str | None,
    model: str | None,
    host: str | None,
    port: int | None,
    engine_url: str | None,
    port_file: Path | None,
) -> None:
    """Serve completions to editors on this machine."""
    config = settings_file.load(
        {
            "engine.kind": engine,
            "engine.model": model,
            "engine.url": engine_url,
            "gateway.host": host,
            "gateway.port": port,
        }
    )
    listener = listen(config)
    run(config, listener, port_file)


def listen(config: Config) -> socket.socket:
    """Return a listening socket at the settings' address; raise ConfigError when it cannot be."""
    host, port = config.settings.gateway.host, config.settings.gateway.port
    family = socket.AF_INET6 if host == "::1" else socket.AF_INET
    # asyncio switches Nagle's algorithm off only on sockets that name TCP; on others every answer
    # waits 40 ms for the client's delayed acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"port {port} on {host} is taken ({error.strerror}); is a gateway running already? "
            "Choose another with --port"
        ) from error
    return listener


def run(config: Config, listener: socket.socket, port_file: Path | None) -> None:
    """Serve on ``listener`` until SIGINT or SIGTERM."""
    import uvicorn

    from penchant_server.app import create_app
    from penchant_server.gateway import build

    log.setup(config.paths.logs, "gateway")
    app = create_app(build(config))
    host, port = listener.getsockname()[:2]
    if port_file:
        _write_port(port_file, port)
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"listening on http://{shown}:{port}")
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=3,
            lifespan="on",
        )
    )
    server.run(sockets=[listener])


def _write_port(path: Path, port: int) -> None:
    """Replace the file at once, so that who waits for it never reads half a number."""
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    staged.write_text(f"{port}\n", "utf-8")
    staged.replace(path)
