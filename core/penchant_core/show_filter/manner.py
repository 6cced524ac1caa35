"""The manner in which a suggestion is written: what one developer keeps and another never does.

Yes and no for what can be seen in a line without a parser: quotes, hints, names, what the line
begins and ends with. Which of it matters is for the weights to say. Knows nothing of them.
"""

import re

from penchant_core.show_filter.features import Features

_MARKS = (
    ("single_quote", re.compile("'")),
    ("double_quote", re.compile('"')),
    ("formatted_string", re.compile(r"\b[fF]['\"]|`|\$\{")),
    ("format_call", re.compile(r"\.format\(|printf|['\"] % ")),
    ("arrow", re.compile(r"->|=>")),
    ("hint", re.compile(r"\w: \w")),
    ("comment", re.compile(r"#|//|/\*")),
    ("docstring", re.compile(r'"""|' + "'''|/\\*\\*")),
    ("camel_case", re.compile(r"\b[a-z]+[A-Z]")),
    ("snake_case", re.compile(r"[a-z]_[a-z]")),
    ("short_name", re.compile(r"\b[a-z]\b")),
    ("digit", re.compile(r"\d")),
)
_BEGINS = re.compile(
    r"(def|class|return|if|elif|else|for|while|with|try|except|import|from|raise|self|"
    r"function|const|let|fn|pub|struct|impl|public|private|void)\b"
)
_ASSIGNS = re.compile(r"[\w.]+ *:?=[^=]")
_ENDS = {":": "colon", ")": "closer", "]": "closer", "}": "closer", ",": "comma", "'": "quote",
         '"': "quote", "(": "opener", "[": "opener", "{": "opener", ";": "semicolon"}  # fmt: skip
_NEAR = 1500


def of_manner(prefix: str, text: str) -> Features:
    """Return how the first line of a suggestion is written."""
    first = text.partition("\n")[0]
    line = (prefix[-_NEAR:].rpartition("\n")[2] + first).strip()
    begins = _BEGINS.match(line)
    found = {f"with_{name}": 1.0 for name, mark in _MARKS if mark.search(first)}
    if begins:
        found[f"begins={begins[1]}"] = 1.0
    if _ASSIGNS.match(line):
        found["begins=assignment"] = 1.0
    end = first.rstrip()[-1:]
    found[f"ends={_ENDS.get(end, 'word' if end.isalnum() else 'sign')}"] = 1.0
    return found
