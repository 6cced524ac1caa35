"""Whether a text is valid Python.

Shared by whoever judges what a suggestion does to a file. Knows nothing of suggestions.
"""

import ast
import warnings


def parses(source: str) -> bool:
    """Whether ``source`` is valid Python; its own warnings (odd escapes) are not our business."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
