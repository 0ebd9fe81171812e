"""The demo's last page: a table that a person understands, every number measured."""

from __future__ import annotations

import urllib.request
from collections import defaultdict
from statistics import quantiles

from rich.console import Console
from rich.table import Table

from promessa.cli.demo_story import Seen
from promessa.cli.texts import text

METHODS = ("CheckBasket", "SourceAndReserve", "Confirm", "Fulfill")
_SOURCE = "/promessa.v1.SourcingService/SourceAndReserve"


def fine(seen: Seen) -> bool:
    """Whether the demo proved what it is there to prove."""
    flash = seen.flash
    exact = flash is None or (flash.won == flash.units and flash.lost == flash.attempts - flash.units)
    return bool(seen.audit.ok) and seen.oversold_units == 0 and exact


def report(seen: Seen, metrics: dict[str, float], lang: str) -> Table:
    """The table."""
    table = Table(title=text("demo.title", lang), show_header=False, title_justify="left", pad_edge=False)
    for name, value in _rows(seen, metrics, lang):
        table.add_row(name, value)
    return table


def _rows(seen: Seen, metrics: dict[str, float], lang: str) -> list[tuple[str, str]]:
    def row(key: str, **values: object) -> tuple[str, str]:
        return text(f"demo.{key}", lang), text(f"demo.{key}.value", lang, **values)

    chain, outcomes = seen.chain, seen.outcomes
    held = max(1, outcomes["RESERVE_OUTCOME_RESERVED"] + outcomes["RESERVE_OUTCOME_PARTIALLY_RESERVED"])
    compared = max(1, seen.compared)
    ours, nearest = seen.compared_micros / compared / 1e6, seen.nearest_micros / compared / 1e6
    rows = [
        row(
            "network",
            nodes=len(chain.nodes),
            skus=len(chain.skus),
            cells=len(chain.stock),
            lanes=len(chain.lanes),
        ),
        row(
            "orders",
            served=outcomes["RESERVE_OUTCOME_RESERVED"],
            partial=outcomes["RESERVE_OUTCOME_PARTIALLY_RESERVED"],
            refused=outcomes["RESERVE_OUTCOME_REFUSED"],
            orders=sum(outcomes.values()),
        ),
        (text("demo.shipments", lang), f"{seen.shipments / held:.3f}"),
        row("cost", ours=ours, nearest=nearest, saved=100 * (ours / nearest - 1) if nearest else 0.0),
        (text("demo.proven", lang), f"{100 * seen.proven / held:.2f} %"),
    ]
    for method in METHODS:
        waits = seen.waits_ms.get(method)
        if waits and len(waits) > 1:
            cuts = quantiles(waits, n=100)
            rows.append(row("latency", method=method, p50=cuts[49], p99=cuts[98]))
    if metrics:
        rows.append(row("split", **_split(metrics)))
    rows.append(row("feeds", items=seen.fed_items))
    if seen.flash:
        flash = seen.flash
        rows.append(
            row(
                "flash",
                units=flash.units,
                attempts=flash.attempts,
                won=flash.won,
                lost=flash.lost,
                seconds=flash.seconds,
            )
        )
    audit = seen.audit
    rows.append(
        row(
            "audit",
            cells=audit.cell_count,
            reservations=audit.reservation_count,
            events=audit.event_count,
            violations=audit.violation_count,
        )
    )
    rows.append((text("demo.oversold", lang), str(seen.oversold_units)))
    return rows


def _split(metrics: dict[str, float]) -> dict[str, float]:
    """Mean milliseconds of a sourced order in the server, of a decision, and of a call of the store."""

    def mean_ms(name: str, labels: str = "") -> float:
        count = metrics.get(f"{name}_count{labels}", 0.0)
        return 1000 * metrics.get(f"{name}_sum{labels}", 0.0) / count if count else 0.0

    calls = max(1.0, metrics.get("promessa_store_seconds_count", 0.0))
    return {
        "server": mean_ms("promessa_call_seconds", f'{{method="{_SOURCE}"}}'),
        "kernel": mean_ms("promessa_decision_seconds"),
        "store": mean_ms("promessa_store_seconds"),
        "batch": metrics.get("promessa_changes_total", 0.0) / calls,
    }


def read_metrics(port: int) -> dict[str, float]:
    """The server's Prometheus page: value by name and labels."""
    found: dict[str, float] = defaultdict(float)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as page:
        for line in page.read().decode().splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                found[name] = float(value)
    return dict(found)


def print_report(console: Console, seen: Seen, metrics: dict[str, float], lang: str) -> None:
    """Table and sources."""
    console.print()
    console.print(report(seen, metrics, lang))
    console.print(text("demo.sources", lang), style="dim")
