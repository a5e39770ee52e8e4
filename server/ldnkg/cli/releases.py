"""`ldnkg releases`: which releases are kept, and the removal of those that are not wanted any more."""

from collections.abc import Sequence
from pathlib import Path

import click

from ldnkg.cli import options
from ldnkg.places import releases_root
from ldnkg.release.keeping import Kept, kept, remove

_UNITS = ("bytes", "kB", "MB", "GB", "TB")


@click.group("releases", invoke_without_command=True)
@options.releases
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    metavar="N",
    help="Remove all but the N newest; the current one is always among these.",
)
@click.pass_context
def command(context: click.Context, releases: Path | None, keep: int | None) -> None:
    """List the releases that are kept, the newest first, or remove some.

    A line says since when a release was current, its id, the version of its data and its size. What the site
    does not show was built for another base, or by another version of this program.
    """
    folder = releases_root(releases)
    context.obj = folder
    if context.invoked_subcommand:
        return
    found = kept(folder)
    if keep is None:
        for each in found:
            click.echo(_line(each))
    else:
        rest = sorted(found, key=lambda each: not each.is_current)[keep:]
        remove(folder, [each.id for each in rest])
        _tell(rest)


@command.command("remove")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.pass_obj
def remove_some(folder: Path, ids: Sequence[str]) -> None:
    """Remove releases by their ids, never the current one."""
    known = {each.id: each for each in kept(folder)}
    chosen = list(dict.fromkeys(ids))
    remove(folder, chosen)
    _tell([known[each] for each in chosen])


def _tell(removed: Sequence[Kept]) -> None:
    if not removed:
        click.echo("Nothing was removed: no more releases are kept than that.")
        return
    count = "1 release" if len(removed) == 1 else f"{len(removed):,} releases"
    names, size = ", ".join(each.id for each in removed), _size(sum(each.bytes for each in removed))
    click.echo(f"Removed {count}, {size}: {names}.")


def _line(each: Kept) -> str:
    mark = "current" if each.is_current else "" if each.is_shown else f"not shown ({each.base})"
    time = each.time.replace("T", " ").removesuffix("+00:00")
    return f"{time} UTC  {each.id}  {each.version or '-':<10}  {_size(each.bytes):>9}  {mark}".rstrip()


def _size(number: float) -> str:
    """A number of bytes for people.

    >>> _size(999), _size(1_500_000)
    ('999 bytes', '1.5 MB')
    """
    for unit in _UNITS:
        if number < 1_000 or unit == _UNITS[-1]:
            break
        number /= 1_000
    return f"{number:.0f} {unit}" if unit == "bytes" else f"{number:.1f} {unit}"
