"""Core's commands called as a user calls them."""

import json
from typing import Any

from click.testing import CliRunner, Result

from penchant_core.cli import main


def run(*arguments: str, code: int = 0, **options: Any) -> Result:
    """Run a command and return what it printed; fail unless it ended with ``code``."""
    result = CliRunner().invoke(main, list(arguments), **options)
    assert result.exit_code == code, (result.output, result.exception)
    return result


def as_json(*arguments: str, **options: Any) -> Any:
    """Run a command with ``--json`` and return the value that it printed."""
    return json.loads(run(*arguments, "--json", **options).stdout)
