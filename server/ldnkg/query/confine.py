"""Take from this process what evaluating a query does not need: the network, other programs, memory, files.

The guard refuses SERVICE by name; here the kernel refuses what SERVICE would have to do.
"""

import ctypes
import platform
import resource
import struct
import sys
from pathlib import Path

_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _FILTER_MODE = 22, 38, 2
_LOAD, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050001  # the latter: errno EPERM
_X32 = 0x40000000  # system calls of x86-64's other convention begin here

# socket, connect, bind, socketpair · execve, execveat · ptrace, io_uring_setup
_CALLS = {
    "x86_64": (0xC000003E, (41, 42, 49, 53, 59, 322, 101, 425)),
    "aarch64": (0xC00000B7, (198, 203, 200, 199, 221, 281, 117, 425)),
}


def without_network() -> bool:
    """Have the kernel refuse this process sockets and other programs, for good (seccomp, Linux).

    To be called before other threads start. Returns whether the kernel does so: elsewhere than on Linux, or
    on a processor not listed here, it cannot be asked.
    """
    if sys.platform != "linux" or platform.machine() not in _CALLS:
        return False
    program = _filter(*_CALLS[platform.machine()])
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
