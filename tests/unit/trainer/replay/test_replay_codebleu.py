"""CodeBLEU and its parts on cases small enough to count by hand."""

import ast
import math

import pytest

from penchant_trainer.replay import dataflow
from penchant_trainer.replay.codebleu import bleu, code_bleu, rouge_l, syntax_match, tokens
from penchant_trainer.replay.fragment import compiles, tree


def parsed(text: str) -> ast.Module:
    found = tree("", text)
    assert found is not None
    return found


def test_the_same_text_is_perfect_and_nothing_is_nothing() -> None:
    same = code_bleu("total = price * count", "total = price * count")
    assert same.score == pytest.approx(1.0)
    none = code_bleu("", "total = price * count")
    assert none.score == 0.0


def test_bleu_by_hand() -> None:
    # Unigrams 3 of 4, bigrams (2 + 1) of (3 + 1), trigrams (1 + 1) of (2 + 1), 4-grams 1 of 2.
    expected = (3 / 4 * 3 / 4 * 2 / 3 * 1 / 2) ** (1 / 4)
    assert bleu(list("abcx"), list("abcd")) == pytest.approx(expected)
    # Too short: a penalty of exp(1 - 4 / 2); two tokens have no third order of their own.
    short = (1 * 1 * 1 * 1) ** (1 / 4) * math.exp(-1)
    assert bleu(list("ab"), list("abcd")) == pytest.approx(short)
    assert bleu([], []) == 1.0
    assert bleu(["a"], ["b"]) == 0.0


def test_a_wrong_keyword_costs_more_than_a_wrong_name() -> None:
    wanted = "return value"
    name, word = code_bleu("return other", wanted), code_bleu("yield value", wanted)
    assert name.ngram == pytest.approx(word.ngram)
    assert name.weighted > word.weighted


def test_subtrees_do_not_look_at_names() -> None:
    assert syntax_match(parsed("a = f(b)"), parsed("x = g(y)")) == 1.0
    # Assign, Name, Name of the reference's Assign(Name, BinOp), BinOp, Name, Add, Name, Name.
    assert syntax_match(parsed("a = b"), parsed("a = b + c")) == pytest.approx(2 / 6)
    assert syntax_match(None, parsed("a = b")) == 0.0


def test_data_flow_follows_values_not_names() -> None:
    wanted = parsed("total = price * count")
    assert dataflow.match(parsed("s = p * c"), wanted) == 1.0
    assert dataflow.match(parsed("s = p * 2"), wanted) == 0.5
    assert dataflow.match(None, wanted) == 0.0
    assert dataflow.match(parsed("pass"), parsed("import os")) is None
    assert dataflow.edges(parsed("for row in rows:\n    n += row\nreturn n"))[("v0", "v1")] == 1


@pytest.mark.parametrize(
    ("left", "text"),
    [
        ("", "else:"),
        ("        ", "except ValueError as error:"),
        ("    case ", "Point(x=0):"),
        ("rows = [", "1, 2,"),
        ("", "@property"),
        ("    ", "if a:\n        return b"),
        ("    def f(self, ", "name: str) -> None:"),
        ("        ", '"key": value,'),
        ("from os ", "import path"),
        ("if x ", "== 'it\\'s ('"),
    ],
)
def test_pieces_of_code_are_read_as_they_come(left: str, text: str) -> None:
    assert tree(left, text) is not None


def test_what_cannot_be_read_leaves_the_mean_or_scores_nothing() -> None:
    assert tree("", ")") is None
    unreadable = code_bleu("x = 1", ") oh no (")
    assert unreadable.syntax is None
    assert unreadable.flow is None
    broken = code_bleu("= = (", "x = y")
    assert (broken.syntax, broken.flow) == (0.0, 0.0)
    assert code_bleu("import re", "import os").flow is None


def test_rouge_by_hand() -> None:
    assert tokens("a.b(c)") == ["a", ".", "b", "(", "c", ")"]
    assert rouge_l("a b c d", "a c d e f") == pytest.approx(2 * 3 / 9)
    assert rouge_l("", "") == 1.0
    assert rouge_l("", "a") == 0.0


def test_code_is_compiled_and_never_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert compiles("print('never')\nraise SystemExit")
    assert not compiles("return 1")
    assert ast.parse("return 1")  # parsing alone would not find it
    assert compiles("pattern = '\\d'")  # an odd escape warns; that is not our business
    assert not compiles("x = '\0'")
    assert capsys.readouterr().out == ""
