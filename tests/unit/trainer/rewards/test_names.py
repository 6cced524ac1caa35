"""Which names are new and undefined: Python's scopes, and what the window hides."""

import pytest
from unit.trainer.rewards.places import cut

from penchant_trainer.rewards.names import names

DEFINED = [
    "import os\nx = «os.path»\n",
    "import a.b as c\n«c.d()»\n",
    "x = «len([1])»\n",
    "def f(a, *b, c=1, **d):\n    return «a, b, c, d»\n",
    "def f(a):\n    return «[b for b in a if b]»\n",
    "def f():\n    return «g()»\n\ndef g(): pass\n",
    "def f():\n    def g():\n        nonlocal x\n        x = «x + 1»\n    x = 0\n",
    "def f():\n    global x\n    x = 1\n\ndef g():\n    return «x»\n",
    "try:\n    pass\nexcept ValueError as e:\n    «print(e)»\n",
    "with open('x') as f:\n    «f.read()»\n",
    "match x:\n    case {'a': b}:\n        «print(b)»\nx = 1\n",
    "class A:\n    y = 1\n    z = «y»\n",
    "class A:\n    def f(self):\n        return «__class__»\n",
    "x = «lambda a: a»\n",
    "if (n := 1):\n    «print(n)»\n",
    "for i in [1]:\n    «print(i, __name__)»\n",
    "x = undefined\ny = «undefined»\n",  # not new
    "x = pa«th»\npath = 1\n",
]
UNDEFINED = [
    "x = «y»\n",
    "def f(a):\n    return «[b for c in a]»\n",
    "def f(a):\n    return «b»\n",
    "class A:\n    z = 1\n    def f(self):\n        return «z»\n",
    "def f():\n    x = 1\n\ndef g():\n    return «x»\n",
    "def f(«a: int, b: Nothing»):\n    pass\n",
    "import os\nx = o«z.path»\n",
    "x = «[a for a in [1]] + [a]»\n",
]
UNKNOWN = [
    "x = «1»\n",  # uses no name
    "from x import *\ny = «z»\n",
    "globals().update(a=1)\ny = «a»\n",
    "try:\n    u = «unicode»\nexcept NameError:\n    u = str\n",
    "x = («y»\n",  # parses not
    "ken(x)\n    b = 2\nimport os\nx = «z»\n",  # defined above the window, perhaps
    "def f():\n    return «helper(1)»\n" + "\n" * 2000,  # or below
]


@pytest.mark.parametrize("case", DEFINED)
def test_defined(case: str) -> None:
    assert names(*cut(case)) == 1.0


@pytest.mark.parametrize("case", UNDEFINED)
def test_undefined(case: str) -> None:
    assert names(*cut(case)) == 0.0


@pytest.mark.parametrize("case", UNKNOWN)
def test_unknown(case: str) -> None:
    assert names(*cut(case)) is None


def test_a_variable_is_not_defined_below_the_window() -> None:
    assert names(*cut("def f():\n    return «valu»\n" + "\n" * 2000)) == 0.0
