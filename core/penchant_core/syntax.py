"""Whether a text is valid Python, and its tree.

Shared by whoever judges what a suggestion does to a file. Knows nothing of suggestions.
"""

import ast
import warnings


def parses(source: str) -> bool:
    """Whether ``source`` is valid Python."""
    return parsed(source) is not None


def parsed(source: str) -> ast.Module | None:
    """Return the tree of a source, None when it is not valid Python.

    Its own warnings (odd escapes) are not our business.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
