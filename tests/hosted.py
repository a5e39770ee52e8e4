"""Real file hosts with an export on them, as Debian packages them: on a free port, without root's help."""

import http.client
import os
import resource
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.processes import free_port

from ldnkg.cli import commands

NGINX = """\
load_module /usr/lib/nginx/modules/ngx_http_js_module.so;
worker_processes 1;
daemon off;
master_process off;
pid {work}/pid;
error_log {work}/error.log warn;
events {{ worker_connections 64; }}
http {{
    access_log off;
    log_not_found off;
    client_body_temp_path {work}/body;
    proxy_temp_path {work}/proxy;
    fastcgi_temp_path {work}/fastcgi;
    uwsgi_temp_path {work}/uwsgi;
    scgi_temp_path {work}/scgi;
    {servers}
}}
"""
PLAIN = "server {{ listen 127.0.0.1:{port}; include {export}/.hosting/nginx.conf; }}"
CACHED = """
    proxy_cache_path {work}/cache levels=1:2 keys_zone=ldnkg:16m max_size=2g inactive=30d use_temp_path=off;
    upstream ldnkg_files {{ server unix:{work}/sock; keepalive 16; }}
    map $status $ldnkg_kept_link {{ 304 ""; 412 ""; default $upstream_http_link; }}
    server {{ listen unix:{work}/sock; include {export}/.hosting/nginx.conf; }}
    server {{
        listen 127.0.0.1:{port}; open_file_cache max=256;
        include {export}/.hosting/nginx-cached.conf;
    }}
"""
"""The servers of an nginx with an export, as its README tells: by the script, and with a memory before it."""

APACHE = """\
ServerRoot {work}
ServerName localhost
PidFile {work}/pid
ErrorLog {work}/error.log
LogLevel warn
TypesConfig /dev/null
Listen 127.0.0.1:{port}
{modules}
DocumentRoot {work}/empty
Alias {mount}/ {export}/
<Directory {export}>
    AllowOverride FileInfo Indexes Options=MultiViews,Indexes
    Require all granted
</Directory>
"""
CADDY = """\
{{
    admin off
    auto_https off
}}

http://127.0.0.1:{port} {{
    import {export}/.hosting/Caddyfile
}}
"""
MODULES = "mpm_event authz_core alias dir mime negotiation rewrite headers deflate filter".split()


@dataclass(frozen=True)
class Reply:
    """What a host answered: the body as it came over the wire; of a field sent twice all values, joined."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Host:
    """A host on a port of this machine, asked over one connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)

    def ask(self, target: str, method: str = "GET", **headers: str | tuple[str, ...]) -> Reply:
        """The answer to a target, sent just as it is spelt.

        `If_None_Match` is If-None-Match; of several values each has a line of its own.
        """
        self._connection.putrequest(method, target, skip_accept_encoding=True)
        for name, value in headers.items():
            for line in (value,) if isinstance(value, str) else value:
                self._connection.putheader(name.replace("_", "-"), line)
        self._connection.endheaders()
        response = self._connection.getresponse()
        fields: dict[str, str] = {}
        for name, value in response.getheaders():
            fields[name.title()] = f"{fields[name.title()]}, {value}" if name.title() in fields else value
        return Reply(response.status, fields, response.read())

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def export(releases: Path, folder: Path, *options: str) -> Path:
    """The folder with the export of the current release, made by the command."""
    commands.main(["export", str(folder), "--releases", str(releases), *options], standalone_mode=False)
    return folder


def configuration(exported: Path, work: Path, port: int, servers: str = PLAIN) -> str:
    """That of an nginx with an export."""
    return NGINX.format(work=work, servers=servers.format(work=work, port=port, export=exported))


@contextmanager
def nginx(
    exported: Path, work: Path, port: int | None = None, servers: str = PLAIN, files: int | None = None
) -> Iterator[Host]:
    """Debian's nginx with its JavaScript module; `files` are so many as it may have open."""
    port = port or free_port()
    work.mkdir()
    (work / "nginx.conf").write_text(configuration(exported, work, port, servers), encoding="utf-8")
    command = ["nginx", "-c", str(work / "nginx.conf"), "-e", str(work / "error.log")]
    with _running(command, port, files) as host:
        yield host
    said = (work / "error.log").read_text(encoding="utf-8")
    assert not said, said


@contextmanager
def apache(exported: Path, work: Path, mount: str = "") -> Iterator[Host]:
    """Debian's Apache, which reads the `.htaccess` of the export."""
    port = free_port()
    (work / "empty").mkdir(parents=True)
    modules = "\n".join(
        f"LoadModule {each}_module /usr/lib/apache2/modules/mod_{each}.so" for each in MODULES
    )
    said = APACHE.format(work=work, port=port, export=exported, mount=mount, modules=modules)
    (work / "apache.conf").write_text(said, encoding="utf-8")
    command = ["apache2", "-f", str(work / "apache.conf"), "-DFOREGROUND"]
    with _running(command, port, APACHE_RUN_DIR=str(work)) as host:
        yield host


@contextmanager
def caddy(exported: Path, work: Path) -> Iterator[Host]:
    """Debian's Caddy."""
    port = free_port()
    work.mkdir()
    (work / "Caddyfile").write_text(CADDY.format(port=port, export=exported), encoding="utf-8")
    command = ["caddy", "run", "--config", str(work / "Caddyfile"), "--adapter", "caddyfile"]
    with _running(command, port, HOME=str(work), XDG_DATA_HOME=str(work), XDG_CONFIG_HOME=str(work)) as host:
        yield host


@contextmanager
def _running(command: list[str], port: int, files: int | None = None, **environment: str) -> Iterator[Host]:
    """The program while the block runs, listening."""
    program = shutil.which(command[0], path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    assert program, f"install {command[0]}: the export is served with it"
    process = subprocess.Popen(
        [program, *command[1:]],
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    if files:
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (files, files))
    try:
        _wait(process, port)
        with closing(Host(port)) as host:
            yield host
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    for _ in range(400):
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            raise AssertionError((process.stderr.read() if process.stderr else b"").decode())
        time.sleep(0.05)
    raise AssertionError("the host does not listen")
