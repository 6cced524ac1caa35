"""Fetches the peers into a cache directory at first use, in pinned versions with pinned checksums.

tabby-agent comes from npm (no install scripts are run), refact-lsp is taken out of the PyPI wheel
``refact``. Nothing is installed into Penchant's own environment.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from penchant_core.errors import PenchantError

TABBY = "1.5.0"
TABBY_SHA256 = "720fbcfaf6a487dec46c88f948911ce557a470b61f2397fe89551011c2e5ceb1"
REFACT = "0.10.14"
REFACT_SHA256 = "d943fbf21c355d9944f84fb905fb071cfcab64bbcdbd1cf98d47c9ec84ca59e8"
LIMIT_S = 300


class PeerMissing(PenchantError):
    """A peer cannot be had on this machine; the message says why."""


def cache() -> Path:
    """Return the directory that keeps the peers between runs."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "penchant-bench"


def tabby() -> tuple[str, ...]:
    """Return the command of tabby-agent; raise PeerMissing."""
    node = shutil.which("node")
    if node is None:
        raise PeerMissing("tabby-agent needs Node.js; install it")
    home = cache() / f"tabby-agent-{TABBY}"
    program = home / "node_modules" / "tabby-agent" / "dist" / "cli.js"
    if not program.is_file():
        home.mkdir(parents=True, exist_ok=True)
        npm = shutil.which("npm") or "npm"
        _run([npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent",
              "--prefix", str(home), f"tabby-agent@{TABBY}"])  # fmt: skip
    return node, str(_checked(program, TABBY_SHA256))


def refact() -> tuple[str, ...]:
    """Return the command of refact-lsp; raise PeerMissing."""
    program = cache() / f"refact-lsp-{REFACT}" / "refact-lsp"
    if not program.is_file():
        program.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as fetched:
            _run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary",
                  ":all:", "--dest", fetched, f"refact=={REFACT}"])  # fmt: skip
            wheel = next(Path(fetched).glob("*.whl"))
            part = program.with_suffix(".part")
            with zipfile.ZipFile(wheel) as archive:
                part.write_bytes(archive.read("refact/bin/refact-lsp"))
            part.chmod(0o755)
            part.replace(program)
    return (str(_checked(program, REFACT_SHA256)),)


def _run(command: list[str]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=LIMIT_S)
    except (OSError, subprocess.SubprocessError) as error:
        told = getattr(error, "stderr", b"") or str(error).encode()
        last = told.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise PeerMissing(f"{Path(command[0]).name} could not fetch it: {last[:200]}") from error


def _checked(program: Path, sha256: str) -> Path:
    found = hashlib.sha256(program.read_bytes()).hexdigest()
    if found != sha256:
        raise PeerMissing(f"{program} is not the file that was measured before; remove it")
    return program
