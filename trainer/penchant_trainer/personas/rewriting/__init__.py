"""Rewrites real Python into somebody's style, each file one kind of habit.

A rewrite takes and returns a libcst module. All but ``errors`` keep what the program does; where a
place cannot be rewritten safely it stays as it was. Knows nothing of personas.
"""

from collections.abc import Callable

import libcst as cst

Rewrite = Callable[[cst.Module], cst.Module]


def rewritten(text: str, rewrites: tuple[Rewrite, ...]) -> str:
    """Return the program ``text`` after all rewrites, in their order.

    Raises libcst.ParserSyntaxError when the text is no Python.
    """
    module = cst.parse_module(text)
    for rewrite in rewrites:
        module = rewrite(module)
    return module.code
