import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("arguments", [["--check"], ["--check", "--stdio"]])
def test_check_prints_one_line_and_leaves_nothing(home: Path, arguments: list[str]) -> None:
    command = [sys.executable, "-m", "penchant_lsp", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["ok"] is True
    assert done.stdout.count("\n") == 1
    assert not home.exists()


def test_the_server_needs_no_heavy_library(home: Path) -> None:
    code = (
        "import sys, penchant_lsp.server, penchant_lsp.session as s;"
        "early = {'httpx', 'sqlite_utils', 'pydantic'} & sys.modules.keys();"
        "s.Session().build(); import penchant_lsp.checks;"
        "late = {'torch', 'transformers', 'vllm', 'fastapi'} & sys.modules.keys();"
        "print(sorted(early), sorted(late))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[] []\n"
