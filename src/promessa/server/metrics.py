"""Metric names and buckets, all in one place. Workers share them through prometheus_client's multiprocess mode."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial

from prometheus_client import Counter, Gauge, Histogram, values

from promessa.service.shadowing import COUNTS

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
CONSUMER_LAG = Gauge(
    "promessa_consumer_lag_entries",
    "Entries of the event logs that a consumer has not done yet, and that are kept for it.",
    ("consumer",),
    multiprocess_mode="livemostrecent",
)
ARCHIVED_ROWS = Counter("promessa_archived_rows_total", "Rows written to the archive of the event log.")
DEAD_LETTERS = Gauge(
    "promessa_archive_dead_letters",
    "Entries of the event log that the archive could not read.",
    multiprocess_mode="livemostrecent",
)
FEED_MESSAGES = Counter(
    "promessa_feed_messages_total", "Messages of deltas with a position, by what became of them.", ("outcome",)
)
STALENESS = Gauge("promessa_replica_staleness_seconds", "Age of the replica.", multiprocess_mode="livemax")
SHADOW_ORDERS = Counter(
    "promessa_shadow_orders_total",
    "Orders that a policy in the shadow was to decide, by what came of it: orders it decided, and of these same, comparable, "
    "gained, lost; failed, dropped.",
    ("policy", "version", "what"),
)
SHADOW_DIFFERENCE = Gauge(
    "promessa_shadow_difference",
    "The sum of what a policy in the shadow would have done less what was done: cost and its terms in micros, shipments, "
    "arrival in ms, unserved in units.",
    ("policy", "version", "measure"),
    multiprocess_mode="sum",
)


def count_shadow(name: tuple[str, int], added: Mapping[str, int]) -> None:
    """Count what a version in the shadow did."""
    for what, amount in added.items():
        if what in COUNTS and amount:
            SHADOW_ORDERS.labels(*name, what).inc(amount)
        elif amount:
            SHADOW_DIFFERENCE.labels(*name, what).inc(amount)
