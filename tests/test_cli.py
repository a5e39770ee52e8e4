"""The command line as a whole: what it says of mistakes, and with which exit code."""

import errno
import os
from pathlib import Path

import click
import pytest

from ldnkg import cli
from ldnkg.cli.build import build_release
from ldnkg.errors import BuildFailed


def failed(monkeypatch: pytest.MonkeyPatch, fault: Exception) -> int:
    """The exit code of a command that ends so."""

    def command(**_: object) -> None:
        raise fault

    monkeypatch.setattr(cli.commands, "main", command)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/tmp/work"), "ldnkg: /tmp/work: No space left"),
        (PermissionError(errno.EACCES, os.strerror(errno.EACCES)), "ldnkg: The system: Permission denied."),
    ],
)
def test_what_the_system_refuses_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fault: OSError, says: str
) -> None:
    assert failed(monkeypatch, fault) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(says)


def test_releases_are_not_built_among_the_sources(lights: Path) -> None:
    with pytest.raises(BuildFailed, match="--releases"):
        build_release(lights, lights / "graph" / "releases", "https://lights.example/")
    assert not (lights / "graph" / "releases").exists()
    assert build_release(lights, lights / "releases", "https://lights.example/").id


def test_a_command_that_is_mistaken_for_another_is_suggested() -> None:
    context = click.Context(cli.commands)
    with pytest.raises(click.UsageError, match="mean 'releases'"):
        cli.commands.get_command(context, "release")
    assert cli.commands.get_command(context, "xyzzy") is None


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_each_command_tells_its_options_with_their_variables(name: str) -> None:
    command = cli.commands.get_command(click.Context(cli.commands), name)
    assert command
    for option in (each for each in command.params if isinstance(each, click.Option)):
        assert option.show_envvar == bool(option.envvar), option.name
        assert option.help or option.name == "suffix"
