"""Each habit on samples that show it, do not, and give no occasion; ``«…»`` is the completion."""

from pathlib import Path

import pytest

from penchant_trainer.style.habits import HABITS, verdict, verdicts

SHOWN, NOT, NONE = True, False, None

TABLE = [
    ("double_quotes", SHOWN, 'say(«"hello")»'),
    ("double_quotes", NOT, "say(«'hello')»"),
    ("double_quotes", NOT, "pair = («'a', \"b\")»"),
    ("double_quotes", SHOWN, 'x = f«"{y}"»'),
    ("double_quotes", SHOWN, 'x = «f"{y}" + rb"z"»'),
    ("double_quotes", NONE, 'say(«"it\'s")»'),
    ("double_quotes", NONE, 'say("«hello")»'),
    ("double_quotes", NONE, "say(«hello)»'x'"),
    ("double_quotes", NONE, "«# don't»"),
    ("double_quotes", SHOWN, 'broken(("«a", "b»'),
    ("triple_double_quotes", SHOWN, 'def f():\n    «"""Do."""»'),
    ("triple_double_quotes", NOT, "def f():\n    «'''Do.'''»"),
    ("triple_double_quotes", NONE, 'def f():\n    """«Do."""»'),
    ("f_strings", SHOWN, 'print(«f"a {b}")»'),
    ("f_strings", NOT, 'print(«"a {}".format(b))»'),
    ("f_strings", NOT, 'print(«"a %s" % b)»'),
    ("f_strings", NONE, 'print(«"a", b)»'),
    ("f_strings", NONE, 'share = «"a" or b % c»'),
    ("f_strings", NONE, 'print("a {}«".format(b))»'),
    ("docstrings", SHOWN, 'def f(x):\n    «"""Do."""»\n'),
    ("docstrings", NOT, "def f(x):\n    «return x»\n"),
    ("docstrings", NONE, "def f(x):\n    x = 1\n    «return x»\n"),
    ("docstrings", NONE, "def f(x):\n    «...»\n"),
    ("docstrings", NOT, "«async def f(x):\n    return x»"),
    ("docstrings", NONE, "«def f(x): return x\n\ny = 1»"),
    ("one_line_docstrings", SHOWN, 'def f():\n    «"""Do."""»\n'),
    ("one_line_docstrings", NOT, 'class A:\n    «"""Do.\n\n    And more.\n    """»\n'),
    ("one_line_docstrings", NONE, 'def f():\n    «"""Do»'),
    ("section_docstrings", SHOWN, 'def f(a):\n    """Do.\n\n    «Args:\n        a: it»'),
    ("section_docstrings", NOT, 'def f(a):\n    """Do.\n\n    «:param a: it»\n    """'),
    ("section_docstrings", NOT, 'def f(a):\n    """Do.\n\n    «Parameters\n    ----------»'),
    ("section_docstrings", NONE, 'def f(a):\n    """«Do what you do."""»'),
    ("section_docstrings", NONE, "x = {\n    «Args: 1}»"),
    ("comments", SHOWN, "x = 1\n«# Now y.\ny = 2»"),
    ("comments", SHOWN, "«y = 2  # why»\nz = 3"),
    ("comments", NOT, "x = 1\n«y = 2»"),
    ("comments", NONE, "# Now y.\n«y = 2»"),
    ("comments", NONE, "x = «1»\n# Now y.\ny = 2"),
    ("short_lines", SHOWN, "    something_long = «another_thing_that_is_long + one_more_thing»\n"),
    ("short_lines", NOT, "    something_long = «" + "another_thing_that_is_long + " * 3 + "1»\n"),
    ("short_lines", NONE, "    short = «1»\n"),
    ("two_blank_lines", SHOWN, "x = 1\n«\n\ndef f():»\n    pass"),
    ("two_blank_lines", NOT, "x = 1\n«\nclass A:»\n    pass"),
    ("two_blank_lines", NONE, "class A:\n    x = 1\n\n«    def f():»\n        pass"),
    ("two_blank_lines", NONE, "x = 1\n\n\n@cache\n«def f():»\n    pass"),
    ("two_blank_lines", NONE, "«def f():»\n    pass"),
    ("trailing_commas", SHOWN, "f(\n    a,\n    «b,\n)»"),
    ("trailing_commas", NOT, "f(\n    a,\n    «b»\n)"),
    ("trailing_commas", NONE, "f(«a, b)»"),
    ("trailing_commas", NONE, "f(\n    a,\n    b\n)«.c»"),
    ("hinted_parameters", SHOWN, "def f(«a: int, b: str = 'x'):»\n    pass"),
    ("hinted_parameters", NOT, "def f(«a, b: str):»\n    pass"),
    ("hinted_parameters", NOT, "def f(a«, b=1»"),
    ("hinted_parameters", SHOWN, "def f(a«: int»):\n    pass"),
    ("hinted_parameters", NONE, "    def f(«self):»\n        pass"),
    ("hinted_parameters", NOT, "def f(«*args, **more):»\n    pass"),
    ("hinted_parameters", NONE, "f(«a, b)»"),
    ("hinted_parameters", NONE, "def f(a: int) -> «int:»\n    pass"),
    ("hinted_returns", SHOWN, "def f(«a) -> int:»\n    pass"),
    ("hinted_returns", NOT, "def f(«a):»\n    pass"),
    ("hinted_returns", NOT, "async def f(a)«:»\n    pass"),
    ("hinted_returns", NONE, "def f(«a, b»"),
    ("hinted_locals", SHOWN, "def f():\n    «x: int = 1»"),
    ("hinted_locals", NOT, "def f():\n    «x = 1»"),
    ("hinted_locals", NONE, "def f():\n    x = 0\n    «x = 1»"),
    ("hinted_locals", NONE, "def f():\n    «self.x = 1»"),
    ("hinted_locals", NONE, "«x = 1»"),
    ("bar_unions", SHOWN, "def f(a: «int | None):»"),
    ("bar_unions", NOT, "def f(a: «Optional[int]):»"),
    ("bar_unions", NONE, "x = «a | b»"),
    ("builtin_generics", SHOWN, "def f(a: «list[int]):»"),
    ("builtin_generics", NOT, "def f(a: «List[int]):»"),
    ("builtin_generics", NONE, "x = «rows[1]»"),
    ("comprehensions", SHOWN, "found = «[x for x in rows]»"),
    ("comprehensions", SHOWN, "total = «sum(x for x in rows)»"),
    ("comprehensions", NOT, "found = «[]»\nfor x in rows:"),
    ("comprehensions", NOT, "found = «dict()»"),
    ("comprehensions", NONE, "found = «[1]»"),
    ("comprehensions", NONE, "«for x in rows:\n    print(x)»"),
    ("comprehensions", NONE, "found = «[].append»"),
    ("early_returns", SHOWN, "def f(x):\n    if x:\n        return 1\n«    return 2»"),
    ("early_returns", NOT, "def f(x):\n    if x:\n        return 1\n    «else:»\n        return 2"),
    ("early_returns", NOT, "def f(x):\n    if x:\n        return 1\n    «elif y:»"),
    ("early_returns", NONE, "def f(x):\n    if x:\n        y = 1\n    «else:»"),
    ("early_returns", NONE, "def f(x):\n    for y in x:\n        continue\n    «return 2»"),
    ("snake_names", SHOWN, "    «line_count = 1»"),
    ("snake_names", NOT, "    «lineCount = 1»"),
    ("snake_names", NOT, "    line«Count = 1»"),
    ("snake_names", NOT, "    for «lineNumber, text in rows:»"),
    ("snake_names", SHOWN, "def «load_file(path):»"),
    ("snake_names", NONE, "    «count = 1»"),
    ("snake_names", NONE, "    «MAX_COUNT = 1»"),
    ("snake_names", NONE, "    line_count = 0\n    «line_count = 1»"),
    ("snake_names", NONE, "    x = «line_count + lineCount»"),
    ("short_names", SHOWN, "    «n = 1»"),
    ("short_names", NOT, "    «count = 1»"),
    ("short_names", SHOWN, "    for «i, x in rows:»"),
    ("short_names", NOT, "    with f() as «file:»"),
    ("short_names", NONE, "    for «_ in rows:»"),
    ("short_names", NONE, "    n = 0\n    «n = 1»"),
    ("short_names", NONE, "    «self.n = 1»"),
    ("keyword_arguments", SHOWN, "f«(a, size=1)»"),
    ("keyword_arguments", NOT, "f(«a, 1)»"),
    ("keyword_arguments", NONE, "f(«a)»"),
    ("keyword_arguments", NONE, "def f(«a, b):»"),
    ("keyword_arguments", NONE, "f(«a, 1»"),
    ("none_by_identity", SHOWN, "if x «is not None:»"),
    ("none_by_identity", NOT, "if x «== None:»"),
    ("none_by_identity", NONE, "if x «== 1 and y is z:»"),
    ("specific_errors", SHOWN, "try:\n    f()\nexcept «(OSError, ValueError):»"),
    ("specific_errors", NOT, "try:\n    f()\nexcept «Exception as error:»"),
    ("specific_errors", NOT, "try:\n    f()\n«except:»"),
    ("specific_errors", NONE, "try:\n    f()\n«finally:»"),
    ("named_errors", SHOWN, "try:\n    f()\nexcept «OSError as error:»"),
    ("named_errors", NOT, "try:\n    f()\nexcept «(OSError, ValueError):»"),
    ("named_errors", NONE, "try:\n    f()\n«except:»"),
]


