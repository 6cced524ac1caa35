"""The documentation names every command, option, setting and default, and no other."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from penchant_core.cli import main
from penchant_core.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
ROOT = DOCS.parent


def _commands() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {sub}", found) for sub, found in command.commands.items())


COMMANDS = dict(_commands())


def _sections() -> dict[str, str]:
    text = (DOCS / "commands.md").read_text("utf-8")
    parts = re.split(r"^###? penchant (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_documented(name: str) -> None:
    section = _sections().get(name)
    assert section is not None, f"docs/commands.md has no section on `penchant {name}`"
    options = [p for p in COMMANDS[name].params if isinstance(p, click.Option)]
    for option in options:
        for flag in option.opts:
            assert re.search(rf"`[^`]*{flag}\b[^`]*`", section), (
                f"docs/commands.md does not describe {flag} of `penchant {name}`"
            )
    known = {flag for option in options for flag in (*option.opts, *option.secondary_opts)}
    table = "\n".join(line for line in section.splitlines() if line.startswith("| `"))
    ghosts = set(re.findall(r"^\| `(--[a-z-]+)", table, flags=re.MULTILINE)) - known
    assert not ghosts, f"docs/commands.md describes {ghosts}, which `penchant {name}` has not"


def test_no_command_is_documented_that_does_not_exist() -> None:
    assert not set(_sections()) - set(COMMANDS)


@pytest.mark.parametrize("section", list(Settings.model_fields))
def test_every_setting_is_documented_with_its_default(section: str) -> None:
    text = (DOCS / "configuration.md").read_text("utf-8")
    declared = Settings.model_fields[section].annotation.model_fields  # type: ignore[union-attr]
    rows = dict(re.findall(rf"^\| `({section}\.\w+)` \| (.+?) \| .+ \|$", text, flags=re.MULTILINE))
    assert set(rows) == {f"{section}.{key}" for key in declared}
    for key, info in declared.items():
        if (section, key) == ("developer", "name"):
            continue
        default = json.dumps(info.get_default(call_default_factory=True))
        assert rows[f"{section}.{key}"] == f"`{default}`", key


@pytest.mark.parametrize("name", ["README.md", "PRIVACY.md", "SECURITY.md", "docs/commands.md"])
def test_commands_in_the_prose_exist(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    groups = {n.split()[0] for n, c in COMMANDS.items() if isinstance(c, click.Group)}
    for call in re.findall(r"penchant ((?:[a-z]+)(?: [a-z]+)?)", _code(text)):
        first = call.split()[0]
        named = call if first in groups and call != first else first
        assert named in COMMANDS, f"{name} speaks of `penchant {call}`"


def _code(text: str) -> str:
    """What stands in code blocks and between back-ticks."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if "penchant " in line]
    shell = [
        line.split("#")[0]
        for line in lines
        if line.lstrip().startswith(("$ penchant ", "penchant "))
    ]
    spans = [span for span in re.findall(r"`([^`\n]+)`", rest) if span.startswith("penchant ")]
    return "\n".join([*shell, *spans])


@pytest.mark.parametrize(
    "name", ["README.md", "PRIVACY.md", "SECURITY.md", "docs/configuration.md"]
)
def test_links_between_pages_lead_somewhere(name: str) -> None:
    page = ROOT / name
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{name} links to {target}"
