"""Habits of building code: hints, names, loops, branches, calls, errors.

Each function yields the occasions of one habit in a source. Knows nothing of cursors and shares.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from keyword import iskeyword

from penchant_trainer.style.source import Occasion, Source, Statement, arguments, closing
from penchant_trainer.style.tokens import Token

_CAMEL = re.compile(r"[a-z0-9]([A-Z])")
_SNAKE = re.compile(r"[a-zA-Z0-9](_)[a-zA-Z0-9]")
_EXITS = frozenset({"return", "raise", "continue", "break"})
_EMPTY = (["[", "]"], ["{", "}"], ["list", "("], ["dict", "("], ["set", "("])
_OLD_GENERICS = frozenset({"List", "Dict", "Tuple", "Set", "FrozenSet", "Type"})
_GENERICS = frozenset({"list", "dict", "tuple", "set", "frozenset", "type"})


def hinted_parameters(source: Source) -> Iterator[Occasion]:
    """Yield what follows each parameter's name (``self`` and ``cls`` aside): ``:`` is a hint."""
    for head in source.heads:
        for parameter in head.parameters:
            after = parameter.after
            bound = parameter.number == 0 and parameter.name.text in ("self", "cls")
            if after is not None and not bound and after.text in (":", ",", ")", "="):
                yield Occasion(after.start, after.text == ":")


def hinted_returns(source: Source) -> Iterator[Occasion]:
    """Yield what follows each function's parameters: ``->`` or the colon."""
    for head in source.heads:
        if head.after is not None and head.after.text in ("->", ":"):
            yield Occasion(head.after.start, head.after.text == "->")


def hinted_locals(source: Source) -> Iterator[Occasion]:
    """Yield the first assignment to each plain name inside a function."""
    known: set[str] = set()
    for statement in source.statements:
        name, *rest = statement.tokens
        if statement.word == "def":
            known = set()
        if not statement.indent or not _plain(name) or not rest or name.text in known:
            continue
        hint = rest[0].text == ":" and len(rest) > 1
        if hint or rest[0].text == "=":
            known.add(name.text)
            yield Occasion(rest[0].start, hint)


def bar_unions(source: Source) -> Iterator[Occasion]:
    """Yield each optional type: ``X | None`` shows it, ``Optional[X]`` and ``Union`` do not."""
    for token, after in pairwise(source.code):
        if token.text == "|" and after.text == "None":
            yield Occasion(token.start, True)
        elif token.text in ("Optional", "Union") and after.text == "[":
            yield Occasion(token.start, False)


def builtin_generics(source: Source) -> Iterator[Occasion]:
    """Yield each generic collection type: ``list[int]`` shows it, ``List[int]`` does not."""
    for token, after in pairwise(source.code):
        if after.text == "[" and token.text in _GENERICS | _OLD_GENERICS:
            yield Occasion(token.start, token.text in _GENERICS)


def comprehensions(source: Source) -> Iterator[Occasion]:
    """Yield each collection that is built: in a comprehension, or from an empty one onwards."""
    for token in source.code:
        if token.text == "for" and token.depth and not token.opens:
            yield Occasion(token.start, True)
    for statement in source.statements:
        texts = [token.text for token in statement.tokens]
        if not _plain(statement.first) or "=" not in texts:
            continue
        value = texts.index("=") + 1
        whole = len(texts) <= value + (3 if texts[value : value + 2][-1:] == ["("] else 2)
        if texts[value : value + 2] in _EMPTY and whole:
            yield Occasion(statement.tokens[value].start, False)


def early_returns(source: Source) -> Iterator[Occasion]:
    """Yield what follows a branch that leaves: ``else`` and ``elif`` do not show it."""
    statements = source.statements
    for index in range(1, len(statements)):
        before, here = statements[index - 1], statements[index]
        if before.word not in _EXITS or before.indent <= here.indent:
            continue
        owner = _before(statements, index, here.indent)
        if owner is not None and owner.word in ("if", "elif"):
            yield Occasion(here.first.start, here.word not in ("else", "elif"))


def snake_names(source: Source) -> Iterator[Occasion]:
    """Yield each new name of several words; the first joint decides."""
    for name in _new(source, _bound(source, parameters=True)):
        text = name.text
        joint = _SNAKE.search(text) or (None if text[0].isupper() else _CAMEL.search(text))
        if joint and not text.isupper():
            yield Occasion(name.start + joint.start(1), joint.group(1) == "_")


