"""Metric names and buckets, all in one place. Workers share them through prometheus_client's multiprocess mode."""

from __future__ import annotations

import os
from functools import partial

from prometheus_client import Counter, Gauge, Histogram, values

if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
    # A worker never forks, so its number need not be asked for at every count: a system call each.
    values.ValueClass = values.MultiProcessValue(partial(int, os.getpid()))  # type: ignore[no-untyped-call]

CALLS = Counter("promessa_calls_total", "Calls ended, by method and status code.", ("method", "code"))
SECONDS = Histogram(
    "promessa_call_seconds",
    "Time from a call's first to its last line in the server, by method.",
    ("method",),
    buckets=(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0),
)
CHANGES = Counter("promessa_changes_total", "Changes sent to the store; promessa_store_seconds_count is their calls.")
DECISION_SECONDS = Histogram(
    "promessa_decision_seconds",
    "Time of one sourcing decision in the kernel.",
    buckets=(0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01),
)
STORE_SECONDS = Histogram(
    "promessa_store_seconds",
    "Time of one call of the store for changes, fsync included.",
    buckets=(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0),
)
OVERDUE = Gauge(
    "promessa_inbound_overdue",
    "Inbound whose day has passed and whose units are not there, by what happens to them.",
    ("action",),
    multiprocess_mode="livemax",
)
DEFICITS = Gauge(
    "promessa_supply_deficit_cells",
    "Cells that promise more than they have, because a feed lowered what is there.",
    multiprocess_mode="livemostrecent",
)
FEED_MESSAGES = Counter(
    "promessa_feed_messages_total", "Messages of deltas with a position, by what became of them.", ("outcome",)
)
STALENESS = Gauge("promessa_replica_staleness_seconds", "Age of the replica.", multiprocess_mode="livemax")
