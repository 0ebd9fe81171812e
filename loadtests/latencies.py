"""Every latency of a run, kept, and exact percentiles of them: no buckets, no samples."""

from __future__ import annotations

import json
from array import array
from collections.abc import Mapping
from pathlib import Path

import _paths  # noqa: F401
from harness import percentile

PERCENTS = (50.0, 90.0, 95.0, 99.0, 99.9)


class Latencies:
    """Milliseconds by the name of a call, and the failures beside them."""

    def __init__(self) -> None:
        self.by_name: dict[str, array[float]] = {}
        self.failures: dict[str, int] = {}

    def add(self, name: str, milliseconds: float) -> None:
        self.by_name.setdefault(name, array("d")).append(milliseconds)

    def fail(self, name: str) -> None:
        self.failures[name] = self.failures.get(name, 0) + 1

    def save(self, path: Path) -> None:
        content = {"by_name": {name: list(values) for name, values in self.by_name.items()}, "failures": self.failures}
        path.write_text(json.dumps(content), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Latencies:
        content = json.loads(path.read_text(encoding="utf-8"))
        found = cls()
        found.by_name = {name: array("d", values) for name, values in content["by_name"].items()}
        found.failures = content["failures"]
        return found

    def percentiles(self, name: str) -> Mapping[float, float]:
        """Milliseconds by percent, and the highest at 100. The name must have calls."""
        ordered = sorted(self.by_name[name])
        return {percent: percentile(ordered, percent) for percent in (*PERCENTS, 100.0)}
