"""``penchant lsp`` and ``python -m penchant_lsp``: start the language server, or check it.

Imports next to nothing until it is known what is asked. Knows nothing of the protocol.
"""

import json
import os
import sys

import click

from penchant_core import __version__


@click.command()
@click.option("--check", is_flag=True, help="Print one JSON line and exit; start nothing.")
@click.option(
    "--command-suffix",
    default="",
    metavar="TEXT",
    help="Appended to every command id, for editors that register them globally.",
)
@click.option("--stdio", is_flag=True, help="Accepted for editors that add it; always so.")
def lsp(check: bool, command_suffix: str, stdio: bool) -> None:
    """Run the language server over standard input and output."""
    if check:
        click.echo(json.dumps(_check()))
        return
    from penchant_lsp.server import run

    code = run(command_suffix)
    sys.stderr.flush()
    os._exit(code)  # a thread that reads standard input cannot be stopped in any other way


def _check() -> dict[str, object]:
    import pygls.lsp.server
    from lsprotocol.types import InlineCompletionOptions

    _ = (pygls.lsp.server, InlineCompletionOptions)
    return {"ok": True, "version": __version__}
