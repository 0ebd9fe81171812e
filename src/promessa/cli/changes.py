"""Commands that change reservations."""

from __future__ import annotations

from typing import Any

import typer

from promessa.cli.arguments import stock_lines
from promessa.cli.client import Client, find_address, new_request_id
from promessa.cli.output import name_of, show_json, show_table
from promessa.cli.queries import print_reservation
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs


def reserve(
    lines: list[str],
    *,
    ttl: int | None,
    partial: bool,
    owner: str,
    request_id: str | None,
    json: bool,
    address: str | None,
) -> None:
    client = Client(find_address(address))
    request = rs.ReserveRequest(
        request_id=request_id or new_request_id(),
        lines=stock_lines(lines),
        mode=rs.RESERVE_MODE_PARTIAL if partial else rs.RESERVE_MODE_ALL_OR_NOTHING,
        owner_id=owner,
    )
    if ttl is not None:
        request.ttl.seconds = ttl
    answer = client.call(client.stubs.reservation.Reserve, request)
    if json:
        show_json(answer)
    else:
        print_answer(answer)
    if answer.outcome == rv.RESERVE_OUTCOME_REFUSED:
        raise typer.Exit(1)


def print_answer(answer: Any) -> None:
    """Outcome, reservation and shortfalls of an answer that has them."""
    print(f"{name_of(rv.ReserveOutcome, answer.outcome)}{' (again: the first answer)' if answer.replayed else ''}")
    if answer.HasField("reservation"):
        print_reservation(answer.reservation)
    if answer.shortfalls:
        show_table(
            "Not met",
            ("sku", "node", "wanted", "available", "reason"),
            [
                (x.sku, x.node_id, x.requested_quantity, x.available_quantity, name_of(rv.ShortfallReason, x.reason))
                for x in answer.shortfalls
            ],
        )


def change(verb: str, reservation_id: str, *, json: bool, address: str | None, **fields: Any) -> None:
    """Confirm, Extend, Release or Fulfill."""
    client = Client(find_address(address))
    request = getattr(rs, f"{verb}Request")(request_id=new_request_id(), reservation_id=reservation_id, **fields)
    answer = client.call(getattr(client.stubs.reservation, verb), request)
    if json:
        show_json(answer)
    else:
        print_reservation(answer.reservation)
