"""Take from this process what evaluating a query does not need: network, programs, memory, writing.

The guard refuses SERVICE by name; here the kernel refuses what SERVICE would have to do. What may be read is
up to `landlock`.
"""

import ctypes
import platform
import resource
import struct
import sys
from collections.abc import Mapping
from pathlib import Path

_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _FILTER_MODE = 22, 38, 2
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050001  # the latter: errno EPERM
_X32 = 0x40000000  # system calls of x86-64's other convention begin here

_CALLS = {  # by their numbers on x86-64 and on 64-bit ARM
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "socketpair": (53, 199),
    "io_uring_setup": (425, 425),  # would do the same unseen
    "execve": (59, 221),
    "execveat": (322, 281),
    "kill": (62, 129),
    "tkill": (200, 130),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "mount": (165, 40),
    "unshare": (272, 97),
    "setns": (308, 268),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
}
_TO_CONNECT = ("socket", "connect", "socketpair")
_PROCESSORS = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_KEPT = ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TZ")


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What a worker needs of its parent's environment: where the program is, and no secret.

    >>> environment({"PYTHONPATH": "server", "API_KEY": "1234"})
    {'PYTHONPATH': 'server'}
    """
    return {name: environ[name] for name in _KEPT if name in environ}


def without_network(*, but_connect: bool = False) -> bool:
    """Have the kernel refuse this process sockets, other programs and other processes, for good (seccomp).

    With `but_connect` it may connect; whereto is up to `landlock`.

    To be called before other threads start. Returns whether the kernel does so: elsewhere than on Linux, or
    on a processor not listed here, it cannot be asked.
    """
    if sys.platform != "linux" or platform.machine() not in _PROCESSORS:
        return False
    architecture, column = _PROCESSORS[platform.machine()]
    program = _filter(architecture, _refused(column, _TO_CONNECT if but_connect else ()))
    text = ctypes.create_string_buffer(program)
    header = struct.pack("HP", len(program) // 8, ctypes.addressof(text))
    libc = ctypes.CDLL(None, use_errno=True)
    failed: int = libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    failed = failed or libc.prctl(_PR_SET_SECCOMP, _FILTER_MODE, ctypes.create_string_buffer(header), 0, 0)
    return failed == 0


def with_memory(more: int) -> None:
    """Limit this process to what it holds now and `more` bytes; it can write no file, and no core dump."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    held = Path("/proc/self/statm")
    if held.exists():
        most = int(held.read_text().split()[0]) * resource.getpagesize() + more
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _refused(column: int, kept: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(numbers[column] for name, numbers in _CALLS.items() if name not in kept)


def _filter(architecture: int, calls: tuple[int, ...]) -> bytes:
    """A classic BPF program (seccomp(2)): other architecture or listed call → refuse, else allow."""
    tests = [(_IF_EQUAL, call) for call in calls] + [(_IF_AT_LEAST, _X32)]
    last = len(tests)  # tests jump forwards to the last instruction, past the one that allows
    return b"".join(
        [
            _instruction(_LOAD, 4),
            _instruction(_IF_EQUAL, architecture, otherwise=last + 2),
            _instruction(_LOAD, 0),
            *(_instruction(code, value, then=last - at) for at, (code, value) in enumerate(tests)),
            _instruction(_RETURN, _ALLOW),
            _instruction(_RETURN, _REFUSE),
        ]
    )


def _instruction(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("=HBBI", code, then, otherwise, value)
