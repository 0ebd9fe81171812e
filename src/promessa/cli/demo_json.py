"""The demo's figures for machines."""

from __future__ import annotations

from dataclasses import asdict
from statistics import quantiles
from typing import Any

from promessa.cli.demo_books import Seen
from promessa.cli.demo_metrics import latency_split
from promessa.cli.demo_report import fine


def figures(seen: Seen, metrics: dict[str, float], *, elapsed_seconds: float) -> dict[str, Any]:
    """Everything the table tells, and a little more."""
    outcomes, flash = seen.outcomes, seen.flash
    return {
        "ok": fine(seen),
        "elapsed_seconds": round(elapsed_seconds, 2),
        "orders_seconds": round(seen.seconds, 2),
        "network": {
            "nodes": len(seen.chain.nodes),
            "skus": len(seen.chain.skus),
            "cells": len(seen.chain.stock),
            "lanes": len(seen.chain.lanes),
        },
        "orders": {
            "served": outcomes["RESERVE_OUTCOME_RESERVED"],
            "partial": outcomes["RESERVE_OUTCOME_PARTIALLY_RESERVED"],
            "refused": outcomes["RESERVE_OUTCOME_REFUSED"],
            "shipments": seen.shipments,
            "proven_optimal": seen.proven,
        },
        "cost": {
            "orders_compared": seen.compared,
            "promessa_micros": seen.compared_micros,
            "nearest_first_micros": seen.nearest_micros,
        },
        "client_ms": {method: _percentiles(waits) for method, waits in sorted(seen.waits_ms.items())},
        "server_ms": latency_split(metrics),
        "fed_items": seen.fed_items,
        "flash_sale": flash
        and {
            "units": flash.units,
            "attempts": flash.attempts,
            "won": flash.won,
            "refused": flash.lost,
            "back": flash.back,
        },
        "journeys": {
            "days": seen.journeys.days,
            "seconds": round(seen.journeys.seconds, 2),
            "steps": dict(sorted(seen.journeys.steps.items())),
            "refusals": dict(sorted(seen.journeys.refusals.items())),
            "overdue": seen.journeys.overdue,
            "too_late_to_cancel": seen.journeys.too_late_to_cancel,
            "exchanges_not_served": seen.journeys.exchanges_not_served,
            "exchanges_elsewhere": seen.journeys.elsewhere,
            "left_units": seen.journeys.left_units.total(),
            "left_micros": seen.journeys.left_micros,
            "returned_micros": seen.journeys.returned_micros,
            "commission_micros": seen.journeys.commission_micros,
            "exchange_difference_micros": seen.journeys.exchange_difference_micros,
            "returned_units": dict(sorted(seen.journeys.returned_units.items())),
        },
        "reports": None if seen.checks is None else [asdict(check) for check in seen.checks],
        "report_page": seen.page and str(seen.page),
        "audits": [
            {
                "ok": audit.ok,
                "cells": audit.cell_count,
                "reservations": audit.reservation_count,
                "events": audit.event_count,
                "violations": audit.violation_count,
            }
            for audit in seen.audits
        ],
        "oversold_units": seen.oversold_units,
    }


def _percentiles(waits_ms: list[float]) -> dict[str, float]:
    cuts = quantiles(waits_ms, n=100) if len(waits_ms) > 1 else waits_ms * 99
    return {"p50": round(cuts[49], 3), "p99": round(cuts[98], 3)}
