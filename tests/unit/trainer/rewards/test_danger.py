"""Which texts bring a dangerous call, and which only seem to."""

import pytest
from unit.trainer.rewards.places import cut

from penchant_trainer.rewards.danger import CALLS, harmless

HARMLESS = [
    "x = eval(«s)»\n",  # the call was there before
    "«x = eval('1 + 1')»\n",
    "import ast\n«ast.literal_eval(s)»\n",
    "def eval(x): pass\n«eval(x)»\n",
    "import subprocess\n«subprocess.run(['ls', path])»\n",
    "import subprocess\n«subprocess.run('ls | wc', shell=True)»\n",  # nobody can change it
    "import yaml\n«yaml.safe_load(f)»\n",
    "import yaml\n«yaml.load(f, Loader=yaml.CSafeLoader)»\n",
    "import requests\n«requests.get(url, verify=path)»\n",
    "import hashlib\n«hashlib.md5(data)»\n",
    "import hashlib\n«hashlib.md5(token, usedforsecurity=False)»\n",
    "import json as pickle\n«pickle.loads(s)»\n",
    "class A:\n    def load(self): ...\n    def f(self):\n        «self.load(f)»\n",
]
DANGEROUS = [
    "x = «eval(s)»\n",
    "x = ev«al(s)»\n",
    "«exec(code, {})»\n",
    "import os\n«os.system(c)»\n",
    "from os import system as run\n«run(c)»\n",
    "import subprocess as sp\nsp.run(c, «shell=True)»\n",
    "import pickle\nx = «pickle.load(f)»\n",
    "from pickle import loads\nx = «loads(b)»\n",
    "import yaml\nx = «yaml.load(f)»\n",
    "import yaml\nx = «yaml.load(f, Loader=yaml.FullLoader)»\n",
    "import requests\n«requests.get(url, verify=False)»\n",
    "import httpx\n«httpx.Client(verify=False)»\n",
    "import tempfile\n«tempfile.mktemp()»\n",
    "import hashlib\n«hashlib.md5(password.encode())»\n",
    "import torch\n«torch.load(f, weights_only=False)»\n",
    "import numpy as np\n«np.load(f, allow_pickle=True)»\n",
    "import ssl\n«ssl._create_unverified_context()»\n",
]
UNKNOWN = [
    "import pickle\na = pickle.load(f)\nb = «pickle.load(g)»\n",  # the file does so anyway
    "x = («eval(s)»\n",
]


@pytest.mark.parametrize("case", HARMLESS)
def test_harmless(case: str) -> None:
    assert harmless(*cut(case)) == 1.0


@pytest.mark.parametrize("case", DANGEROUS)
def test_dangerous(case: str) -> None:
    assert harmless(*cut(case)) == 0.0


@pytest.mark.parametrize("case", UNKNOWN)
def test_unknown(case: str) -> None:
    assert harmless(*cut(case)) is None


@pytest.mark.parametrize("called", CALLS)
def test_every_call_of_the_list(called: str) -> None:
    module, _, _ = called.rpartition(".")
    before = f"import {module}\n" if module else ""
    assert harmless(before, f"{called}(x)", "\n") == 0.0
