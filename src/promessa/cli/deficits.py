"""`promessa deficits`: where more is promised than is there."""

from __future__ import annotations

from typing import Annotated

import typer

from promessa.cli.options import AddressOption, JsonOption, TimeoutOption


def deficits(
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    address: AddressOption = None,
    as_json: JsonOption = False,
    timeout: TimeoutOption = 10.0,
) -> None:
    """List where more is promised than is there, because a feed said so."""
    from promessa.cli.client import Client
    from promessa.cli.output import emit, local_time, table
    from promessa.v1 import inventory_service_pb2 as messages

    request = messages.ListSupplyDeficitsRequest()
    found = messages.ListSupplyDeficitsResponse()
    with Client(address, timeout_seconds=timeout) as client:
        while len(found.deficits) < limit:
            page = client.call(client.inventory.ListSupplyDeficits, request)
            found.deficits.extend(page.deficits[: limit - len(found.deficits)])
            request.page_token = page.next_page_token
            if not page.next_page_token:
                break
    rows = table("sku", "node", "deficit", "since", right=["deficit"])
    for each in found.deficits:
        rows.add_row(each.sku, each.node_id, f"{each.deficit_quantity:,}", local_time(each.since))
    emit(found, as_json=as_json, render=lambda to: to.print(rows))
