"""Take from this process every file but those that it has to read (Landlock, Linux 5.13 or newer).

Files that are open stay open. Where the kernel knows more of it, ports, signals to other processes and
abstract sockets go too. Processes that are so confined cannot look into others (ptrace, `/proc`) either.
"""

import ctypes
import os
import struct
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on every processor
_VERSION, _PATH_BENEATH, _NET_PORT = 1, 1, 2
_NO_NEW_PRIVS = 38
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_FILES = ((1, 13), (2, 14), (3, 15), (5, 16))  # from this version on there are so many rights to files
_PORTS = (4, 0b11)  # bind, connect
_CONNECT = 0b10
_SCOPES = (6, 0b11)  # abstract sockets, signals


def version() -> int:
    """The version of Landlock that the kernel has; 0 for none."""
    if not sys.platform.startswith("linux"):
        return 0
    found: int = _call(_CREATE, None, 0, _VERSION)
    return max(found, 0)


def own_files() -> list[Path]:
    """What Python reads when a module is imported late, and what the system tells of this process alone."""
    kept = (sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    return [Path(__file__).parents[1], *map(Path, kept), Path("/proc/self")]


def name_files() -> list[Path]:
    """What the system reads to find the address of a name, and to know whose certificates are trusted."""
    named = ("resolv.conf", "hosts", "nsswitch.conf", "host.conf", "gai.conf", "services", "ssl")
    return [path.resolve() for name in named if (path := Path("/etc", name)).exists()]


def read_only(paths: Iterable[Path], ports: Iterable[int] = ()) -> bool:
    """Let this process, for good, read these files, and those below these folders, and open nothing else.

    It may connect to these ports, whatever the machine, and to no other (TCP; Linux 6.7 or newer).

    To be called before other threads start. Returns whether the kernel sees to it: without Landlock, or when
    a container forbids it, it does not.
    """
    known = version()
    if not known:
        return False
    rules: int = _call(_CREATE, attributes := _attributes(known), len(attributes), 0)
    if rules < 0:
        return False
    try:
        for path in paths:
            if path.exists():
                _allow(rules, path)
        if known >= _PORTS[0]:
            for port in ports:
                _call(_ADD, rules, _NET_PORT, struct.pack("=QQ", _CONNECT, port), 0)
        ctypes.CDLL(None).prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
        return _call(_RESTRICT, rules, 0) == 0
    finally:
        os.close(rules)


def _attributes(known: int) -> bytes:
    """A `landlock_ruleset_attr`: all that this version can take."""
    bits = max(bits for since, bits in _FILES if known >= since)
    ports = _PORTS[1] if known >= _PORTS[0] else 0
    scopes = _SCOPES[1] if known >= _SCOPES[0] else 0
    whole = struct.pack("=QQQ", (1 << bits) - 1, ports, scopes)
    return whole[: 24 if scopes else 16 if ports else 8]


def _allow(rules: int, path: Path) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rights = _READ_FILE | (_READ_FOLDER if path.is_dir() else 0)
        beneath = struct.pack("=Qi", rights, descriptor)
        _call(_ADD, rules, _PATH_BENEATH, beneath, 0)
    finally:
        os.close(descriptor)


def _call(number: int, *arguments: int | bytes | None) -> int:
    """A system call that the C library has no name for; -1 when it fails."""
    libc = ctypes.CDLL(None, use_errno=True)
    given = (ctypes.c_long(each) if isinstance(each, int) else each for each in arguments)
    found: int = libc.syscall(ctypes.c_long(number), *given)
    return found
