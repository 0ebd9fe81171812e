"""The Prometheus page of the whole server: what all workers counted, and what the supervisor knows about them.

Workers count in memory-mapped files of one directory (prometheus_client's multiprocess mode); the page adds them up.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from promessa.server.listen_port import port_error

ADDRESS = "127.0.0.1"


class Tended(Protocol):
    """A process that is restarted when it dies."""

    @property
    def name(self) -> str: ...

    @property
    def up(self) -> bool: ...

    @property
    def restart_count(self) -> int: ...


class MetricsPage:
    """http://127.0.0.1:port/metrics while it is open.

    `directory` is emptied: counters begin at zero with each start of the server. It belongs in shared memory, because a
    write to a mapped file on a disk waits for that disk's commits, and the store causes one with every change.
    """

    def __init__(self, *, port: int, directory: Path, tended: Callable[[], Iterable[Tended]]) -> None:
        """Raises PortError when the port is taken; `tended` is asked at every scrape."""
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(mode=0o700, parents=True)
        self.directory = directory
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=str(directory))  # type: ignore[no-untyped-call]
        registry.register(_ProcessCollector(tended))
        try:
            self._server, self._thread = start_http_server(port, addr=ADDRESS, registry=registry)
        except OSError as error:
            shutil.rmtree(directory, ignore_errors=True)
            raise port_error(ADDRESS, port, "PROMESSA_METRICS_PORT", error) from error

    def forget(self, pid: int) -> None:
        """Drop the present values (not the counts) of a process that died."""
        mark_process_dead(pid, path=str(self.directory))  # type: ignore[no-untyped-call]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        shutil.rmtree(self.directory, ignore_errors=True)


class _ProcessCollector(Collector):
    def __init__(self, tended: Callable[[], Iterable[Tended]]) -> None:
        self._tended = tended

    def collect(self) -> Iterable[Metric]:
        up = GaugeMetricFamily("promessa_process_up", "1 while the process runs and is ready.", labels=["process"])
        restarts = CounterMetricFamily(
            "promessa_process_restarts", "How often the process died and was started again.", labels=["process"]
        )
        for process in self._tended():
            up.add_metric([process.name], float(process.up))
            restarts.add_metric([process.name], process.restart_count)
        return [up, restarts]
