"""The table of habits, and what a completion shows of each at its place.

A habit shows at occasions, each decided by one character. What a completion shows is what is
decided by characters of its own: the code around it only says what they mean. Knows nothing of
models and shares.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from penchant_trainer.style import code_habits as code
from penchant_trainer.style import text_habits as text
from penchant_trainer.style.source import Occasion, Source

BEFORE_CHARS, AFTER_CHARS = 3000, 600
"""How much around a completion is looked at: enough for the statement, a head, a few names."""

_TOP = re.compile(r"^(?:async def |def |class |@)", re.MULTILINE)
_DEFINED = re.compile(r"^[ \t]*(?:async def |def |class |@)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Habit:
    """One habit: its name, and the words for showing it and for doing the opposite."""

    name: str
    words: str
    opposite: str
    occasions: Callable[[Source], Iterator[Occasion]]


_TABLE = (
    Habit("double_quotes", "double quotes", "single quotes", text.double_quotes),
    Habit(
        "triple_double_quotes",
        'docstrings in """',
        "docstrings in '''",
        text.triple_double_quotes,
    ),
    Habit("f_strings", "f-strings", "format() or %", text.f_strings),
    Habit("docstrings", "docstrings on functions", "functions without docstring", text.docstrings),
    Habit(
        "one_line_docstrings",
        "docstrings of one line",
        "docstrings of several lines",
        text.one_line_docstrings,
    ),
    Habit(
        "section_docstrings",
        "docstrings with Args: sections",
        "docstrings with :param fields",
        text.section_docstrings,
    ),
    Habit("comments", "statements with a comment", "statements without comment", text.comments),
    Habit("short_lines", "long lines within 79", "lines beyond 79", text.short_lines),
    Habit(
        "two_blank_lines",
        "two blank lines between functions",
        "one blank line between functions",
        text.two_blank_lines,
    ),
    Habit("trailing_commas", "trailing commas", "no trailing commas", text.trailing_commas),
    Habit(
        "hinted_parameters",
        "type hints on parameters",
        "parameters without type hints",
        code.hinted_parameters,
    ),
    Habit(
        "hinted_returns",
        "type hints on returns",
        "returns without type hints",
        code.hinted_returns,
    ),
    Habit(
        "hinted_locals",
        "type hints on variables",
        "variables without type hints",
        code.hinted_locals,
    ),
    Habit("bar_unions", "X | None", "Optional[X]", code.bar_unions),
    Habit("builtin_generics", "list[X]", "List[X]", code.builtin_generics),
    Habit(
        "comprehensions",
        "comprehensions",
        "collections filled in loops",
        code.comprehensions,
    ),
    Habit("early_returns", "early returns", "else after return", code.early_returns),
    Habit("snake_names", "snake_case names", "camelCase names", code.snake_names),
    Habit("short_names", "names of one or two letters", "longer names", code.short_names),
    Habit(
        "keyword_arguments",
        "keyword arguments",
        "positional arguments",
        code.keyword_arguments,
    ),
    Habit("none_by_identity", "is None", "== None", code.none_by_identity),
    Habit("specific_errors", "specific except", "except Exception", code.specific_errors),
    Habit("named_errors", "except … as error", "except without a name", code.named_errors),
)
HABITS = {habit.name: habit for habit in _TABLE}


def verdict(habit: Habit, prefix: str, completion: str, suffix: str) -> bool | None:
    """Whether a completion shows a habit at its place; None when it had no occasion.

    It shows a habit only if it does so at every occasion.
    """
    return verdicts(prefix, completion, suffix, (habit,)).get(habit.name)


def verdicts(
    prefix: str, completion: str, suffix: str, habits: tuple[Habit, ...] = _TABLE
) -> dict[str, bool]:
    """Return, for each habit that had an occasion in the completion, whether it was shown."""
    before = _near(prefix)
    begin, end = len(before), len(before) + len(completion)
    source = Source(before + completion + suffix[:AFTER_CHARS])
    found: dict[str, bool] = {}
    for habit in habits:
        own = [o.shown for o in habit.occasions(source) if begin <= o.at < end]
        if own:
            found[habit.name] = all(own)
    return found


def _near(prefix: str) -> str:
    """Return the end of a prefix, from a line on that stands outside of any string.

    A definition at the top level is such a line, failing that the nearest one further up.
    """
    if len(prefix) <= BEFORE_CHARS:
        return prefix
    at = len(prefix) - BEFORE_CHARS
    top = _TOP.search(prefix, at)
    if top is None:
        above = [found.start() for found in _DEFINED.finditer(prefix, 0, at + 1)]
        return prefix[above[-1] :] if above else prefix
    return prefix[top.start() :]
