"""`ldnkg serve`: the site, on this machine, from the release that is current."""

import errno
import multiprocessing
import os
import socket
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from click.core import ParameterSource

from ldnkg.cli import options
from ldnkg.errors import BadSources, BuildFailed, CannotServe, DamagedRelease, NoRelease
from ldnkg.iris import mount
from ldnkg.places import KINDS, releases_root, sources_root
from ldnkg.release import Release, alone_in, current


@click.command("serve", short_help="Publish the current release.")
@options.sources
@options.releases
@options.base
@options.store
@click.option(
    "--host",
    envvar="LDNKG_HOST",
    show_envvar=True,
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on.",
)
@click.option(
    "--port",
    envvar="LDNKG_PORT",
    show_envvar=True,
    type=click.IntRange(1, 65535),
    default=8000,
    show_default=True,
    help="Port.",
)
@click.option(
    "--workers",
    envvar="LDNKG_WORKERS",
    show_envvar=True,
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes that answer.",
)
@click.option(
    "--no-build", is_flag=True, help="Serve the release that is there, such as a copy on a read-only disk."
)
@click.option(
    "--release",
    "single",
    type=options.FOLDER,
    envvar="LDNKG_RELEASE",
    show_envvar=True,
    help="Serve this release alone: its folder, wherever that was copied or mounted.",
)
@click.option(
    "--access-log",
    envvar="LDNKG_ACCESS_LOG",
    show_envvar=True,
    type=click.Path(dir_okay=False, writable=True, allow_dash=True),
    help="File for a line of JSON about each answer; - is standard output.",
)
@click.pass_context
def command(
    context: click.Context,
    sources: Path | None,
    releases: Path | None,
    base: str | None,
    store: str | None,
    host: str,
    port: int,
    workers: int,
    no_build: bool,
    single: Path | None,
    access_log: str | None,
) -> None:
    """Serve the current release; build it first when there is none, it is damaged or the sources are newer.

    With --no-build or --release nothing is written. When another release becomes current, it is served from
    then on (`ldnkg build`, `ldnkg releases switch`). Without --base its IRIs begin with http://localhost and
    the port.

    Exit code 0: it was stopped. 1: the sources do not conform, and there is no former release. 2: it could
    not start.
    """
    where = _base(base, host, port)
    if single is not None:
        _refuse_beside_release(context)
    _claim(host, port)
    if store is not None:
        from ldnkg.endpoint import STORE, Address  # with a client that most have no use for

        Address.read(store, os.environ)  # a wrong one is known before a build
        os.environ[STORE] = store
    if access_log:
        os.environ["LDNKG_ACCESS_LOG"] = _writable(access_log)
    if single is not None:
        with TemporaryDirectory(prefix="ldnkg-") as own:
            release = _alone(Path(own), single, elsewhere=store is not None)
            if base is not None and where != release.manifest["base"]:
                raise click.UsageError(_other_base(release, single))
            _serve(release, Path(own), host, port, workers)
        return
    folder = releases_root(releases)
    if no_build:
        release = current(folder, elsewhere=store is not None)
    else:
        release = _fresh_release(sources, folder, where, elsewhere=store is not None)
    _serve(release, folder, host, port, workers)