def cut(sample: str) -> tuple[str, str, str]:
    prefix, rest = sample.split("«")
    completion, suffix = rest.split("»")
    return prefix, completion, suffix


@pytest.mark.parametrize(("name", "expected", "sample"), TABLE)
def test_habit(name: str, expected: bool | None, sample: str) -> None:
    assert verdict(HABITS[name], *cut(sample)) is expected


def test_every_habit_has_all_three_kinds_of_samples() -> None:
    for name in HABITS:
        assert {row[1] for row in TABLE if row[0] == name} == {SHOWN, NOT, NONE}, name


def test_a_long_prefix_that_was_cut_in_a_docstring_does_not_turn_code_into_text() -> None:
    filler = "".join(
        f'def f{n}(a):\n    """It\'s number {n}."""\n    return a\n\n\n' for n in range(200)
    )
    assert verdicts(filler, 'def g(a: int) -> str:\n    return "x"', "\n") == {
        "double_quotes": True,
        "docstrings": False,
        "comments": False,
        "hinted_parameters": True,
        "hinted_returns": True,
        "two_blank_lines": True,
    }


def test_a_prefix_that_was_cut_inside_a_class_is_read_from_one_of_its_methods_on() -> None:
    method = (
        '    def f{}(self):\n        """It is number {}: don\'t.\n\n        Or {}.\n        """\n\n'
    )
    prefix = "class A:\n" + "".join(method.format(n, n, "so " * 200) for n in range(8))
    for cut in range(0, 700, 50):
        start = prefix + "        x = " + "1 + " * (cut // 4)
        assert verdicts(start, "'a'", "\n")["double_quotes"] is False, cut


def test_every_habit_is_documented() -> None:
    text = (Path(__file__).parents[4] / "docs" / "style.md").read_text("utf-8")
    assert [name for name in HABITS if f"`{name}`" not in text] == []
