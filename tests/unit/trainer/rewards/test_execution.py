"""Which texts are tried at all, and what trying them says."""

from collections.abc import Sequence

import pytest
from unit.trainer.rewards.places import cut

from penchant_trainer.rewards import sandbox
from penchant_trainer.rewards.execution import runs

RUNS = [
    "x = [1, 2]\ny = «sum(x)»\n",
    "from datetime import datetime\nx = «datetime.strptime('2020', '%Y')»\n",
    "def f(a=1):\n    b = «a + 1»\n    return b\n",
]
RAISES = [
    "x = [1, 2]\ny = «x.push(3)»\n",
    "import math\ny = «math.sqrt('a')»\n",
    "def f():\n    return «undefined»\n",
]
UNTRIED = [
    "import os\nx = «os.getcwd()»\n",
    "import socket\nx = «1»\n",
    "from . import a\nx = «1»\n",
    "x = «open('f')»\n",
    "x = «eval('1 + 1')»\n",
    "x = «().__class__.__base__.__subclasses__()»\n",
    "x = «getattr(a, 'b')»\n",
    "def f(a):\n    return «a + 1»\n",  # nobody knows what to call it with
    "class A:\n    x = «1»\n",
    "@cache\ndef f():\n    return «1»\n",
    "x = «1)»\n",
    "ken(x)\n    b = 2\nimport math\nx = «math.pi»\n",  # the window hides what is above
]
UNDECIDED = [
    "1 / 0\nx = «1»\n",  # raises without the text as well
    "x = [«0»] * 10**9\n",  # too large
]


@pytest.mark.parametrize("case", RUNS)
def test_runs(case: str) -> None:
    assert runs(*cut(case)) == 1.0


@pytest.mark.parametrize("case", RAISES)
def test_raises(case: str) -> None:
    assert runs(*cut(case)) == 0.0


@pytest.mark.parametrize("case", UNTRIED)
def test_not_tried(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Sequence[object]] = []
    monkeypatch.setattr(sandbox, "attempt", lambda *program: tried.append(program))
    assert runs(*cut(case)) is None
    assert not tried


@pytest.mark.parametrize("case", UNDECIDED)
def test_undecided(case: str) -> None:
    assert runs(*cut(case)) is None
