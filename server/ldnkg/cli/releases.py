"""`ldnkg releases`: which releases are kept, whether they are whole, which is current, and their removal."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from ldnkg.cli import options
from ldnkg.places import releases_root
from ldnkg.release.keeping import Checked, Kept, check, kept, remove, switch

_UNITS = ("bytes", "kB", "MB", "GB", "TB")

_releases = click.option(
    "--releases",
    type=options.FOLDER,
    help="Folder for releases. [default: that of `ldnkg releases --releases`]",
)


@click.group(
    "releases", invoke_without_command=True, short_help="List, check, change and remove what is kept."
)
@options.releases
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    metavar="N",
    help="Remove all but the N newest; the current one is always among these.",
)
@click.pass_context
def command(context: click.Context, releases: Path | None, keep: int | None) -> None:
    """List the releases that are kept, the newest first; check them, change to another, or remove some.

    \b
    ldnkg releases
    ldnkg releases check
    ldnkg releases switch ID
    ldnkg releases --keep 5

    A line says since when a release was current, its id, the version of its data and its size. What the site
    does not show was built for another base, or by another version of this program, or was never current.

    Exit code 0: it is done. 2: it could not be done.
    """
    folder = releases_root(releases)
    context.obj = folder
    if context.invoked_subcommand:
        if keep is not None:
            raise click.UsageError(f"--keep and {context.invoked_subcommand} are two commands: give one.")
        return
    found = kept(folder)
    if keep is None:
        for each in found:
            click.echo(_line(each))
        _warn_without_current(found)
    else:
        rest = sorted(found, key=lambda each: not each.is_current)[keep:]
        remove(folder, [each.id for each in rest])
        _tell(rest)


@command.command("check", short_help="Read every file, and tell what is damaged.")
@click.argument("ids", metavar="[ID]...", nargs=-1)
@options.store
@_releases
@click.pass_obj
def check_some(folder: Path, ids: Sequence[str], store: str | None, releases: Path | None) -> None:
    """Read every file of all releases, or of those named, and compare it with its manifest.

    A file has to have the size and the SHA-256 that the manifest says, and a database has to be readable.
    Nothing is written, so a server may go on, and the folder may be read-only.

    Exit code 0: all are whole. 1: one is damaged, or none is current. 2: the check could not run.
    """
    with options.progress("Reading") as progress:
        found = check(releases or folder, ids, elsewhere=store is not None, progress=progress)
    for each in found:
        click.echo("\n".join(_report(each)))
    if _warn_without_current([] if ids else found) or any(each.faults for each in found):
        sys.exit(1)


@command.command("switch")
@click.argument("id_", metavar="ID")
@click.option(
    "--base",
    envvar="LDNKG_BASE",
    show_envvar=True,
    metavar="URL",
    help="Base that the release has to have. [default: that of the current one]",
)
@options.store
@_releases
@click.pass_obj
def switch_to(folder: Path, id_: str, base: str | None, store: str | None, releases: Path | None) -> None:
    """Make a release that is kept the current one: to go back, or forward again.

    All its files are read first, as by `check`. `current` is changed in one step and the journal tells of it,
    as when a build ends, so servers follow without a restart. A release that is damaged, or was made for
    another base or by another version of this program, is refused.

    Exit code 0: it is current. 2: it is not, and the current release is as it was.
    """
    wanted = options.checked_base(base) if base else None
    with options.progress("Reading") as progress:
        release, before = switch(
            releases or folder, id_, wanted, elsewhere=store is not None, progress=progress
        )
    if before == release.id:
        click.echo(f"Release {release.id} is the current one already.")
        return
    version = f", version {release.manifest['version']}," if release.manifest["version"] else ""
    back = f" The one before it was {before}." if before else ""
    click.echo(f"Release {release.id}{version} is current now, at {release.manifest['base']}.{back}")


@command.command("remove")
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@_releases
@click.pass_obj
def remove_some(folder: Path, ids: Sequence[str], releases: Path | None) -> None:
    """Remove releases by their ids, never the current one."""
    known = {each.id: each for each in kept(releases or folder)}
    chosen = list(dict.fromkeys(ids))
    remove(releases or folder, chosen)
    _tell([known[each] for each in chosen])


def _warn_without_current(found: Sequence[Kept | Checked]) -> bool:
    """Say so if none of these releases is current; whether it did."""
    without = bool(found) and not any(each.is_current for each in found)
    if without:
        click.echo(
            "No release here is current, so none can be served: choose one with `ldnkg releases switch ID`, "
            "or make one with `ldnkg build`.",
            err=True,
        )
    return without


def _tell(removed: Sequence[Kept]) -> None:
    if not removed:
        click.echo("Nothing was removed: no more releases are kept than that.")
        return
    count = "1 release" if len(removed) == 1 else f"{len(removed):,} releases"
    names, size = ", ".join(each.id for each in removed), _size(sum(each.bytes for each in removed))
    click.echo(f"Removed {count}, {size}: {names}.")


def _line(each: Kept) -> str:
    mark = ", ".join(filter(None, ("current" if each.is_current else "", each.hidden)))
    time = f"{each.time.replace('T', ' ').removesuffix('+00:00')} UTC" if each.time else "-"
    return f"{time:<23}  {each.id}  {each.version or '-':<10}  {_size(each.bytes):>9}  {mark}".rstrip()


def _report(found: Checked) -> list[str]:
    """What the check of a release has found: a line for it, one for each damaged file, and what to do."""
    name = f"{found.id} (current)" if found.is_current else found.id
    older = ", made by another version of this program" if found.is_foreign else ""
    if not found.faults:
        return [f"{name}: whole, {found.files:,} files{older}."]
    if found.is_current:
        mend = (
            "copy its folder again, make it anew (`ldnkg build`), or change to another "
            "(`ldnkg releases switch ID`)"
        )
    else:
        mend = f"copy its folder again, or remove it (`ldnkg releases remove {found.id}`)"
    lines = (f"  {each.name} {each.why}" for each in found.faults)
    return [f"{name}: damaged{older}.", *lines, f"  To mend it, {mend}."]


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
