"""Splits Python into tokens without ever failing, because fragments at a cursor seldom parse.

A lexer of its own: the standard one gives up at the first open bracket or string. Tokens know their
offset, the depth of brackets around them and whether they begin a statement. What cannot be read
is one token per character. Knows nothing of grammar.
"""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["name", "number", "string", "comment", "operator"]

_STRING = (
    r"(?P<string>(?i:rb|br|fr|rf|r|b|u|f)?"
    r"(?:'''(?:[^\\]|\\.)*?(?:'''|\Z)|\"\"\"(?:[^\\]|\\.)*?(?:\"\"\"|\Z)"
    r"|'(?:[^'\\\n]|\\.)*(?:'|(?=\n)|\Z)|\"(?:[^\"\\\n]|\\.)*(?:\"|(?=\n)|\Z)))"
)
_TOKEN = re.compile(
    r"(?P<blank>[ \t\f\r]+|\\\r?\n)|(?P<newline>\n)|(?P<comment>\#[^\n]*)|" + _STRING + r"|"
    r"(?P<name>[^\W\d]\w*)|(?P<number>\d(?:[\w.]|(?<=[eE])[+-])*|\.\d[\w]*)|"
    r"(?P<operator>\*\*=|//=|>>=|<<=|\.\.\.|:=|->|==|!=|<=|>=|\*\*|//|<<|>>|[-+*/%@&|^]=|.)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A token at ``text[start:end]``.

    ``depth`` counts the brackets around it (a bracket itself stands outside). ``opens`` says that a
    statement begins here; ``indent`` is then its column, else that of its statement.
    """

    kind: Kind
    text: str
    start: int
    end: int
    depth: int
    opens: bool
    indent: int

    @property
    def quote(self) -> str:
        """The quotation mark of a string, three of them if it is tripled; empty for others."""
        if self.kind != "string":
            return ""
        mark = self.text.lstrip("rRbBuUfF")
        return mark[:3] if mark[:3] in ('"""', "'''") else mark[:1]

    @property
    def formatted(self) -> bool:
        """Whether it is an f-string."""
        return self.kind == "string" and "f" in self.text[: self.text.find(self.quote)].lower()

    @property
    def content(self) -> str:
        """What stands between the quotation marks of a string, as far as it goes."""
        body = self.text[self.text.find(self.quote) + len(self.quote) :]
        return body[: -len(self.quote)] if body.endswith(self.quote) else body


def tokens(text: str) -> list[Token]:
    """Return the tokens of ``text``: Python, a piece of it, or anything else.

    A statement begins after a line end outside brackets, and after a line end inside them when the
    next line begins with a word that only begins statements: then the bracket was left open.
    """
    found: list[Token] = []
    depth, indent, line, opens = 0, 0, 0, True
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "newline":
            line = match.end()
            if depth and _STATEMENT.match(text, line):
                depth = 0
            opens = depth == 0
            continue
        if kind == "blank":
            continue
        start, word = match.start(), match.group()
        if word in _CLOSING and kind == "operator":
            depth = max(0, depth - 1)
        if opens:
            indent = start - line
        first = opens and kind != "comment"
        found.append(Token(kind, word, start, match.end(), depth, first, indent))  # type: ignore[arg-type]
        opens = opens and kind == "comment"
        if word in _OPENING and kind == "operator":
            depth += 1
    return found


_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_STATEMENT = re.compile(
    r"[ \t]*(?:def|class|return|raise|import|with|while|try|except|finally|elif|del|pass|break"
    r"|continue|assert|global|nonlocal)\b"
)