def _refuse_beside_release(context: click.Context) -> None:
    """Raise click.UsageError for options that choose another release, or make one.

    What the environment says of them is meant for every command, and gives way.
    """
    asked = [
        f"--{name}"
        for name in ("sources", "releases")
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    if asked:
        raise click.UsageError(
            f"--release serves one finished release, so {' and '.join(asked)} would have no effect: leave "
            "out --release, to build from sources or to follow a folder of releases, or leave out the other.",
            context,
        )


def _alone(own: Path, folder: Path, *, elsewhere: bool) -> Release:
    """The release in a folder, alone in one of our own; raises NoRelease, for a folder of releases too."""
    if not (folder / "manifest.json").exists() and (folder / "current").exists():
        raise NoRelease(
            f"{folder} is a folder of releases and no release: serve what is current there with --releases, "
            f"or one of them alone with --release {folder / 'current'}."
        )
    return alone_in(own, folder, elsewhere=elsewhere)


def _other_base(release: Release, folder: Path) -> str:
    return (
        f"Release {release.id} in {folder} has the base {release.manifest['base']}, which stands in all of "
        "its IRIs and cannot be changed by --base (LDNKG_BASE): leave that out, or build a release with the "
        "other base (`ldnkg build --base URL`)."
    )


def _base(base: str | None, host: str, port: int) -> str:
    """The base asked for, or the one that follows from host and port; raises CannotServe for a bad one."""
    if base is None:
        name = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::", "::1") else host  # noqa: S104 - not bound
        return f"http://{f'[{name}]' if ':' in name else name}:{port}/"
    return options.checked_base(base)


def _claim(host: str, port: int) -> None:
    """Try the address, so that a taken one is known before a build; raises CannotServe."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except socket.gaierror as fault:
        raise CannotServe(f"{host} is no address of this machine: choose another with --host.") from fault
    except OSError as fault:
        raise CannotServe(_why_not(fault, host, port)) from fault


def _writable(log: str) -> str:
    """The log as the workers find it; raises CannotServe for a file that cannot be written."""
    if log == "-":
        return log
    try:
        with Path(log).open("a"):
            return str(Path(log).resolve())
    except OSError as fault:
        raise CannotServe(f"The access log {log} cannot be written: {fault.strerror}.") from fault


def _why_not(fault: OSError, host: str, port: int) -> str:
    if fault.errno == errno.EADDRINUSE:
        return f"Port {port} of {host} is in use: stop what listens there, or choose another with --port."
    if fault.errno in (errno.EACCES, errno.EPERM):
        return f"Listening on port {port} is not permitted: choose one above 1023 with --port."
    if fault.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this machine: choose another with --host."
    return f"Cannot listen on {host} port {port}: {fault.strerror}."


def _fresh_release(sources: Path | None, releases: Path, base: str, *, elsewhere: bool) -> Release:
    """The current release if it has this base and no source is newer; else a new one.

    `elsewhere`: an endpoint holds its graph. Sources that do not conform, and a disk that refuses a new
    release, leave the current one as it was: then it is served, with a warning.
    """
    try:
        release = current(releases, elsewhere=elsewhere)
    except NoRelease as fault:
        if isinstance(fault, DamagedRelease):
            click.echo(f"ldnkg: {fault} It is made anew now.", err=True)
        return _built(sources, releases, base, answered=elsewhere)
    if release.manifest["base"] == base and not _newer(sources, releases):
        return release
    try:
        return _built(sources, releases, base, answered=elsewhere)
    except (BadSources, BuildFailed) as fault:
        if release.manifest["base"] != base:
            raise
        click.echo(f"ldnkg: {fault} The former release is served.", err=True)
        return release


def _newer(sources: Path | None, releases: Path) -> bool:
    """Whether a file of the sources was written after `current` was last switched."""
    root = sources_root(sources)
    if not isinstance(root, Path):
        return False
    switched = (releases / "current").lstat().st_mtime
    files = (file for kind in KINDS for file in [root / kind, *(root / kind).rglob("*")])
    return any(file.stat().st_mtime > switched for file in files)


def _built(sources: Path | None, releases: Path, base: str, *, answered: bool) -> Release:
    """A new release; validation and its libraries are loaded only here."""
    from ldnkg.cli.build import build_release

    return build_release(sources, releases, base, answered=answered)


def _serve(release: Release, releases: Path, host: str, port: int, workers: int) -> None:
    """Listen until SIGTERM or SIGINT. Workers are new processes: a store may not be carried over a fork."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    os.environ["LDNKG_RELEASES"] = str(releases.resolve())
    multiprocessing.set_start_method("spawn", force=True)
    server = Granian(
        "ldnkg.cli.served:create_asgi",
        factory=True,
        interface=Interfaces.ASGINL,
        address=host,
        port=port,
        workers=workers,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level=LogLevels.error,
    )
    server.on_startup(lambda: click.echo(_greeting(release, host, port)))
    server.serve()


def _greeting(release: Release, host: str, port: int) -> str:
    """What a newcomer may try first."""
    base: str = release.manifest["base"]
    thing: str = release.manifest.get("start", base + "dataset")
    here = _base(None, host, port).rstrip("/") + mount(base) + "/"
    return (
        f"Serving release {release.id} at {here} Worth opening:\n"
        f"  {base}\n  {thing}\n  {base}sparql\n"
        f"  curl -L -H 'Accept: text/turtle' {thing}\nCtrl+C stops."
    )
