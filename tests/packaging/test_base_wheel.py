"""The base wheel in a bare environment: it starts an editor's server without torch or FastAPI."""

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "fastapi", "transformers", "peft", "uvicorn")
pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = target.glob("penchant-*.whl")
    return built


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` directory of an environment that holds the base install alone."""
    directory = tmp_path_factory.mktemp("bare") / "venv"
    venv.create(directory)  # without pip, which takes longer to install than penchant
    done = _pip(directory / "bin", "install", "-q", "--no-compile", str(wheel))
    assert done.returncode == 0, done.stderr
    return directory / "bin"


def _pip(programs: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    pip = ("-m", "pip", "--python", str(programs / "python"), "--disable-pip-version-check")
    return _run(Path(sys.executable), *pip, *arguments)


def _run(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PENCHANT_", "PYTHON"))}
    return subprocess.run(
        [program, *arguments],
        capture_output=True,
        text=True,
        cwd=program.parent,
        env={**kept, "PENCHANT_HOME": str(program.parent.parent / "home")},
        check=False,
        timeout=300,
    )


def test_the_wheel_holds_every_room_with_its_types_and_data(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for room in ("core", "lsp", "server", "trainer"):
        assert f"penchant_{room}/__init__.py" in names
        assert f"penchant_{room}/py.typed" in names
    assert "penchant_core/redaction_rules.toml" in names
    assert "penchant_server/base_model/model.safetensors" in names
    page = {"index.html", "dashboard.js", "dashboard.css", "icon.svg"}
    assert {f"penchant_server/page/{name}" for name in page} <= names
    assert not [name for name in names if "test" in name.split("/")[0] or name.endswith(".pyc")]


def test_nothing_heavy_is_installed(bare: Path) -> None:
    done = _pip(bare, "list", "--format=json")
    installed = {package["name"].lower() for package in json.loads(done.stdout)}
    assert "penchant" in installed
    assert not installed.intersection(HEAVY)


def test_the_language_server_checks_out(bare: Path) -> None:
    done = _run(bare / "penchant", "lsp", "--check")
    assert done.returncode == 0, done.stderr
    assert isinstance(json.loads(done.stdout), dict)


def test_help_lists_no_dead_command(bare: Path) -> None:
    done = _run(bare / "penchant", "--help")
    listed = {
        line.split()[0] for line in done.stdout.partition("Commands:")[2].splitlines() if line
    }
    assert listed == {"adapters", "config", "consent", "doctor", "lsp", "rate", "signals"}
    for name in listed:
        done = _run(bare / "penchant", name, "--help")
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "extra"), [("serve", "server"), ("up", "server"), ("train", "trainer")]
)
def test_other_commands_say_what_to_install(bare: Path, name: str, extra: str) -> None:
    done = _run(bare / "penchant", name)
    assert done.returncode == 2
    assert done.stderr.startswith("penchant: ")
    assert done.stderr.endswith(f"pip install 'penchant[{extra}]'\n")


def test_importing_the_language_server_loads_nothing_heavy(bare: Path) -> None:
    script = (
        "import sys, penchant_lsp.server; print(sorted({'torch', 'fastapi'} & set(sys.modules)))"
    )
    assert _run(bare / "python", "-c", script).stdout.strip() == "[]"


def test_core_works(bare: Path) -> None:
    done = _run(bare / "penchant", "doctor", "--json")
    found = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert found["settings"]["ok"]
    assert found["server"]["optional"]
    assert found["server"]["remedy"] == "pip install 'penchant[server]'"
    assert found["trainer"]["remedy"] == "pip install 'penchant[trainer]'"
    assert _run(bare / "penchant", "signals", "stats", "--json").returncode == 0
    done = _run(bare / "penchant", "adapters", "list")
    assert "No adapters yet" in done.stdout, done.stderr
