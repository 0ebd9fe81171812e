"""`promessa reservations`: who holds what."""

from __future__ import annotations

from typing import Annotated

import typer

from promessa.cli.failure import usage
from promessa.cli.options import AddressOption, JsonOption, TimeoutOption
from promessa.cli.parsing import seconds

STATES = ("held", "confirmed", "fulfilled", "released", "expired")


def reservations(
    sku: Annotated[str, typer.Option(show_default=False, help="Only with a line of this sku.")] = "",
    node: Annotated[str, typer.Option(show_default=False, help="Only with a line at this node.")] = "",
    owner: Annotated[str, typer.Option(show_default=False, help="Only of this owner.")] = "",
    order: Annotated[str, typer.Option(show_default=False, help="Only of this order.")] = "",
    state: Annotated[
        list[str] | None, typer.Option(show_default=False, help=f"Only in these: {', '.join(STATES)}.")
    ] = None,
    older_than: Annotated[str, typer.Option(show_default=False, help="Only made so long ago: 90s, 15m, 2h, 1d.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """List reservations: who holds what, where and since when."""
    from promessa.cli.client import Client
    from promessa.cli.output import emit, local_time, table, word
    from promessa.v1 import reservation_pb2
    from promessa.v1 import reservation_service_pb2 as messages

    wrong = sorted(set(state or []) - set(STATES))
    if wrong:
        raise usage(f"{wrong[0]!r} is no state of a reservation. They are {', '.join(STATES)}.")
    request = messages.ListReservationsRequest(
        sku=sku,
        node_id=node,
        owner_id=owner,
        order_id=order,
        states=[f"RESERVATION_STATE_{name.upper()}" for name in state or []],
    )
    if older_than:
        request.min_age.seconds = seconds(older_than)
    found = messages.ListReservationsResponse()
    with Client(address, timeout_seconds=timeout) as client:
        while len(found.reservations) < limit:
            page = client.call(client.reservations.ListReservations, request)
            found.reservations.extend(page.reservations[: limit - len(found.reservations)])
            request.page_token = page.next_page_token
            if not page.next_page_token:
                break
    rows = table("reservation", "state", "owner", "order", "since", "open", right=["open"])
    for each in found.reservations:
        rows.add_row(
            each.reservation_id,
            word(reservation_pb2.ReservationState, each.state),
            each.owner_id,
            each.order_id,
            local_time(each.create_time),
            ", ".join(f"{x.sku}@{x.node_id}={x.open_quantity:,}" for x in each.lines if x.open_quantity),
        )
    emit(found, as_json=as_json, render=lambda to: to.print(rows))
