"""Which attributes, imports and keyword arguments exist: nothing is imported to find out."""

import sys
from pathlib import Path

import pytest
from unit.trainer.rewards.places import cut

from penchant_trainer.rewards.api import api, api_check
from penchant_trainer.rewards.library import library

HERE = library()

EXISTS = [
    "import os\n«os.getcwd()»\n",
    "import os.path\n«os.path.join(a, b)»\n",
    "import json\n«json.dumps(x, indent=1)»\n",
    "import math\n«math.sqrt(2)»\n",
    "import datetime as dt\n«dt.datetime.now()»\n",
    "from pathlib import «Path»\n",
    "from xml.etree import «ElementTree»\n",
    "import click\n«click.echo(x, err=True)»\n",
    "import shutil\n«shutil.copy(a, b, follow_symlinks=True)»\n",
    "x = «', '.join(a)»\n",
    "x = «[1].append(2)»\n",
    "class A:\n    def g(self, a): ...\n    def f(self):\n        «self.g(a=1)»\n",
    "class A:\n    def __init__(s):\n        s.h = id\n    def f(self):\n        «self.h()»\n",
    "class A(Exception):\n    def f(self):\n        «self.with_traceback(None)»\n",
    "class B:\n    def g(self): ...\nclass A(B):\n    def f(self):\n        «self.g()»\n",
    "def g(a, *, b): ...\n«g(1, b=2)»\n",
    "class P:\n    def __init__(self, x): ...\n«P(x=1)»\n",
    "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\n«P(x=1)»\n",
]
MISSING = [
    "import os\n«os.getcwdd()»\n",
    "import os\nos.ge«tcwdd()»\n",
    "import os.path\n«os.path.joyn(a)»\n",
    "import math\n«math.sqroot(2)»\n",
    "import time\n«time.sleeep(2)»\n",
    "import datetime as dt\n«dt.datetime.nowx()»\n",
    "from pathlib import «Pathh»\n",
    "import shutil\n«shutil.copy(a, b, follow_links=True)»\n",
    "import click\nclick.echo(x, «error=True»)\n",
    "x = «', '.jion(a)»\n",
    "x = «[1].push(2)»\n",
    "class A:\n    def f(self):\n        «self.g()»\n",
    "class A:\n    def g(self, a): ...\n    def f(self):\n        «self.g(b=1)»\n",
    "class A(Exception):\n    def f(self):\n        «self.with_trace(None)»\n",
    "def g(a, /, *, b): ...\n«g(a=1, b=2)»\n",
    "class P:\n    def __init__(self, x): ...\n«P(y=1)»\n",
    "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\n«P(y=1)»\n",
]
UNKNOWN = [
    "x = «1 + 2»\n",
    "import nobody_has_this\n«nobody_has_this.f()»\n",
    "from .models import «Order»\n",
    "from . import models\n«models.Order()»\n",
    "import os\nos.getcwdd(«1»)\n",  # written before
    "import os\ndef f(os):\n    «os.getcwdd()»\n",  # another os
    "def f(x):\n    «x.whatever(y=1)»\n",
    "from abc import ABCMeta\nclass A(metaclass=ABCMeta):\n    def f(self):\n        «self.g()»\n",
    "from somewhere import B\nclass A(B):\n    def f(self):\n        «self.g()»\n",
    "class A:\n    def __getattr__(self, n): ...\n    def f(self):\n        «self.g()»\n",
    "class A:\n    def __init__(self, **k):\n        self.__dict__.update(k)\n"
    "    def f(self):\n        «self.g()»\n",
    "@magic\ndef g(a): ...\n«g(b=1)»\n",
    "def g(a, **more): ...\n«g(b=1)»\n",
    "def g(a): ...\ng = magic(g)\n«g(b=1)»\n",
    "import os\nos.(«getcwd»\n",
]


@pytest.mark.parametrize("case", EXISTS)
def test_exists(case: str) -> None:
    assert api(*cut(case), HERE) == 1.0


@pytest.mark.parametrize("case", MISSING)
def test_missing(case: str) -> None:
    assert api(*cut(case), HERE) == 0.0


@pytest.mark.parametrize("case", UNKNOWN)
def test_unknown(case: str) -> None:
    assert api(*cut(case), HERE) is None


def test_a_class_that_goes_on_beyond_the_window_may_have_more_methods() -> None:
    prefix, text, suffix = cut("class A:\n    def f(self):\n        «self.g()»\n")
    assert api(prefix, text, suffix + "\n    def h(self): ...\n" * 100, HERE) is None


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A virtual environment with one package, whose import would leave a trace."""
    package = tmp_path / "lib" / "python3.11" / "site-packages" / "shop"
    (package / "deep").mkdir(parents=True)
    trace = f"open({str(tmp_path / 'ran')!r}, 'w')\n"
    (package / "__init__.py").write_text(
        trace + "from shop.core import *\nfrom .deep import Order as Order\n"
    )
    (package / "core.py").write_text(trace + "def price(net, *, tax=0): ...\n")
    (package / "deep" / "__init__.py").write_text(
        trace + "class Base:\n    def pay(self): ...\nclass Order(Base): ...\n"
    )
    (package / "fast.pyi").write_text("def go(speed: int) -> None: ...\n")
    (package / "fast.so").write_bytes(b"")
    return tmp_path


@pytest.mark.parametrize(
    ("case", "score"),
    [
        ("import shop\n«shop.price(1, tax=2)»\n", 1.0),
        ("import shop\n«shop.price(1, vat=2)»\n", 0.0),
        ("import shop\n«shop.cost(1)»\n", 0.0),
        ("from shop.deep import «Order»\n", 1.0),
        ("import shop\n«shop.Order.pay»\n", 1.0),
        ("import shop\n«shop.Order.pey»\n", 0.0),
        ("from shop import «deep, nothing»\n", 0.0),
        ("from shop.fast import «go»\n", 1.0),  # an extension with a stub beside it
        ("import shop.fast\n«shop.fast.go(sped=1)»\n", 0.0),
        ("import click\n«click.nonsense()»\n", None),  # not installed there
        ("import json\n«json.dump5(x)»\n", 0.0),  # the standard library is always there
    ],
)
def test_a_named_environment(environment: Path, case: str, score: float | None) -> None:
    modules, path = set(sys.modules), list(sys.path)
    assert api_check(str(environment)).look(*cut(case)) == score
    assert not (environment / "ran").exists(), "nothing of it was run"
    assert "shop" not in set(sys.modules) - modules
    assert sys.path == path


def test_an_environment_that_is_not_there_has_no_packages() -> None:
    look = api_check("/nonexistent/venv").look
    assert look(*cut("import click\n«click.nonsense()»\n")) is None
