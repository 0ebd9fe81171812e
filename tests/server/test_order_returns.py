"""Returns over a real channel."""

from __future__ import annotations

import grpc
import pytest
from api_kit import refused
from orders_kit import OrdersApi
from serving import Serving

from promessa.domain.limits import RETURNS_MAX
from promessa.v1 import orders_pb2 as od

PRECONDITION, NOT_FOUND = grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.NOT_FOUND
RESELLABLE, QUARANTINE, SCRAP = od.DISPOSITION_RESELLABLE, od.DISPOSITION_QUARANTINE, od.DISPOSITION_SCRAP


@pytest.fixture
async def api(serving: Serving) -> OrdersApi:
    """An order of five cups that has arrived."""
    made = OrdersApi(serving)
    await made.shop()
    await made.place(units=5)
    await made.steps("AcceptShipment", "RecordPick", "Ship", "RecordDelivery")
    return made


def units(quantity: int, line: int = 0) -> list[dict[str, int]]:
    return [{"line": line, "quantity": quantity}]


def came(quantity: int, disposition: int, line: int = 0) -> list[dict[str, int]]:
    return [{"line": line, "quantity": quantity, "disposition": disposition}]


async def test_what_comes_back_is_sold_again_held_back_or_scrapped(api: OrdersApi) -> None:
    asked = await api.step("RequestReturn", lines=units(4), reason="too small")
    assert [(x.return_number, x.state, x.reason) for x in asked.order.returns] == [
        (1, od.RETURN_STATE_REQUESTED, "too small")
    ]
    assert asked.order.lines[0].returned_quantity == 4
    await api.step("ReceiveReturn", return_number=1, node_id="b", lines=came(1, RESELLABLE), request_id="receive-01")
    again = await api.step(
        "ReceiveReturn", return_number=1, node_id="b", lines=came(1, RESELLABLE), request_id="receive-01"
    )
    assert again.replayed
    assert await api.counts("b") == (11, 0, 0, 0)
    await api.step("ReceiveReturn", return_number=1, node_id="a", lines=came(2, QUARANTINE))
    assert await api.counts("a") == (7, 2, 0, 0)
    done = await api.step("ReceiveReturn", return_number=1, node_id="a", lines=came(1, SCRAP))
    assert await api.counts("a") == (7, 2, 0, 0)
    (back,) = done.order.returns
    assert back.state == od.RETURN_STATE_RECEIVED
    line = back.lines[0]
    assert (line.resellable_quantity, line.quarantined_quantity, line.scrapped_quantity) == (1, 2, 1)
    await api.check_books()


async def test_no_more_comes_back_than_was_shipped(api: OrdersApi) -> None:
    await api.step("RequestReturn", lines=units(3))
    await refused(
        api.step("RequestReturn", lines=units(3)), PRECONDITION, "QUANTITY_EXCEEDS_ORDER", line="0", open_quantity="2"
    )
    await refused(api.step("RequestReturn", lines=units(1, line=7)), PRECONDITION, "QUANTITY_EXCEEDS_ORDER", line="7")
    more = api.step("ReceiveReturn", return_number=1, node_id="a", lines=came(2, SCRAP) + came(2, RESELLABLE))
    await refused(more, PRECONDITION, "QUANTITY_EXCEEDS_ORDER", open_quantity="1")
    assert await api.counts() == (5, 0, 0, 0), "nothing half done"
    nothing = api.step("ReceiveReturn", return_number=2, node_id="a", lines=came(1, SCRAP))
    await refused(nothing, NOT_FOUND, "RETURN_NOT_FOUND", return_number="2")
    nowhere = api.step("ReceiveReturn", return_number=1, node_id="nowhere", lines=came(1, SCRAP))
    await refused(nowhere, NOT_FOUND, "NODE_NOT_FOUND", node_id="nowhere")
    twice = api.step("RequestReturn", lines=units(1) + units(1))
    await refused(twice, grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD", field="lines")


async def test_what_did_not_leave_does_not_come_back_and_is_cancelled(api: OrdersApi) -> None:
    await api.place("o-2", 2)

    async def said(order_id: str) -> str:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await api.step("RequestReturn", order_id, lines=units(9))
        return caught.value.details() or ""

    await refused(
        api.step("RequestReturn", "o-2", lines=units(1)), PRECONDITION, "QUANTITY_EXCEEDS_ORDER", open_quantity="0"
    )
    assert "cancel it instead" in await said("o-2")
    await api.step("CancelOrder", "o-2")
    assert "cancel" not in await said("o-2"), "nothing is left to cancel"
    assert "cancel" not in await said("o-1"), "it has left"


async def test_an_order_has_so_many_returns(api: OrdersApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("promessa.domain.order_returns.RETURNS_MAX", 1)
    assert RETURNS_MAX > 1
    await api.step("RequestReturn", lines=units(1))
    await refused(api.step("RequestReturn", lines=units(1)), PRECONDITION, "RETURN_LIMIT", limit="1")
