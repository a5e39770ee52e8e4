"""The command line: one module a command, all with the same options for where things are."""

import sys
from difflib import get_close_matches
from importlib import import_module

import click

from ldnkg import __version__
from ldnkg.errors import BadSources, KnowledgeError

COMMANDS = ("check", "format", "build", "serve", "query", "releases", "export", "load")


class Commands(click.Group):
    """Finds `ldnkg NAME` in the module `ldnkg.cli.NAME`, so that a command loads only what it needs."""

    def list_commands(self, context: click.Context) -> list[str]:
        """The commands in the order of a newcomer's day."""
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command of that name; None where there is none, unless there is one like it (UsageError)."""
        if name not in COMMANDS:
            if near := get_close_matches(name, COMMANDS):
                raise click.UsageError(f"No such command {name!r}. Did you mean {near[0]!r}?", context)
            return None
        command: click.Command = import_module(f"ldnkg.cli.{name}").command
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ldnkg")
def commands() -> None:
    """Check, build and serve a knowledge graph: a folder with ontology/, shapes/ and graph/."""


def main() -> None:
    """Run the command line; a fault of ours or the user's is one sentence on stderr, never a traceback."""
    try:
        commands.main(standalone_mode=False)
    except click.exceptions.Exit as exit_:
        sys.exit(exit_.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as fault:
        fault.show()
        sys.exit(fault.exit_code)
    except BadSources as fault:
        click.echo(f"ldnkg: {fault}", err=True)
        sys.exit(1)
    except KnowledgeError as fault:
        click.echo(f"ldnkg: {fault}", err=True)
        sys.exit(2)
    except OSError as fault:  # a disk that is full, a file of somebody else
        click.echo(f"ldnkg: {fault.filename or 'The system'}: {fault.strerror or fault}.", err=True)
        sys.exit(2)


__all__ = ["commands", "main"]
