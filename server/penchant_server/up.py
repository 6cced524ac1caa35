"""``penchant up``: the gateway and the trainer in one command, ended by Ctrl-C.

Starts both as child processes, waits until completions are answered, says where to point an editor,
and stays until it is told to stop or the gateway dies. Knows nothing of what its children do.
"""

import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import httpx

from penchant_core import config as settings_file
from penchant_core.errors import GatewayUnavailable
from penchant_server.children import Child, end_all, start_child

READY_S = 900.0
POLL_S = 0.2


@click.command()
@click.option("--engine", type=click.Choice(["embedded", "vllm"]), help="What generates text.")
@click.option("--model", help="'bundled', a local path or a Hub model id.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0: a free one.")
@click.option("--no-train", is_flag=True, help="Serve only; do not train.")
@click.option("--port-file", type=click.Path(path_type=Path), help="Write the port to this file.")
def up(
    engine: str | None, model: str | None, port: int | None, no_train: bool, port_file: Path | None
) -> None:
    """Serve completions and train on what becomes of them, until Ctrl-C."""
    flags = {"engine.kind": engine, "engine.model": model, "gateway.port": port}
    config = settings_file.load(flags)  # a wrong setting is told before anything starts
    environment = _environment(flags)
    with tempfile.TemporaryDirectory(prefix="penchant-") as scratch, _told_to_stop() as stop:
        place = (port_file or Path(scratch) / "port").absolute()
        place.unlink(missing_ok=True)
        serve = ["serve", "--port-file", str(place)]
        children = [start_child("gateway", serve, environment)]
        try:
            kind = config.settings.engine.kind
            click.echo(f"starting the {kind} engine with the model {config.settings.engine.model}")
            url = _ready(children[0], place, stop)
            if url and not no_train:
                environment["PENCHANT_GATEWAY__URL"] = url
                children.append(start_child("trainer", ["train", "--watch"], environment))
            if url:
                click.echo(_directions(url, trains=not no_train))
            status = _watch(children, stop)
        finally:
            end_all(children)
    raise click.exceptions.Exit(status)


def _environment(flags: dict[str, str | int | None]) -> dict[str, str]:
    """Return this environment with the flags in it, so that both children read the same."""
    given = {
        f"PENCHANT_{name.replace('.', '__').upper()}": str(value)
        for name, value in flags.items()
        if value is not None
    }
    return {**os.environ, **given}


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """Yield an event that SIGINT and SIGTERM set."""
    stop = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ready(gateway: Child, port_file: Path, stop: threading.Event) -> str:
    """Return the gateway's URL once it answers completions, "" when it ended or we are to stop.

    Raises GatewayUnavailable when it does not get ready.
    """
    began = told = time.monotonic()
    while not stop.wait(POLL_S) and gateway.status is None:
        url = _url(port_file)
        if url and _answers(url):
            click.echo(f"ready after {time.monotonic() - began:.0f} s")
            return url
        if time.monotonic() - told > 10:
            told = time.monotonic()
            click.echo(f"still loading after {told - began:.0f} s {_reason(url)}".rstrip())
        if time.monotonic() - began > READY_S:
            raise GatewayUnavailable(
                f"the engine did not start {_reason(url)}; `penchant doctor` says what is missing"
            )
    return ""


def _url(port_file: Path) -> str:
    try:
        return f"http://127.0.0.1:{int(port_file.read_text('utf-8'))}"
    except (OSError, ValueError):
        return ""


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=2, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _reason(url: str) -> str:
    """Return what a starting engine said last, in brackets, if it said anything."""
    try:
        status = httpx.get(f"{url}/v1/status", timeout=2, trust_env=False).json()
        reason = status["engine"]["reason"]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError, TypeError):
        return ""
    return f"({reason})" if reason else ""


def _watch(children: list[Child], stop: threading.Event) -> int:
    """Return 0 when we are told to stop, 1 when a child died; the trainer alone ends nothing."""
    status = 0
    gateway = children[0]
    running = list(children)
    while gateway.status is None and not stop.wait(POLL_S):
        for child in [child for child in running if child.status is not None]:
            running.remove(child)
            if child is not gateway:
                status = 1
                click.echo(
                    f"the {child.name} ended (status {child.status}); completions go on. "
                    "`penchant doctor` says why",
                    err=True,
                )
    if stop.is_set():
        return status
    click.echo(f"the gateway ended (status {gateway.status})", err=True)
    return 1


def _directions(url: str, *, trains: bool) -> str:
    lines = [
        f"Penchant answers at {url}" + (" and learns while you write" if trains else ""),
        f"  see it    {url}/ in a browser: statistics, versions, runs",
        "  VS Code   install the extension “Penchant” and open a folder",
        "  Neovim    vim.lsp.config('penchant', { cmd = { 'penchant', 'lsp' } })",
        "            vim.lsp.enable('penchant'); vim.lsp.inline_completion.enable()",
        f"  others    OpenAI-compatible completions: base URL {url}/v1, model “auto”",
    ]
    default = settings_file.load().settings.gateway.address
    if url != default:
        lines.append(f"  editors find this gateway with PENCHANT_GATEWAY__URL={url}")
    lines.append("Ctrl-C ends it.")
    return "\n".join(lines)
