"""The lexer reads what does not parse, and agrees with the standard one on what does."""

import inspect
import io
import random
import token as kinds
import tokenize

import pytest

from penchant_trainer.style import code_habits, habits, source, text_habits, tokens

MODULES = [code_habits, habits, source, text_habits, tokens, random]


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__)
def test_it_agrees_with_the_standard_lexer(module: object) -> None:
    text = inspect.getsource(module)  # type: ignore[arg-type]
    skipped = {kinds.NEWLINE, kinds.NL, kinds.INDENT, kinds.DEDENT, kinds.ENDMARKER}
    expected = [
        t.string
        for t in tokenize.generate_tokens(io.StringIO(text).readline)
        if t.type not in skipped
    ]
    assert [t.text for t in tokens.tokens(text)] == expected


def test_statements_begin_where_the_grammar_says() -> None:
    text = "a = f(\n    1,\n)\nif a:\n    # why\n    b = [\nreturn b\n"
    assert [t.text for t in tokens.tokens(text) if t.opens] == ["a", "if", "b", "return"]


@pytest.mark.parametrize(
    "text", ['"', "'''", "f(((", ")]}", "\\", "é = '\\", "\x00", "x = 0x", "#"]
)
def test_nothing_is_too_broken(text: str) -> None:
    found = tokens.tokens(text)
    assert "".join(t.text for t in found) == text.replace(" ", "").replace("\n", "")
    for habit in habits.HABITS.values():
        list(habit.occasions(source.Source(text)))


def test_strings_know_their_parts() -> None:
    (found,) = tokens.tokens("Rb'''a'''")
    assert (found.quote, found.formatted, found.content) == ("'''", False, "a")
    (found,) = tokens.tokens('f"{a}')
    assert (found.quote, found.formatted, found.content) == ('"', True, "{a}")
