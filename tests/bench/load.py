"""Throughput: as many requests as some connections can make in some seconds, by `wrk`."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.figures import Figure
from bench.processes import processor_seconds
from bench.tools import Tools

CONNECTIONS = 16
_TELL = """\
done = function(summary, latency, requests)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format("told %d %d %d %d %d %d\\n", summary.requests, summary.duration, failed,
    latency:percentile(50), latency:percentile(95), latency:percentile(99)))
end
"""
_CYCLE = """\
local paths, next = {{}}, 0
for line in io.lines("{0}") do paths[#paths + 1] = line end
request = function()
  next = next % #paths + 1
  return wrk.format("GET", paths[next])
end
"""


@dataclass
class Rate:
    """What was measured of one kind of request, once a round; times of an answer in milliseconds.

    `processor` is the processor time that the server took for an answer, in microseconds: other work on the
    machine hardly changes it.
    """

    rate: Figure = field(default_factory=Figure)
    processor: Figure = field(default_factory=Figure)
    p50: Figure = field(default_factory=Figure)
    p95: Figure = field(default_factory=Figure)
    p99: Figure = field(default_factory=Figure)
    failed: int = 0

    @property
    def cells(self) -> list[str]:
        """Requests a second, processor time, p50, p95, p99, failures."""
        return [
            self.rate.text(",.0f"),
            self.processor.text(",.0f"),
            f"{self.p50.median:.2f}",
            f"{self.p95.median:.2f}",
            f"{self.p99.median:.2f}",
            str(self.failed),
        ]


HEAD = ["requests/s", "processor µs/request", "p50 ms", "p95 ms", "p99 ms", "failed"]


class Load:
    """The load generator."""

    def __init__(self, tools: Tools, folder: Path, seconds: float) -> None:
        self._program, self._environ = tools.debian("wrk", "wrk"), tools.libraries("wrk")
        self._folder, self._seconds = folder, seconds

    def run(
        self,
        rate: Rate,
        port: int,
        pid: int,
        path: str,
        headers: Mapping[str, str] | None = None,
        *,
        cycle: list[str] | None = None,
        connections: int = CONNECTIONS,
    ) -> None:
        """One round of requests for a path, or for those of `cycle` in turn."""
        script = self._folder / "load.lua"
        text = _TELL
        if cycle:
            (self._folder / "paths").write_text("\n".join(cycle) + "\n", encoding="utf-8")
            text += _CYCLE.format(self._folder / "paths")
        script.write_text(text, encoding="utf-8")
        command = [self._program, "-t1", f"-c{connections}", f"-d{max(1, round(self._seconds))}s"]
        command += ["--timeout", "30s", "-s", script]
        command += [f"-H{name}: {value}" for name, value in (headers or {}).items()]
        before = processor_seconds(pid)
        done = subprocess.run(
            [*map(str, command), f"http://127.0.0.1:{port}{path}"],
            env=self._environ,
            capture_output=True,
            text=True,
            check=True,
        )
        used = processor_seconds(pid) - before
        self._note(rate, done.stdout, used)

    def _note(self, rate: Rate, told: str, used: float) -> None:
        line = next(line for line in told.splitlines() if line.startswith("told "))
        requests, duration, failed, p50, p95, p99 = map(int, line.split()[1:])
        rate.failed += failed
        rate.rate.add(requests / duration * 1e6)
        rate.processor.add(used / max(1, requests) * 1e6)
        for figure, value in ((rate.p50, p50), (rate.p95, p95), (rate.p99, p99)):
            figure.add(value / 1000)
