"""Why nodes do not serve an order that goes ways of its own, by name: kinds not allowed, reach, the stock of the shop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from serving import Serving, WallClock
from test_fulfillment_kinds_api import line
from ways_kit import NODES, PARTS, WaysApi, ways_api

from promessa.v1 import constraint_pb2 as cn
from promessa.v1 import sourcing_pb2 as sp
from promessa.v1 import sourcing_service_pb2 as so

COURIER, PICKUP, FROM_CENTRE = (
    sp.FULFILLMENT_KIND_COURIER, sp.FULFILLMENT_KIND_PICKUP, sp.FULFILLMENT_KIND_SHIP_FROM_CENTRE,
)  # fmt: skip
DAY_MS = 24 * 3600 * 1000


@pytest.fixture
async def api(serving: Serving, wall_clock: WallClock) -> AsyncIterator[WaysApi]:
    async with ways_api(serving, wall_clock) as made:
        for node_id in NODES:
            await made.stock("cup", node_id, 5)
        yield made


def fates(answer: so.SourceResponse) -> dict[str, tuple[str, str, str]]:
    """Of each node: why it is not in the plan, what left it out, and what that says."""
    found = {}
    for each in answer.candidates:
        reason = sp.CandidateReason.Name(each.reason).removeprefix("CANDIDATE_REASON_")
        kind = cn.ConstraintKind.Name(each.removed_by.kind).removeprefix("CONSTRAINT_KIND_")
        found[each.node_id] = (reason, "" if kind == "UNSPECIFIED" else kind, each.removed_by.text)
    return found


async def told(api: WaysApi, *lines: dict[str, Any], **wanted: Any) -> dict[str, tuple[str, str, str]]:
    return fates(await api.source(*(lines or (line(),)), explain=True, **wanted))


async def test_a_kind_that_is_not_allowed_is_no_late_delivery(api: WaysApi) -> None:
    left_out = ("NO_LANE", "ALLOWED_KINDS", "COURIER")
    others = dict.fromkeys("bcde", left_out)
    assert await told(api, allowed_kinds=[COURIER]) == {"a": ("CHOSEN", "", ""), **others}
    late = {"constraints": {"latest_delivery_time": {"seconds": (api.clock.now_ms + DAY_MS // 2) // 1000}}}
    by_date = await told(api, allowed_kinds=[COURIER, FROM_CENTRE], **late)
    assert by_date["b"] == ("NO_LANE", "LATEST_DELIVERY", "")
    assert by_date["c"] == ("NO_LANE", "ALLOWED_KINDS", "COURIER, SHIP_FROM_CENTRE")


async def test_what_is_collected_is_explained_by_name_too(api: WaysApi) -> None:
    collected = {"to": "", "pickup_node_id": "c", "allow_ship_to_store": True}
    found = await told(api, allowed_kinds=[PICKUP], **collected)
    assert found.pop("c") == ("CHOSEN", "", "")
    assert set(found.values()) == {("NO_LANE", "ALLOWED_KINDS", "PICKUP")}
    found = await told(api, constraints={"excluded_node_ids": ["b"]}, **collected)
    assert found["b"] == ("NOT_ELIGIBLE", "EXCLUDED_NODES", "")
    assert found["d"][0] == "COSTS_MORE"


async def test_a_mixed_basket_tells_short_lines_of_what_a_node_may_serve(api: WaysApi) -> None:
    """The pots are collected at c, and nobody else is short of them."""
    await api.stock("pot", "c", 2)
    await api.stock("cup", "b", 0)
    answer = await api.source(line(), line("pot", 2, pickup_node_id="c"), explain=True)
    (there,) = [each for each in answer.candidates if each.node_id == "b"]
    assert there.reason == sp.CANDIDATE_REASON_NO_STOCK and list(there.short_lines) == [0]


async def test_a_lane_that_does_not_go_so_far_is_told_as_such(api: WaysApi) -> None:
    await api.put_node("b", type=1, country_code="BR", latitude_e6=-23_550_000, longitude_e6=-46_633_000)
    await api.lane("b", max_distance_km=10)
    near, far = (-23_560_000, -46_633_000), (-22_900_000, -43_200_000)
    for (latitude, longitude), expected in ((near, ("CHOSEN", "", "")), (far, ("NO_LANE", "OUT_OF_REACH", ""))):
        destination = {"postal_code": "01310100", "position": {"latitude_e6": latitude, "longitude_e6": longitude}}
        order = {"order_id": "o", "lines": [line()], "destination": destination}
        answer = await api.sourcing.Source(so.SourceRequest(order=order, explain=True))
        assert fates(answer)["b"] == expected


@pytest.mark.parametrize("own_stock", [sp.OWN_STOCK_FIRST, sp.OWN_STOCK_HAND_OVER])
async def test_lines_that_the_shop_has_are_kept_from_others_by_its_name(api: WaysApi, own_stock: int) -> None:
    found = await told(api, sold_at_node_id="c", own_stock=own_stock)
    assert found.pop("c") == ("CHOSEN", "", "")
    assert set(found.values()) == {("NO_STOCK", "OWN_STOCK", "c")}
    found = await told(api, line(quantity=9), sold_at_node_id="c", own_stock=own_stock)
    assert "OWN_STOCK" not in {by for _, by, _ in found.values()}


async def test_a_shop_whose_stock_is_left_out_is_told_as_such(api: WaysApi) -> None:
    found = await told(api, sold_at_node_id="a", own_stock=sp.OWN_STOCK_EXCLUDED)
    assert found["a"] == ("NOT_ELIGIBLE", "OWN_STOCK", "a")


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("en", ("without the restriction to COURIER", "without the exclusion of the stock of c")),
        ("pt-BR", ("sem a restrição a COURIER", "sem a exclusão do estoque de c")),
    ],
)
async def test_what_would_serve_all_of_it_names_ways(api: WaysApi, language: str, sentences: tuple[str, str]) -> None:
    await api.stock("pot", "c", 3)
    orders = (
        {"lines": [line(quantity=7)], "allowed_kinds": [COURIER]},
        {"lines": [line("pot", 3)], "sold_at_node_id": "c", "own_stock": sp.OWN_STOCK_EXCLUDED},
    )
    for i, (wanted, sentence) in enumerate(zip(orders, sentences, strict=True)):
        await api.hold(*wanted.pop("lines"), request_id=f"decision-{i:04}", **wanted)
        request = so.ExplainDecisionRequest(decision_id=f"decision-{i:04}", parts={**PARTS, "language": language})
        found = await api.sourcing.ExplainDecision(request)
        assert any(sentence in each for each in found.explanation.sentences), list(found.explanation.sentences)
