"""Commands that read."""

from __future__ import annotations

import typer

from promessa.cli.arguments import sku_quantities
from promessa.cli.client import Client, find_address
from promessa.cli.output import console, name_of, show_json, show_table
from promessa.v1 import availability_pb2 as nouns
from promessa.v1 import availability_service_pb2 as av
from promessa.v1 import inventory_service_pb2 as iv
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs

ROWS_MAX = 40
AUDIT_SECONDS = 600.0

MODES = {"all": av.BASKET_MODE_ALL, "partial": av.BASKET_MODE_PARTIAL, "any": av.BASKET_MODE_ANY}


def show_availability(sku: str, nodes: list[str], group: str, *, fresh: bool, json: bool, address: str | None) -> None:
    client = Client(find_address(address))
    request = av.GetAvailabilityRequest(
        sku=sku, node_ids=nodes, node_group_id=group, consistency={"authoritative": fresh}
    )
    answer = client.call(client.stubs.availability.GetAvailability, request)
    if json:
        show_json(answer)
        return
    found = sorted(answer.nodes, key=lambda node: -node.available_quantity)
    show_table(
        f"{sku}: {answer.available_quantity:,} units, {name_of(nouns.AvailabilityStatus, answer.status)}",
        ("node", "available", "status"),
        [(x.node_id, x.available_quantity, name_of(nouns.AvailabilityStatus, x.status)) for x in found[:ROWS_MAX]],
    )
    if len(found) > ROWS_MAX:
        console.print(f"... and {len(found) - ROWS_MAX} nodes more; --json shows all.")
    _show_freshness(answer.freshness)


def show_basket(lines: list[str], mode: str, *, json: bool, address: str | None) -> None:
    if mode not in MODES:
        raise typer.BadParameter(f"The mode is one of {', '.join(MODES)}, and {mode!r} is none of them.")
    client = Client(find_address(address))
    request = av.CheckBasketRequest(lines=sku_quantities(lines), mode=MODES[mode])
    answer = client.call(client.stubs.availability.CheckBasket, request)
    if json:
        show_json(answer)
        return
    show_table(
        f"{len(answer.nodes)} nodes can serve it ({mode}), {len(answer.rejected_nodes)} cannot",
        ("node", "whole lines", "units"),
        [(x.node_id, len(x.whole_lines), x.served_quantity) for x in answer.nodes[:ROWS_MAX]],
    )
    _show_freshness(answer.freshness)


def show_reservation(reservation_id: str, *, json: bool, address: str | None) -> None:
    client = Client(find_address(address))
    request = rs.GetReservationRequest(reservation_id=reservation_id)
    answer = client.call(client.stubs.reservation.GetReservation, request)
    if json:
        show_json(answer)
    else:
        print_reservation(answer.reservation)


def print_reservation(reservation: rv.Reservation) -> None:
    """A reservation as a table."""
    until = f", until {reservation.expire_time.ToJsonString()}" if reservation.HasField("expire_time") else ""
    show_table(
        f"{reservation.reservation_id}: {name_of(rv.ReservationState, reservation.state)}{until}",
        ("sku", "node", "units", "open", "fulfilled"),
        [(x.sku, x.node_id, x.quantity, x.open_quantity, x.fulfilled_quantity) for x in reservation.lines],
    )


def show_audit(*, json: bool, address: str | None) -> int:
    client = Client(find_address(address))
    answer = client.call(client.stubs.inventory.CheckInvariants, iv.CheckInvariantsRequest(), seconds=AUDIT_SECONDS)
    if json:
        show_json(answer)
    else:
        show_table(
            "The books agree" if answer.ok else f"{answer.violation_count} violations",
            ("cells", "reservations", "log entries", "cells in deficit"),
            [(answer.cell_count, answer.reservation_count, answer.event_count, answer.deficit_cell_count)],
        )
        for found in answer.violations:
            console.print(f"{found.invariant}: {found.subject}: {found.detail}")
    return 0 if answer.ok else 1


def _show_freshness(freshness: nouns.Freshness) -> None:
    source = name_of(nouns.ReadSource, freshness.source)
    console.print(f"Read from the {source}, {freshness.staleness_ms} ms old.", style="dim")
