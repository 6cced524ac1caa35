"""Objective ``no_secret``: the text writes no secret into the file.

Asks core's table of secrets, the one that keeps them out of the signal log, about the lines that
the text stands in; what stood there before does not count. Any language.
"""

from penchant_core.redaction import secret_in
from penchant_trainer.rewards.check import Check


def no_secret(prefix: str, text: str, suffix: str) -> float:
    """Return 0 when the text makes or completes a secret, else 1."""
    before, after = prefix.rpartition("\n")[2], suffix.partition("\n")[0]
    if secret_in([before + text + after, text]) is None:
        return 1.0
    return 0.0 if secret_in([before + after, before, after]) is None else 1.0


NO_SECRET = Check("no_secret", no_secret, language="")
