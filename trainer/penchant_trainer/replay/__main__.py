"""``python -m penchant_trainer.replay``: the ``replay`` command by itself."""

import sys

import click

from penchant_core.errors import PenchantError
from penchant_trainer.replay.cli import replay

if __name__ == "__main__":
    try:
        replay(prog_name="penchant replay")
    except PenchantError as error:
        click.echo(f"penchant: {error}", err=True)
        sys.exit(error.exit_code)
