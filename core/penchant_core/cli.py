"""The command ``penchant``: a group whose sub-commands are found by entry point.

Each room registers its commands in the group ``penchant.commands``; a command's module is imported
when it is called or listed, and a room whose extra is not installed is not imported at all. Errors
of Penchant become one line on stderr and their exit code. Knows nothing of what a command does.
"""

from importlib import import_module, metadata
from typing import IO, Any

import click

from penchant_core import __version__
from penchant_core.errors import PenchantError
from penchant_core.extras import extra_of, install_hint, missing

COMMANDS = "penchant.commands"
INTERRUPTED = 130  # 128 + SIGINT, as shells report it


class Refusal(click.ClickException):
    """One line on stderr, ``penchant: message``, and an exit code."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # click's own subclasses do the same

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the line."""
        click.echo(f"penchant: {self.message}", file=file, err=file is None)


class Root(click.Group):
    """A group that loads a sub-command only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands that work in this installation."""
        return sorted(name for name in _entry_points() if self._command(name) is not None)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; raise Refusal, saying what to install, when its extra is missing."""
        if cmd_name not in _entry_points():
            return None
        command = self._command(cmd_name)
        if command is None and not ctx.resilient_parsing:
            raise _not_here(cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the sub-command and turn errors into lines."""
        try:
            return super().invoke(ctx)
        except PenchantError as error:
            raise Refusal(str(error), error.exit_code) from error
        except ModuleNotFoundError as error:
            extra = extra_of(_entry_points()[ctx.invoked_subcommand or ""].module)
            if extra is None or not _third_party(error):
                raise
            raise Refusal(_needs(ctx.invoked_subcommand or "", extra), 2) from error
        except (KeyboardInterrupt, click.Abort):
            click.echo("", err=True)
            raise click.exceptions.Exit(INTERRUPTED) from None

    @staticmethod
    def _command(name: str) -> click.Command | None:
        entry = _entry_points()[name]
        extra = extra_of(entry.module)
        if extra and missing(extra):
            return None
        try:
            found = getattr(import_module(entry.module), entry.attr)
        except ModuleNotFoundError as error:
            if _third_party(error) or entry.module.startswith(error.name or "\0"):
                return None
            raise
        return found if isinstance(found, click.Command) else None


def _entry_points() -> dict[str, metadata.EntryPoint]:
    return {entry.name: entry for entry in metadata.entry_points(group=COMMANDS)}


def _third_party(error: ModuleNotFoundError) -> bool:
    return not (error.name or "").startswith("penchant_")


def _needs(name: str, extra: str) -> str:
    return f"`penchant {name}` needs the {extra} extra: {install_hint(extra)}"


def _not_here(name: str) -> Refusal:
    extra = extra_of(_entry_points()[name].module)
    if extra and missing(extra):
        return Refusal(_needs(name, extra), 2)
    return Refusal(f"`penchant {name}` is missing from this installation; reinstall penchant", 1)


@click.group("penchant", cls=Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="penchant %(version)s")
def main() -> None:
    """Ghost text from a code model that learns from what you make of it, on your own machine."""


if __name__ == "__main__":
    main(prog_name="penchant")
