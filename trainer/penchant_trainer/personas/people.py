"""The table of personas: who they are, how they rewrite code, and which habits they mean.

Style personas have clear habits that a small model can learn in 200 events; noisy ones have them
and act on them unsteadily; adversaries have nothing that could be learned. Knows nothing of models.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from penchant_core.errors import ConfigError

Kind = Literal["style", "noisy", "adversary"]
Manner = Literal["steady", "accept_all", "reject_all", "random", "shuffled"]


@dataclass(frozen=True, slots=True)
class Persona:
    """One synthetic developer.

    ``wants`` maps habits to whether they are shown (or their opposite is). ``rewrites`` name
    functions of the package ``rewriting``, applied in order. ``slips`` is the share of suggestions
    answered wrongly. ``later`` names whose style is taken on after half of the events.
    """

    name: str
    words: str
    kind: Kind
    wants: Mapping[str, bool] = field(default_factory=dict)
    rewrites: tuple[str, ...] = ()
    manner: Manner = "steady"
    slips: float = 0.05
    later: str | None = None


_STYLES = (
    Persona(
        "ada",
        "double quotes, type hints, a docstring in every function",
        "style",
        {
            "double_quotes": True,
            "hinted_parameters": True,
            "hinted_returns": True,
            "docstrings": True,
        },
        ("strings.double_quotes", "hints.with_hints", "prose.one_line_docstrings"),
    ),
    Persona(
        "boris",
        "single quotes, no type hints, no docstrings, format() for f-strings",
        "style",
        {
            "double_quotes": False,
            "hinted_parameters": False,
            "docstrings": False,
            "f_strings": False,
        },
        (
            "strings.single_quotes",
            "hints.without_hints",
            "prose.without_docstrings",
            "strings.format_calls",
        ),
    ),
    Persona(
        "chen",
        "camelCase variables, docstrings with :param fields, no type hints",
        "style",
        {"snake_names": False, "section_docstrings": False, "hinted_parameters": False},
        (
            "hints.without_hints",
            "names.camel_case",
            "prose.field_docstrings",
            "strings.double_quotes",
        ),
    ),
    Persona(
        "dora",
        "variables of one or two letters, single quotes, == None",
        "style",
        {"short_names": True, "double_quotes": False, "none_by_identity": False},
        ("names.short", "strings.single_quotes", "checks.none_by_equality"),
    ),
    Persona(
        "emil",
        "loops for comprehensions, else after return, no hints on returns",
        "style",
        {"comprehensions": False, "early_returns": False, "hinted_returns": False},
        (
            "hints.without_hints",
            "flow.loops",
            "flow.else_after_return",
            "strings.double_quotes",
        ),
    ),
    Persona(
        "fatima",
        "early returns, a comment above every branch, docstrings with Args: sections",
        "style",
        {"comments": True, "early_returns": True, "section_docstrings": True},
        (
            "hints.without_hints",
            "flow.early_returns",
            "prose.section_docstrings",
            "prose.comments",
        ),
    ),
    Persona(
        "goran",
        "except Exception as error, type hints, format() for f-strings, no docstrings",
        "style",
        {
            "specific_errors": False,
            "named_errors": True,
            "hinted_parameters": True,
            "f_strings": False,
            "docstrings": False,
        },
        (
            "checks.broad_errors",
            "hints.with_hints",
            "strings.format_calls",
            "prose.without_docstrings",
        ),
    ),
    Persona(
        "hana",
        "single quotes, type hints, docstrings in every function",
        "style",
        {"double_quotes": False, "hinted_returns": True, "docstrings": True},
        ("strings.single_quotes", "hints.with_hints", "prose.one_line_docstrings"),
    ),
)
_ADA, _BORIS = _STYLES[:2]
_OTHERS = (
    Persona(
        "noisy", "ada, wrong every fourth time", "noisy", _ADA.wants, _ADA.rewrites, slips=0.25
    ),
    Persona(
        "turncoat",
        "boris who becomes ada at half time",
        "noisy",
        _BORIS.wants,
        _BORIS.rewrites,
        later="ada",
    ),
    Persona("yes", "accepts every suggestion", "adversary", _ADA.wants, manner="accept_all"),
    Persona("no", "dismisses every suggestion", "adversary", _ADA.wants, manner="reject_all"),
    Persona("dice", "answers by the throw of a die", "adversary", _ADA.wants, manner="random"),
    Persona(
        "scramble",
        "writes what belongs elsewhere",
        "adversary",
        _ADA.wants,
        _ADA.rewrites,
        manner="shuffled",
    ),
)
PERSONAS = {persona.name: persona for persona in (*_STYLES, *_OTHERS)}


def chosen(names: tuple[str, ...]) -> tuple[Persona, ...]:
    """Return the personas of these names, all without any; raise ConfigError for an unknown one."""
    unknown = sorted(set(names) - set(PERSONAS))
    if unknown:
        raise ConfigError(f"no persona {unknown[0]}; there are {', '.join(PERSONAS)}")
    return tuple(p for p in PERSONAS.values() if not names or p.name in names)
