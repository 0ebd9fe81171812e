"""Offers that nodes refused, in the report on nodes and among the orders behind it: over a real channel."""

from __future__ import annotations

import pytest
from reports_kit import period
from serving import Serving
from test_order_offers import OfferApi

from promessa.archive.archiver import Archiver
from promessa.v1 import orders_pb2 as od
from promessa.v1 import report_pb2 as rows
from promessa.v1 import report_service_pb2 as rp
from promessa.v1 import report_service_pb2_grpc as rp_grpc


@pytest.fixture
async def chain(archiving: Serving) -> OfferApi:
    chain = OfferApi(archiving)
    await chain.chain()
    return chain


async def nodes(chain: OfferApi, archiver: Archiver) -> dict[str, rows.NodePerformanceRow]:
    await archiver.archive()
    reports = rp_grpc.ReportServiceStub(chain.channel)
    found = await reports.GetNodePerformance(rp.GetNodePerformanceRequest(period=period()))
    return {row.node_id: row for row in found.rows}


async def behind(chain: OfferApi, **wanted: str) -> list[tuple[str, str, str, int]]:
    reports = rp_grpc.ReportServiceStub(chain.channel)
    found = await reports.ListReportOrders(rp.ListReportOrdersRequest(period=period(), shipments=wanted, page_size=2))
    return [(order.node_id, order.state, order.reason, order.quantity) for order in found.orders]


def counts(row: rows.NodePerformanceRow) -> tuple[int, int, int, int]:
    """Offered, accepted, refused, and the accept rate in hundredths of a per cent."""
    return row.offered_count, row.accepted_count, row.refused_count, row.accept_basis_points


async def test_each_node_that_refused_is_counted_and_whoever_did_not_answer_is_not(chain: OfferApi, archiver: Archiver):
    await chain.offer(count=4)
    await chain.reject("n2", od.REJECT_REASON_NO_CAPACITY)
    await chain.reject("n0", od.REJECT_REASON_DAMAGED)
    await chain.accept("n1")
    found = await nodes(chain, archiver)
    assert {node_id: counts(row) for node_id, row in found.items()} == {
        "n0": (1, 0, 1, 0), "n1": (1, 1, 0, 10_000), "n2": (1, 0, 1, 0),
    }  # fmt: skip
    assert (found["n0"].damaged_count, found["n2"].no_capacity_count) == (1, 1)
    assert await behind(chain, state="REJECTED") == [
        ("n2", "REJECTED", "NO_CAPACITY", 2),
        ("n0", "REJECTED", "DAMAGED", 2),
    ]
    assert await behind(chain, node_id="n1") == [("n1", "ACCEPTED", "", 2)]


async def test_a_shipment_that_all_refused_is_refused_by_each_once(chain: OfferApi, archiver: Archiver):
    await chain.offer()
    for node_id in ("n0", "n1", "n2"):
        await chain.reject(node_id, od.REJECT_REASON_OTHER)
    found = await nodes(chain, archiver)
    refused = {node_id: (row.refused_count, row.other_count) for node_id, row in found.items() if row.refused_count}
    assert refused == dict.fromkeys(("n0", "n1", "n2"), (1, 1))
    again = [node_id for node_id, row in found.items() if not row.refused_count]
    assert len(again) == 1, "the rest was sourced again, and nobody has answered yet"
    assert await behind(chain, node_id="n2", state="REJECTED") == [("n2", "REJECTED", "OTHER", 2)]


async def test_an_accept_rate_is_of_all_that_a_node_answered(chain: OfferApi, archiver: Archiver):
    for i, accepts in enumerate((True, True, False)):
        order_id = f"o-{i}"
        await chain.offer(order_id, units=1)
        if accepts:
            await chain.accept("n1", order_id=order_id)
        else:
            await chain.reject("n1", order_id=order_id)
    assert counts((await nodes(chain, archiver))["n1"]) == (3, 2, 1, 6_666)
