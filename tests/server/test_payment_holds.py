"""Holds by payment method over a real channel: how long they live, how much they may keep, and what is asked wrongly."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from api_kit import Api, refused
from serving import Serving

from promessa.v1 import network_service_pb2 as nw
from promessa.v1 import reservation_pb2 as rv
from promessa.v1 import reservation_service_pb2 as rs
from promessa.v1 import sourcing_service_pb2 as so

PIX = {"hold_rule_id": "pix", "ttl_seconds": 1_800, "held_share_max_permille": 500}
BOLETO = {"hold_rule_id": "boleto", "business_days": 2, "calendar": "BR_BANK", "time_zone": "America/Sao_Paulo"}


@pytest.fixture
async def api(serving: Serving) -> Api:
    api = Api(serving.channel)
    await api.shop(units=10)
    for rule in (PIX, BOLETO):
        await put(api, rule)
    return api


async def put(api: Api, rule: dict[str, Any]) -> Any:
    return await api.network.PutHoldRule(nw.PutHoldRuleRequest(request_id=api.new_id(), hold_rule=rule))


def seconds(found: rv.Reservation) -> float:
    return (found.expire_time.ToMilliseconds() - found.create_time.ToMilliseconds()) / 1_000


async def test_a_hold_lives_as_long_as_its_rule_says(api: Api) -> None:
    held = await api.reserve(1, hold_rule_id="pix", request_id="hold-0001")
    assert seconds(held.reservation) == 1_800
    boleto = await api.reserve(1, hold_rule_id="boleto")
    assert 24 * 3600 < seconds(boleto.reservation) < 11 * 24 * 3600
    again = await api.reserve(1, hold_rule_id="pix", request_id="hold-0001")
    assert (again.replayed, again.reservation) == (True, held.reservation)
    reused = api.reserve(1, request_id="hold-0001")
    await refused(reused, grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED", field="hold_rule_id")


async def test_no_more_is_held_unpaid_than_the_rule_allows(api: Api) -> None:
    short = await api.reserve(6, hold_rule_id="pix")
    assert (short.outcome, short.shortfalls[0].available_quantity) == (rv.RESERVE_OUTCOME_REFUSED, 5)
    assert short.shortfalls[0].reason == rv.SHORTFALL_REASON_HOLD_LIMIT
    assert (await api.reserve(5, hold_rule_id="pix")).outcome == rv.RESERVE_OUTCOME_RESERVED
    assert (await api.reserve(1, hold_rule_id="pix")).outcome == rv.RESERVE_OUTCOME_REFUSED
    assert (await api.reserve(5)).outcome == rv.RESERVE_OUTCOME_RESERVED, "the limit is the rule's, not the cell's"


async def test_an_order_is_sourced_elsewhere_where_the_limit_is_reached(api: Api) -> None:
    await api.reserve(5, hold_rule_id="pix")
    order = {"lines": [{"sku": "cup", "quantity": 4}], "destination": {"postal_code": "01310100"}}
    ask = so.SourceAndReserveRequest(request_id=api.new_id(), order=order, hold_rule_id="pix")
    held = await api.sourcing.SourceAndReserve(ask)
    assert [line.node_id for line in held.reservation.lines] == ["b"]
    assert seconds(held.reservation) == 1_800


async def test_reservations_of_a_stream_keep_to_their_rules_together(api: Api) -> None:
    line = {"sku": "cup", "node_id": "a", "quantity": 1}
    asks = [rs.ReserveRequest(request_id=f"many-{i:04d}", lines=[line], hold_rule_id="pix") for i in range(8)]
    call = api.reservation.ReserveStream(iter([rs.ReserveStreamRequest(reservations=asks)]))
    (answer,) = [answer async for answer in call]
    outcomes = [result.response.outcome for result in answer.results]
    assert outcomes.count(rv.RESERVE_OUTCOME_RESERVED) == 5


async def test_a_retry_finds_its_answer_when_the_rule_is_gone(api: Api) -> None:
    held = await api.reserve(1, hold_rule_id="pix", request_id="hold-0001")
    await api.network.DeleteHoldRule(nw.DeleteHoldRuleRequest(request_id=api.new_id(), hold_rule_id="pix"))
    again = await api.reserve(1, hold_rule_id="pix", request_id="hold-0001")
    assert (again.replayed, again.reservation) == (True, held.reservation)
    gone = api.reserve(1, hold_rule_id="pix")
    await refused(gone, grpc.StatusCode.INVALID_ARGUMENT, "REFERENCE_NOT_FOUND", kind="hold_rule", id="pix")


async def test_a_rule_that_contradicts_itself_is_refused(api: Api) -> None:
    invalid = grpc.StatusCode.INVALID_ARGUMENT
    both = {"ttl": {"seconds": 5}, "hold_rule_id": "pix"}
    await refused(api.reserve(1, **both), invalid, "INVALID_FIELD", field="hold_rule_id")
    for wrong, field in (
        ({**PIX, "business_days": 1}, "hold_rule.ttl_seconds"),
        ({**BOLETO, "calendar": "MOON"}, "hold_rule.calendar"),
        ({**BOLETO, "time_zone": "Moon/Crater"}, "hold_rule.time_zone"),
        ({**BOLETO, "business_days": 99}, "hold_rule.business_days"),
    ):
        await refused(put(api, wrong), invalid, "INVALID_FIELD", field=field)
