"""The command: what it lists, what it says, how it ends, and what is not installed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner, Result

from penchant_core import __version__, cli, extras
from penchant_core.errors import ConfigError, PenchantError


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, list(arguments))


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, click.Command]]:
    """Commands of a module of our own: ``planted["boom"] = click.Command(...)``."""
    commands: dict[str, click.Command] = {}
    module = ModuleType("penchant_planted")
    monkeypatch.setitem(sys.modules, "penchant_planted", module)
    real = cli._entry_points()

    def entry_points() -> dict[str, metadata.EntryPoint]:
        for name, command in commands.items():
            setattr(module, name, command)
        ours = {
            name: metadata.EntryPoint(name, f"penchant_planted:{name}", cli.COMMANDS)
            for name in commands
        }
        return {**real, **ours}

    monkeypatch.setattr(cli, "_entry_points", entry_points)
    yield commands


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if no extra were installed."""
    monkeypatch.setattr(cli, "missing", lambda extra: ("torch",))


def test_version() -> None:
    assert _run("--version").output == f"penchant {__version__}\n"


def test_help_lists_core_with_one_line_each(home: Path) -> None:
    output = _run("--help").output
    for name in ("adapters", "config", "consent", "doctor", "signals"):
        assert f"  {name} " in output


@pytest.mark.usefixtures("bare", "home")
def test_a_command_whose_extra_is_missing_is_not_listed_and_says_how_to_install() -> None:
    listed = _run("--help").output
    assert "  serve " not in listed
    assert "  train " not in listed
    for name, extra in (("serve", "server"), ("up", "server"), ("train", "trainer")):
        result = _run(name, "--anything")
        assert result.exit_code == 2
        assert result.stderr.endswith(f"pip install 'penchant[{extra}]'\n")
        assert result.stderr.startswith("penchant: ")
        assert result.stderr.count("\n") == 1


def test_a_third_party_module_missing_while_it_runs(planted: dict[str, click.Command]) -> None:
    def absent() -> None:
        import a_package_nobody_has  # type: ignore[import-not-found]  # noqa: F401

    planted["absent"] = click.Command("absent", callback=absent)
    result = _run("absent")
    assert isinstance(result.exception, ModuleNotFoundError)  # base install: a bug, shown as one


@pytest.mark.parametrize(
    ("error", "code"), [(PenchantError("no luck"), 1), (ConfigError("bad"), 2)]
)
def test_errors_become_one_line(
    planted: dict[str, click.Command], error: PenchantError, code: int
) -> None:
    def fail() -> None:
        raise error

    planted["fail"] = click.Command("fail", callback=fail)
    result = _run("fail")
    assert (result.exit_code, result.stderr, result.stdout) == (code, f"penchant: {error}\n", "")


def test_interrupted(planted: dict[str, click.Command]) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    planted["interrupt"] = click.Command("interrupt", callback=interrupt)
    assert _run("interrupt").exit_code == 130


def test_unknown_commands_and_options() -> None:
    for arguments in (["nonsense"], ["--nonsense"], ["config", "nonsense"]):
        result = _run(*arguments)
        assert result.exit_code == 2
        assert "Traceback" not in result.output


def _process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "penchant_core.cli", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )


def test_as_a_module(home: Path) -> None:
    done = _process("config", "path")
    assert done.stdout.strip() == str(home / "config" / "config.toml")
    done = _process("config", "check", PENCHANT_GATEWAY__PORT="x")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("penchant: gateway.port (environment)")
    assert done.stderr.count("\n") == 1


def test_ctrl_c_in_a_real_process(home: Path) -> None:
    """Waiting at a question, as on a terminal."""
    controller, terminal = os.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "penchant_core.cli", "consent", "set", "local"],
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    os.close(terminal)
    assert child.stdout is not None
    seen = b""
    while b"[y/N]" not in seen:
        seen += os.read(child.stdout.fileno(), 4096)
    _await_sleep(child.pid)
    child.send_signal(signal.SIGINT)
    seen += child.stdout.read()
    assert child.wait() == 130
    assert b"Traceback" not in seen
    child.stdout.close()
    os.close(controller)
    assert not (home / "data" / "consent.jsonl").exists()


def _await_sleep(pid: int) -> None:
    """Wait until the process blocks: a signal just before its read would be kept until it ends."""
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "S":
        time.sleep(0.01)


def test_help_imports_nothing_heavy(home: Path) -> None:
    script = (
        "import sys\nfrom penchant_core.cli import main\n"
        "main(['--help'], standalone_mode=False)\n"
        "print('HEAVY', sorted({'torch', 'transformers', 'peft', 'trl'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "HEAVY []" in done.stdout


def test_extras_are_read_from_the_package_itself() -> None:
    assert extras.extra_of("penchant_server.cli") == "server"
    assert extras.extra_of("penchant_trainer.demo.cli") == "trainer"
    assert extras.extra_of("penchant_core.commands.config") is None
    assert extras.extra_of("penchant_lsp.cli") is None
    assert extras.missing("no such extra") == ()
    assert "vllm" in extras._extras()
    assert {"fastapi", "torch"} <= set(extras._extras()["server"])