def short_names(source: Source) -> Iterator[Occasion]:
    """Yield each new local name: one or two characters are short."""
    for name in _new(source, _bound(source, parameters=False)):
        if name.text.strip("_") and not name.text.isupper():
            size = len(name.text)
            yield Occasion(name.start + min(size, 2), size <= 2)


def keyword_arguments(source: Source) -> Iterator[Occasion]:
    """Yield each call with a keyword, or with two arguments and none."""
    code = source.code
    for index in range(1, len(code)):
        if code[index].text != "(" or not _called(code[index - 1]):
            continue
        if index > 1 and code[index - 2].text in ("def", "class"):
            continue
        end = closing(code, index)
        if end is None:
            continue
        parts = arguments(code, index, end)
        named = [part[0] for part in parts if len(part) > 1 and part[1].text == "="]
        if named or len(parts) > 1:
            yield Occasion((named or [parts[-1][0]])[0].start, bool(named))


def none_by_identity(source: Source) -> Iterator[Occasion]:
    """Yield each comparison with None: ``is`` shows it, ``==`` does not."""
    code = source.code
    for index, token in enumerate(code):
        after = [t.text for t in code[index + 1 : index + 3]]
        if token.text == "is" and (after[:1] == ["None"] or after == ["not", "None"]):
            yield Occasion(token.start, True)
        elif token.text in ("==", "!=") and after[:1] == ["None"]:
            yield Occasion(token.start, False)


def specific_errors(source: Source) -> Iterator[Occasion]:
    """Yield what each ``except`` catches: a bare one and ``Exception`` are not specific."""
    for statement in source.statements:
        if statement.word == "except" and len(statement.tokens) > 1:
            caught = statement.tokens[1]
            broad = caught.text in (":", "Exception", "BaseException")
            yield Occasion(caught.start, not broad)


def named_errors(source: Source) -> Iterator[Occasion]:
    """Yield whether each ``except`` with a type gives what it caught a name."""
    for statement in source.statements:
        if statement.word != "except":
            continue
        base = statement.first.depth
        ends = [t for t in statement.tokens[2:] if t.depth == base and t.text in ("as", ":")]
        if ends:
            yield Occasion(ends[0].start, ends[0].text == "as")


def _plain(token: Token) -> bool:
    return token.kind == "name" and not iskeyword(token.text)


def _called(token: Token) -> bool:
    return _plain(token) or token.text in (")", "]")


def _before(statements: list[Statement], index: int, indent: int) -> Statement | None:
    """Return the nearest statement above that is not deeper, if it is just as deep."""
    for statement in reversed(statements[:index]):
        if statement.indent <= indent:
            return statement if statement.indent == indent else None
    return None


def _new(source: Source, bound: list[Token]) -> Iterator[Token]:
    """Yield the first mention of each name that is bound there: later ones are no choice."""
    first: dict[str, int] = {}
    for token in source.code:
        if token.kind == "name":
            first.setdefault(token.text, token.start)
    yield from (token for token in bound if first[token.text] == token.start)


def _bound(source: Source, *, parameters: bool) -> list[Token]:
    """Return the tokens that give a variable (or a function, a parameter) its name."""
    found = [token for s in source.statements for token in _assigned(s)]
    code = source.code
    for index, token in enumerate(code[:-1]):
        if token.text == "for":
            found += _targets(code[index + 1 : index + 12])
        elif token.text == "as" and _plain(code[index + 1]):
            found.append(code[index + 1])
        elif code[index + 1].text == ":=" and _plain(token):
            found.append(token)
    if parameters:
        found += [head.name for head in source.heads]
        found += [p.name for head in source.heads for p in head.parameters]
    return found


def _assigned(statement: Statement) -> list[Token]:
    tokens = statement.tokens
    if len(tokens) > 2 and _plain(tokens[0]) and tokens[1].text == ":":
        return [tokens[0]]
    ends = [i for i, t in enumerate(tokens) if t.text == "=" and t.depth == 0]
    names = list(tokens[: ends[0]]) if ends and _plain(tokens[0]) else []
    simple = all(_plain(token) or token.text in (",", "*") for token in names)
    return [token for token in names if _plain(token)] if simple else []


def _targets(tokens: list[Token]) -> list[Token]:
    found: list[Token] = []
    for token in tokens:
        if token.text == "in":
            return found
        if _plain(token):
            found.append(token)
        elif token.text not in (",", "(", ")", "*"):
            return []
    return []
