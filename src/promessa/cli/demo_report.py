"""The demo's last page: a table that a person understands, every number measured."""

from __future__ import annotations

import urllib.request
from collections import defaultdict
from statistics import quantiles

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from promessa.cli.demo_books import Check, Seen
from promessa.cli.demo_metrics import latency_split
from promessa.cli.demo_texts import number, text
from promessa.v1 import orders_pb2 as od

METHODS = ("CheckBasket", "SourceAndReserve", "PlaceOrder", "Step")


def fine(seen: Seen) -> bool:
    """Whether the demo proved what it is there to prove."""
    flash = seen.flash
    exact = flash is None or (flash.won == flash.back == flash.units and flash.lost == flash.attempts - flash.units)
    return all(audit.ok for audit in seen.audits) and seen.oversold_units == 0 and exact and not differing(seen)


def differing(seen: Seen) -> list[Check]:
    """Figures of the reports that are not our own."""
    return [check for check in seen.checks or [] if check.ours != check.reported]


def report(seen: Seen, metrics: dict[str, float], lang: str) -> Table:
    """The table."""
    table = Table(title=text("demo.title", lang), show_header=False, title_justify="left", pad_edge=False)
    for name, value in _rows(seen, metrics, lang):
        table.add_row(name, escape(value))
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
        (text("demo.shipments", lang), number(seen.shipments / held, ".3f", lang)),
        row("cost", ours=ours, nearest=nearest, saved=100 * (ours / nearest - 1) if nearest else 0.0),
        (text("demo.proven", lang), f"{number(100 * seen.proven / held, '.2f', lang)} %"),
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
                back=flash.back,
            )
        )
    rows += _journeys(seen, lang)
    for audit in seen.audits:
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


def _journeys(seen: Seen, lang: str) -> list[tuple[str, str]]:
    """What happened on the way, and what the reports say of it."""
    made = seen.journeys
    values: dict[str, dict[str, object]] = {
        "journeys": {
            "days": made.days,
            "steps": sum(made.steps.values()),
            "seconds": made.seconds,
            "delivered": made.steps["DELIVER"],
            "overdue": made.overdue,
            "collected": made.steps["HAND_OVER"],
            "uncollected": seen.shipments_in(od.SHIPMENT_STATE_READY),
        },
        "refused": {
            "refused": made.refusals.total(),
            "short": made.steps["PICK_SHORT"] - (made.refusals.total() - made.steps["REJECT"]),
            "again": sum(order.sourcing_count for order in seen.orders.values()),
        },
        "back": {
            "cancelled": made.steps["CANCEL"],
            "returns": made.steps["REQUEST_RETURN"],
            "exchanges": made.steps["EXCHANGE"],
            "elsewhere": made.elsewhere,
            "units": sum(made.returned_units.values()),
        },
    }
    rows = [(text(f"demo.{key}", lang), text(f"demo.{key}.value", lang, **each)) for key, each in values.items()]
    if seen.checks is None:
        return [*rows, (text("demo.reports", lang), text("demo.reports.none", lang))]
    rows.append(
        (text("demo.reports", lang), text("demo.reports.value", lang, equal=len(seen.checks) - len(differing(seen))))
    )
    for check in differing(seen):
        rows.append((text("demo.differs", lang), f"{check.name}: {check.ours:,} / {check.reported:,}"))
    return rows


def _split(metrics: dict[str, float]) -> dict[str, float]:
    """Median and p99 of a sourced order in the server, of a decision, and of a call of the store, in milliseconds."""
    calls = max(1.0, metrics.get("promessa_store_seconds_count", 0.0))
    found = {"batch": metrics.get("promessa_changes_total", 0.0) / calls}
    for part, summary in latency_split(metrics).items():
        found |= {f"{part}_p50": summary["p50"], f"{part}_p99": summary["p99"]}
    return found


def read_metrics(port: int) -> dict[str, float]:
    """The server's Prometheus page: value by name and labels."""
    found: dict[str, float] = defaultdict(float)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as page:
        for line in page.read().decode().splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                found[name] = float(value)
    return dict(found)


def _verdict(seen: Seen) -> str:
    if not fine(seen):
        return "demo.bad"
    return "demo.good" if seen.checks is None else "demo.good_reports"


def print_report(console: Console, seen: Seen, metrics: dict[str, float], lang: str, *, elapsed_seconds: float) -> None:
    """Table, verdict and sources."""
    table = report(seen, metrics, lang)
    seconds, orders = seen.seconds - (seen.flash.seconds if seen.flash else 0.0), sum(seen.outcomes.values())
    table.add_row(
        text("demo.elapsed", lang),
        text("demo.elapsed.value", lang, total=elapsed_seconds, seconds=seconds, rate=orders / max(seconds, 1e-9)),
    )
    console.print()
    console.print(table)
    console.print(text(_verdict(seen), lang), style="bold")
    if seen.page is not None:
        console.print(text("demo.page", lang, page=seen.page.as_uri()), soft_wrap=True)
    console.print(text("demo.sources", lang, compared=seen.compared), style="dim")
