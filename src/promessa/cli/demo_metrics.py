"""Where the time goes inside the server: quantiles of its Prometheus histograms."""

from __future__ import annotations

import re

HISTOGRAMS = {
    "server": ("promessa_call_seconds", 'method="/promessa.v1.SourcingService/SourceAndReserve"'),
    "kernel": ("promessa_decision_seconds", ""),
    "store": ("promessa_store_seconds", ""),
}
"""One sourced order in the server, one decision in the kernel, one call of the store."""


def latency_split(metrics: dict[str, float]) -> dict[str, dict[str, float]]:
    """Mean, p50 and p99 in milliseconds by part; quantiles are as fine as the buckets, linear within one."""
    return {part: _summary(metrics, name, labels) for part, (name, labels) in HISTOGRAMS.items()}


def _summary(metrics: dict[str, float], name: str, labels: str) -> dict[str, float]:
    in_braces = f"{{{labels}}}" if labels else ""
    count = metrics.get(f"{name}_count{in_braces}", 0.0)
    mean = metrics.get(f"{name}_sum{in_braces}", 0.0) / count if count else 0.0
    buckets = _buckets(metrics, name, labels)
    found = {"mean": mean, "p50": _quantile(buckets, 0.5), "p99": _quantile(buckets, 0.99)}
    return {key: round(1000 * value, 3) for key, value in found.items()}


def _buckets(metrics: dict[str, float], name: str, labels: str) -> list[tuple[float, float]]:
    """Upper bounds and cumulative counts, ascending."""
    found = []
    for key, count in metrics.items():
        bound = re.search(r'le="([^"]+)"', key)
        if bound and key.startswith(f"{name}_bucket{{") and labels in key:
            found.append((float(bound[1]), count))
    return sorted(found)


def _quantile(buckets: list[tuple[float, float]], share: float) -> float:
    if not buckets or buckets[-1][1] == 0:
        return 0.0
    wanted = share * buckets[-1][1]
    low, below = 0.0, 0.0
    for bound, count in buckets:
        if count >= wanted:
            if bound == float("inf"):
                return low
            return low + (bound - low) * (wanted - below) / max(count - below, 1e-12)
        low, below = bound, count
    return low
