"""Every way an order's units get to their customer, and several in one order; over the real store and kernel."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from test_guided_sourcing import put_policy
from test_sourcing import DAY, NOON, Rows, hold, quoting, sourcing, stock

from promessa.domain.calendar import Calendar, WorkingHours
from promessa.domain.catalogue import Catalogue, Lane, Node, NodeGroup, Sku
from promessa.domain.errors import AlreadyExists, FailedPrecondition, InvalidRequest, NotFound
from promessa.domain.kinds import DELIVERED, FulfillmentKind, OwnStock, Ways
from promessa.domain.pair_rules import CommissionRule
from promessa.domain.rate_cards import RateBracket, RateCard
from promessa.domain.reservation import ReserveOutcome
from promessa.domain.sourcing import Constraints, CostTerm, Order, OrderTraits, Plan
from promessa.store.store import Store

MINUTE = 60_000
REAL = 1_000_000
DC, SHOP, OTHER, SUPPLIER = range(4)
CUP, POT, LAMP = range(3)
PAULISTA = (-23_561_000, -46_656_000)


def chain() -> Catalogue:
    """A centre, two stores where customers collect, a supplier; all but the supplier are in São Paulo, codes 0.

    NOON is 22:13 in all of the nodes: nobody has a time zone here.
    """
    catalogue = Catalogue()
    week = Calendar("shop hours", hours=tuple(WorkingHours(day, 9 * 60, 18 * 60) for day in range(1, 8)))
    catalogue.put("calendar", week.calendar_id, 0, week, 0)
    at = {"latitude_e6": PAULISTA[0], "longitude_e6": PAULISTA[1], "country_code": "BR"}
    for i, node in enumerate(
        (
            Node("dc", type=1, postal_code="07750000", shipment_cost_micros=2 * REAL, unit_cost_micros=300_000, **at),
            Node(
                "shop", type=2, postal_code="01310100", shipment_cost_micros=3 * REAL, unit_cost_micros=800_000,
                pickup_point=True, calendar_id="shop hours", receiving_minutes=30, handling_minutes=60,
                owner_code="franchise", **at,
            ),
            Node(
                "other", type=3, postal_code="04094050", shipment_cost_micros=3 * REAL, unit_cost_micros=800_000,
                pickup_point=True, **at,
            ),
            Node("supplier", type=5, country_code="BR", postal_code="89010000", handling_days=4, shipment_cost_micros=4 * REAL),
        )
    ):  # fmt: skip
        catalogue.put("node", node.node_id, i, node, 1)
    for i, (card_id, price) in enumerate((("cheap", 10), ("fast", 25))):
        brackets = (RateBracket(1_000, price * REAL), RateBracket(30_000, (price + 6) * REAL))
        catalogue.put("rate_card", card_id, i, RateCard(card_id, "", "BRL", brackets), 0)
    for i, (node_id, service, more) in enumerate(
        (
            ("dc", "parcel", {"transit_days": 2}),
            ("shop", "parcel", {"transit_days": 1}),
            ("other", "parcel", {"transit_days": 1}),
            ("supplier", "parcel", {"transit_days": 3}),
            ("other", "motoboy", {"rate_card_id": "fast", "transit_minutes": 90, "max_distance_km": 15}),
        )
    ):
        lane = Lane(f"{node_id} {service}", node_id, "BR", ("0",), service, **{"rate_card_id": "cheap", **more})
        catalogue.put("lane", lane.lane_id, i, lane, 0)
    for i, (sku, grams, worth) in enumerate((("cup", 400, 20), ("pot", 900, 80), ("lamp", 2_000, 300))):
        catalogue.put("sku", sku, i, Sku(sku, weight_grams=grams, value_micros=worth * REAL), 0)
    catalogue.put("node_group", "shops", 0, NodeGroup("shops", node_ids=("shop", "other")), 0)
    return catalogue


def order(*lines: tuple[str, int], constraints: Constraints | None = None, **ways: Any) -> Order:
    """An order to Avenida Paulista; `pickup` is where all of it is collected."""
    pickup = ways.pop("pickup", "")
    if pickup:
        ways["pickups"] = (pickup,) * len(lines)
    wanted = Order("order-1", lines, "BR", "01310200", ways=Ways(**ways))
    return wanted._replace(constraints=constraints) if constraints else wanted


async def plan_of(
    store: Store, wanted: Order, atp: dict[tuple[int, int], int], catalogue: Catalogue | None = None
) -> Plan:
    found, _ = await sourcing(store, Rows(atp), catalogue or chain()).source(wanted, explain=False)
    return found


def told(found: Plan) -> list[tuple[int, str, int, tuple[tuple[int, int, int], ...]]]:
    """Of each shipment its node, kind, where it is collected, and its lines."""
    return [(s.node_ix, FulfillmentKind(s.kind).name, s.collected_ix, s.lines) for s in found.shipments]


EVERYWHERE = {(sku, node): 9 for sku in range(3) for node in range(4)}


# One way ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("node_ix", "kind"),
    [(DC, "SHIP_FROM_CENTRE"), (SHOP, "SHIP_FROM_STORE"), (OTHER, "SHIP_FROM_STORE"), (SUPPLIER, "DROP_SHIP")],
)
async def test_what_is_delivered_is_of_the_kind_of_its_node(store: Store, node_ix: int, kind: str) -> None:
    found = await plan_of(store, order(("cup", 1)), {(CUP, node_ix): 1})
    assert told(found) == [(node_ix, kind, DELIVERED, ((0, CUP, 1),))]


async def test_what_is_collected_comes_from_the_stock_of_that_node_and_nobody_carries_it(store: Store) -> None:
    found = await plan_of(store, order(("cup", 2), ("pot", 1), pickup="shop"), EVERYWHERE)
    assert told(found) == [(SHOP, "PICKUP", SHOP, ((0, CUP, 2), (1, POT, 1)))]
    (ship,) = found.shipments
    assert (ship.lane_id, ship.carrier_service, ship.shipping_micros) == ("", "", 0)
    assert found.total_micros == 3 * REAL + 3 * 800_000
    assert found.proven_optimal
    morning = NOON - NOON % DAY + DAY + 9 * 60 * MINUTE  # it is late: work begins at nine and takes an hour
    assert (ship.ready_ms, ship.promise_ms) == (morning + 60 * MINUTE,) * 2


async def test_what_the_node_does_not_have_is_not_collected_there(store: Store) -> None:
    found = await plan_of(store, order(("cup", 2), ("pot", 1), pickup="shop"), {**EVERYWHERE, (POT, SHOP): 0})
    assert told(found) == [(SHOP, "PICKUP", SHOP, ((0, CUP, 2),))]
    assert found.unserved == ((1, POT, 1),)


async def test_other_nodes_send_it_there_if_that_is_allowed(store: Store) -> None:
    atp = {**EVERYWHERE, (POT, SHOP): 0}
    found = await plan_of(store, order(("cup", 2), ("pot", 1), pickup="shop", ship_to_store=True), atp)
    assert told(found) == [(DC, "SHIP_TO_STORE", SHOP, ((0, CUP, 2), (1, POT, 1)))], "one parcel is cheaper than two"
    (ship,) = found.shipments
    assert ship.shipping_micros == 16 * REAL
    arrives = NOON + 2 * DAY  # at 22:13, when the shop is closed: half an hour of receiving from nine on
    assert ship.promise_ms == arrives - arrives % DAY + DAY + (9 * 60 + 30) * MINUTE
    assert ship.ship_ms == NOON


async def test_a_store_does_not_send_parcels_to_itself(store: Store) -> None:
    found = await plan_of(store, order(("cup", 1), pickup="shop", ship_to_store=True), {(CUP, SHOP): 1})
    assert told(found) == [(SHOP, "PICKUP", SHOP, ((0, CUP, 1),))]


async def test_a_lane_whose_customers_collect_takes_nothing_to_a_store(store: Store) -> None:
    catalogue = chain()
    catalogue.put(
        "lane", "counter", 9, Lane("counter", "other", "BR", ("0",), "counter", "cheap", customer_collects=True), 0
    )
    catalogue.put("lane", "other parcel", 2, None, 0)
    catalogue.put("lane", "other motoboy", 4, None, 0)
    found = await plan_of(store, order(("cup", 1), pickup="shop", ship_to_store=True), {(CUP, OTHER): 1}, catalogue)
    assert found.shipments == ()
    found = await plan_of(store, order(("cup", 1)), {(CUP, OTHER): 1}, catalogue)
    assert told(found) == [(OTHER, "PICKUP", DELIVERED, ((0, CUP, 1),))]


@pytest.mark.parametrize(("change", "why"), [({"pickup_point": False}, "NOT_A_PICKUP_POINT"), ({"state": 2}, "PAUSED")])
async def test_nothing_is_collected_where_that_is_not_offered(store: Store, change: dict[str, Any], why: str) -> None:
    catalogue = chain()
    state = change.pop("state", 1)
    catalogue.put("node", "shop", SHOP, replace(catalogue.nodes.by_id["shop"], **change), state)
    with pytest.raises(FailedPrecondition) as refused:
        await plan_of(store, order(("cup", 1), pickup="shop", ship_to_store=True), EVERYWHERE, catalogue)
    assert (refused.value.reason, refused.value.metadata["why"]) == ("PICKUP_NOT_OFFERED", why)


async def test_a_pickup_node_that_is_not_there_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound) as missing:
        await plan_of(store, order(("cup", 1), pickup="nowhere"), EVERYWHERE)
    assert missing.value.reason == "NODE_NOT_FOUND"


async def test_a_retry_gets_the_first_answer_whatever_is_offered_by_then(store: Store) -> None:
    catalogue = chain()
    await stock(store, EVERYWHERE)
    wanted = order(("cup", 1), pickup="shop")
    first = await hold(sourcing(store, Rows(EVERYWHERE), catalogue), wanted)
    catalogue.put("node", "shop", SHOP, replace(catalogue.nodes.by_id["shop"], pickup_point=False), 1)
    again = await hold(sourcing(store, Rows(EVERYWHERE), catalogue), wanted)
    assert (again.plan, again.replayed) == (first.plan, True)


async def test_a_pickup_in_time_is_one_that_can_be_collected_by_then(store: Store) -> None:
    ready = NOON - NOON % DAY + DAY + 10 * 60 * MINUTE
    for latest, served in ((ready, 1), (ready - 1, 0)):
        wanted = order(("cup", 1), pickup="shop", constraints=Constraints(latest_delivery_ms=latest))
        assert len((await plan_of(store, wanted, EVERYWHERE)).shipments) == served


# Couriers and kinds -------------------------------------------------------------------------------------------------------


def at(degrees_e6: tuple[int, int]) -> OrderTraits:
    return OrderTraits(position_e6=degrees_e6)


async def test_a_courier_goes_as_far_as_he_does_and_to_places_that_are_known(store: Store) -> None:
    today = Constraints(latest_delivery_ms=NOON + 3 * 60 * MINUTE)
    near, far = at((-23_600_000, -46_700_000)), at((-23_900_000, -46_900_000))
    for traits, expected in ((near, [(OTHER, "COURIER", DELIVERED, ((0, CUP, 1),))]), (far, []), (OrderTraits(), [])):
        wanted = order(("cup", 1), constraints=today)._replace(traits=traits)
        assert told(await plan_of(store, wanted, EVERYWHERE)) == expected
        plain = Order("order-1", (("cup", 1),), "BR", "01310200", today, traits=traits)
        assert told(await plan_of(store, plain, EVERYWHERE)) == expected
        assert told(await plan_of(store, plain._replace(constraints=Constraints()), EVERYWHERE)) == [
            (DC, "SHIP_FROM_CENTRE", DELIVERED, ((0, CUP, 1),))
        ]


async def test_only_kinds_that_are_allowed_are_used(store: Store) -> None:
    for kinds, node_ix in (((2,), DC), ((3,), OTHER), ((4,), SUPPLIER), ((2, 4), DC), ((5,), OTHER)):
        wanted = order(("cup", 1), kinds=kinds)._replace(traits=at(PAULISTA))
        (ship,) = (await plan_of(store, wanted, {**EVERYWHERE, (CUP, SHOP): 0})).shipments
        assert (ship.node_ix, ship.kind in kinds) == (node_ix, True)
    wanted = order(("cup", 1), pickup="shop", ship_to_store=True, kinds=(FulfillmentKind.SHIP_TO_STORE,))
    assert told(await plan_of(store, wanted, EVERYWHERE)) == [(DC, "SHIP_TO_STORE", SHOP, ((0, CUP, 1),))]


async def test_a_kind_and_a_policy_both_hold(store: Store) -> None:
    catalogue = chain()
    put_policy(catalogue, "rules: [{name: r, filters: [{where: node_type, any_of: [store, franchise_store]}]}]")
    wanted = order(("cup", 1), kinds=(2, 5))._replace(traits=at(PAULISTA))
    assert told(await plan_of(store, wanted, EVERYWHERE, catalogue)) == [(OTHER, "COURIER", DELIVERED, ((0, CUP, 1),))]
    put_policy(catalogue, "rules: [{name: r, limits: {arrives_within_days: 2}}]")
    found = await plan_of(store, wanted._replace(ways=Ways(kinds=(4,))), EVERYWHERE, catalogue)
    assert found.shipments == ()


async def test_a_supplier_takes_its_days_and_what_it_holds_is_held(store: Store) -> None:
    atp = {(LAMP, SUPPLIER): 3}
    await stock(store, atp)
    made = await hold(sourcing(store, Rows(atp), chain()), order(("lamp", 2)))
    (ship,) = made.plan.shipments
    assert told(made.plan) == [(SUPPLIER, "DROP_SHIP", DELIVERED, ((0, LAMP, 2),))]
    assert (ship.ship_ms, ship.promise_ms) == (NOON + 4 * DAY, NOON + 7 * DAY)
    (cell,) = await store.read_cells([(SUPPLIER, LAMP)])
    assert cell is not None and cell.held == 2


# Several ways in one order ------------------------------------------------------------------------------------------------


def mixed(*lines: tuple[str, int, str], **more: Any) -> Order:
    """Each line with where it is collected; empty: delivered."""
    pickups = tuple(pickup for _, _, pickup in lines)
    return order(*[(sku, units) for sku, units, _ in lines], pickups=pickups, **more)


async def test_a_mixed_basket_is_one_plan(store: Store) -> None:
    found = await plan_of(store, mixed(("cup", 2, "shop"), ("pot", 1, ""), ("lamp", 1, "other")), EVERYWHERE)
    assert told(found) == [
        (SHOP, "PICKUP", SHOP, ((0, CUP, 2),)),
        (DC, "SHIP_FROM_CENTRE", DELIVERED, ((1, POT, 1),)),
        (OTHER, "PICKUP", OTHER, ((2, LAMP, 1),)),
    ]
    assert found.split_micros == 2 * 2 * REAL
    assert found.proven_optimal
    total = sum(ship.total_micros for ship in found.shipments) + found.split_micros
    assert (found.total_micros, found.lower_bound_micros) == (total, total)


async def test_the_limits_hold_over_all_ways(store: Store) -> None:
    wanted = mixed(("cup", 2, "shop"), ("pot", 1, ""), constraints=Constraints(max_shipments=1))
    found = await plan_of(store, wanted, EVERYWHERE)
    assert (len(found.shipments), sum(units for _, _, units in found.unserved)) == (1, 1)
    wanted = mixed(("cup", 2, "shop"), ("pot", 1, ""), constraints=Constraints(ship_complete=True))
    assert (await plan_of(store, wanted, {**EVERYWHERE, (CUP, SHOP): 1})).shipments == ()


async def test_lines_that_go_several_ways_never_take_a_unit_twice(store: Store) -> None:
    wanted = mixed(("cup", 2, "shop"), ("cup", 2, ""))
    found = await plan_of(store, wanted, {(CUP, SHOP): 3, (CUP, SUPPLIER): 9})
    assert told(found) == [
        (SHOP, "PICKUP", SHOP, ((0, CUP, 2),)),
        (SUPPLIER, "DROP_SHIP", DELIVERED, ((1, CUP, 2),)),
    ]
    assert found.proven_optimal
    found = await plan_of(store, wanted, {(CUP, SHOP): 4})
    assert told(found) == [(SHOP, "PICKUP", SHOP, ((0, CUP, 2),)), (SHOP, "SHIP_FROM_STORE", DELIVERED, ((1, CUP, 2),))]
    found = await plan_of(store, wanted, {(CUP, SHOP): 3})
    assert sum(units for ship in found.shipments for _, _, units in ship.lines) == 3
    assert found.unserved in (((0, CUP, 1),), ((1, CUP, 1),))


async def test_a_mixed_basket_is_held_in_one_call_with_each_cell_once(store: Store) -> None:
    atp = {(CUP, SHOP): 5, (POT, DC): 1}
    await stock(store, atp)
    wanted = mixed(("cup", 2, "shop"), ("cup", 3, ""), ("pot", 1, ""))
    made = await hold(sourcing(store, Rows(atp), chain()), wanted)
    assert made.outcome == ReserveOutcome.RESERVED
    assert sorted((x.node_ix, x.sku_ix, x.granted) for x in made.reservation.lines) == [(DC, POT, 1), (SHOP, CUP, 5)]
    assert sorted(told(made.plan)) == [
        (DC, "SHIP_FROM_CENTRE", DELIVERED, ((2, POT, 1),)),
        (SHOP, "PICKUP", SHOP, ((0, CUP, 2),)),
        (SHOP, "SHIP_FROM_STORE", DELIVERED, ((1, CUP, 3),)),
    ]
    again = await hold(sourcing(store, Rows({}), chain()), wanted)
    assert (again.plan, again.reservation, again.replayed) == (made.plan, made.reservation, True)


async def test_a_lost_race_is_decided_again_for_all_ways(store: Store) -> None:
    await stock(store, {(CUP, SHOP): 3, (CUP, DC): 9})
    stale = Rows({(CUP, SHOP): 9, (CUP, DC): 0})
    service = sourcing(store, stale, chain())
    made = await hold(service, mixed(("cup", 2, "shop"), ("cup", 2, "")), allow_partial=True)
    assert made.outcome == ReserveOutcome.PARTIALLY_RESERVED
    assert made.attempts > 1
    assert sum(line.granted for line in made.reservation.lines) == 3
    assert made.shortfalls in (((CUP, 2, 1, 3),),)


async def test_a_refused_mixed_basket_says_what_each_line_lacks(store: Store) -> None:
    await stock(store, {(CUP, SHOP): 1})
    refused = await hold(sourcing(store, Rows({(CUP, SHOP): 1}), chain()), mixed(("cup", 2, "shop"), ("cup", 1, "")))
    assert refused.outcome == ReserveOutcome.REFUSED
    assert sorted(refused.shortfalls) == [(CUP, 1, 0, 3), (CUP, 2, 1, 3)] or sorted(refused.shortfalls) == [
        (CUP, 2, 0, 3)
    ]


async def test_ways_are_part_of_what_a_request_id_stands_for(store: Store) -> None:
    await stock(store, EVERYWHERE)
    service = sourcing(store, Rows(EVERYWHERE), chain())
    await hold(service, order(("cup", 1), pickup="shop"))
    with pytest.raises(AlreadyExists) as reused:
        await hold(service, order(("cup", 1), pickup="other"))
    assert reused.value.metadata["field"] == "pickup_node_id"


async def test_explained_a_node_has_one_reason_over_all_its_ways(store: Store) -> None:
    service = sourcing(store, Rows({**EVERYWHERE, (CUP, SUPPLIER): 0, (POT, SUPPLIER): 0}), chain())
    found, candidates = await service.source(mixed(("cup", 2, "shop"), ("pot", 1, "")), explain=True)
    reasons = {each.node_ix: each.reason.name for each in candidates}
    assert {node for node, reason in reasons.items() if reason == "CHOSEN"} == {
        ship.node_ix for ship in found.shipments
    }
    assert reasons == {DC: "CHOSEN", SHOP: "CHOSEN", OTHER: "COSTS_MORE", SUPPLIER: "NO_STOCK"}


async def test_a_quote_of_a_mixed_basket_never_takes_a_unit_twice(store: Store) -> None:
    atp = {(CUP, SHOP): 3, (CUP, SUPPLIER): 9, (CUP, OTHER): 9}
    service = quoting(sourcing(store, Rows(atp), chain()))
    options = await service.quote(mixed(("cup", 2, "shop"), ("cup", 2, "")), alternatives=5, day_value_micros=0)
    assert len(options) > 1
    for found in [option.plan for option in options]:
        taken = sum(units for ship in found.shipments if ship.node_ix == SHOP for _, _, units in ship.lines)
        assert taken <= 3


# Together, and worth it ---------------------------------------------------------------------------------------------------


async def test_lines_together_leave_one_node_or_none_does(store: Store) -> None:
    atp = {(CUP, DC): 9, (POT, OTHER): 9, (CUP, OTHER): 9, (LAMP, DC): 9}
    wanted = order(("cup", 2), ("pot", 1), ("lamp", 1), together=("gift", "gift", ""))
    found = await plan_of(store, wanted, atp)
    assert told(found) == [
        (DC, "SHIP_FROM_CENTRE", DELIVERED, ((2, LAMP, 1),)),
        (OTHER, "SHIP_FROM_STORE", DELIVERED, ((0, CUP, 2), (1, POT, 1))),
    ]
    assert found.proven_optimal
    (dc, other) = found.shipments
    assert (dc.handling_micros, other.handling_micros) == (300_000, 3 * 800_000)
    assert other.weight_grams == 1_700
    found = await plan_of(store, wanted, {**atp, (POT, OTHER): 0, (POT, SUPPLIER): 1})
    assert told(found) == [(DC, "SHIP_FROM_CENTRE", DELIVERED, ((2, LAMP, 1),))]
    assert found.unserved == ((0, CUP, 2), (1, POT, 1))


async def test_what_goes_together_costs_what_its_units_cost(store: Store) -> None:
    """As without a group, where one node is the cheapest for all of it anyway."""
    catalogue = chain()
    catalogue.put("commission_rule", "c", 0, CommissionRule("c", rate_basis_points=1_000), 0)
    for sku in ("cup", "pot"):
        known = catalogue.skus.by_id[sku]
        more = {"weekly_demand_quantity": 40, "margin_micros": 5 * REAL, "markdown_micros": 3 * REAL}
        changed = replace(known, **more, healthy_weeks_min=2, healthy_weeks_max=6)
        catalogue.put("sku", sku, catalogue.skus.index_of[sku], changed, 0)
    for node_ix, node_id in enumerate(("dc", "shop")):
        known_node = catalogue.nodes.by_id[node_id]
        catalogue.put("node", node_id, node_ix, replace(known_node, demand_share_basis_points=2_500), 1)
    atp = {(CUP, SHOP): 90, (POT, SHOP): 5}
    apart = order(("cup", 2), ("pot", 3))._replace(ways=Ways(kinds=(3,)))
    apart_plan = await plan_of(store, apart, atp, catalogue)
    together = await plan_of(store, apart._replace(ways=Ways(kinds=(3,), together=("a", "a"))), atp, catalogue)
    assert together == apart_plan
    assert dict(together.shipments[0].terms).keys() == {CostTerm.COMMISSION, CostTerm.STOCK_OUT, CostTerm.MARKDOWN}
    weighed = "rules: [{name: r, costs: {weights: [{term: handling, percent: 300}, {term: commission, percent: 50}]}}]"
    put_policy(catalogue, weighed)
    apart_by_policy = await plan_of(store, apart, atp, catalogue)
    by_policy = await plan_of(store, apart._replace(ways=Ways(kinds=(3,), together=("a", "a"))), atp, catalogue)
    assert by_policy == apart_by_policy
    assert by_policy.policy is not None
    assert by_policy.policy.objective_micros > by_policy.total_micros - 60 * REAL


async def test_what_goes_together_is_held_line_by_line_and_a_lost_race_moves_all_of_it(store: Store) -> None:
    await stock(store, {(CUP, DC): 9, (POT, DC): 0, (CUP, OTHER): 9, (POT, OTHER): 9})
    stale = Rows({(CUP, DC): 9, (POT, DC): 9, (CUP, OTHER): 9, (POT, OTHER): 9})
    made = await hold(sourcing(store, stale, chain()), order(("cup", 2), ("pot", 1), together=("a", "a")))
    assert (made.outcome, made.attempts) == (ReserveOutcome.RESERVED, 2)
    assert sorted((x.node_ix, x.sku_ix, x.granted) for x in made.reservation.lines) == [
        (OTHER, CUP, 2),
        (OTHER, POT, 1),
    ]


async def test_lines_together_go_to_one_place(store: Store) -> None:
    with pytest.raises(InvalidRequest) as wrong:
        await plan_of(store, mixed(("cup", 1, "shop"), ("pot", 1, ""), together=("a", "a")), EVERYWHERE)
    assert wrong.value.metadata["field"] == "order.lines[1].together"


async def test_no_shipment_is_worth_less_than_the_order_says(store: Store) -> None:
    atp = {(CUP, DC): 9, (POT, OTHER): 9, (CUP, SUPPLIER): 9, (POT, SUPPLIER): 9}
    dear = chain()
    dear.put("node", "supplier", SUPPLIER, replace(dear.nodes.by_id["supplier"], shipment_cost_micros=90 * REAL), 1)
    for least, nodes in ((0, [DC, OTHER]), (40, [DC, OTHER]), (41, [SUPPLIER])):
        wanted = order(("cup", 2), ("pot", 1), constraints=Constraints(min_shipment_value_micros=least * REAL))
        for each in (wanted, wanted._replace(ways=Ways())):
            found = await plan_of(store, each, atp, dear)
            assert [ship.node_ix for ship in found.shipments] == nodes
            assert found.proven_optimal


async def test_what_is_collected_is_no_parcel_beside_others(store: Store) -> None:
    least = Constraints(min_shipment_value_micros=100 * REAL)
    found = await plan_of(store, mixed(("cup", 1, "shop"), ("lamp", 1, ""), constraints=least), EVERYWHERE)
    assert (len(found.shipments), found.unserved) == (2, ())


# Endless aisle ------------------------------------------------------------------------------------------------------------


async def test_the_company_of_the_shop_that_sells_it_pays_commission_to_others(store: Store) -> None:
    catalogue = chain()
    catalogue.put("commission_rule", "c", 0, CommissionRule("c", rate_basis_points=1_000), 0)
    for node_ix, commission in ((DC, 2 * REAL), (SHOP, 0)):
        found = await plan_of(store, order(("cup", 1), sold_at="shop"), {(CUP, node_ix): 1}, catalogue)
        assert dict(found.shipments[0].terms).get(CostTerm.COMMISSION, 0) == commission
    found = await plan_of(
        store, order(("cup", 1), sold_at="shop")._replace(seller_code="x"), {(CUP, SHOP): 1}, catalogue
    )
    assert dict(found.shipments[0].terms)[CostTerm.COMMISSION] == 2 * REAL, "who is named as the seller is the seller"


async def test_where_it_is_sold_is_its_origin_for_policies(store: Store) -> None:
    catalogue = chain()
    put_policy(catalogue, "applies_to: {origins: [shop]}\nrules: [{name: r}]")
    assert (await plan_of(store, order(("cup", 1), sold_at="shop"), EVERYWHERE, catalogue)).policy is not None
    assert (await plan_of(store, order(("cup", 1), sold_at="other"), EVERYWHERE, catalogue)).policy is None


async def test_the_shops_own_stock_is_for_what_the_order_says(store: Store) -> None:
    atp = {(CUP, SHOP): 9, (POT, SHOP): 1, (CUP, DC): 9, (POT, DC): 9}
    lines = (("cup", 2), ("pot", 2))
    dc, shop = "SHIP_FROM_CENTRE", "SHIP_FROM_STORE"
    for own, expected in (
        (OwnStock.AS_ANY, [(DC, dc, DELIVERED, ((0, CUP, 2), (1, POT, 2)))]),
        (OwnStock.FIRST, [(DC, dc, DELIVERED, ((1, POT, 2),)), (SHOP, shop, DELIVERED, ((0, CUP, 2),))]),
        (OwnStock.HAND_OVER, [(DC, dc, DELIVERED, ((1, POT, 2),)), (SHOP, "PICKUP", SHOP, ((0, CUP, 2),))]),
        (OwnStock.EXCLUDED, [(DC, dc, DELIVERED, ((0, CUP, 2), (1, POT, 2)))]),
    ):
        assert told(await plan_of(store, order(*lines, sold_at="shop", own_stock=own), atp)) == expected
    for own, served in ((OwnStock.FIRST, 1), (OwnStock.EXCLUDED, 0)):
        found = await plan_of(store, order(("cup", 1), sold_at="shop", own_stock=own), {(CUP, SHOP): 1})
        assert len(found.shipments) == served


async def test_the_rest_may_come_to_the_shop(store: Store) -> None:
    atp = {(CUP, SHOP): 9, (POT, DC): 9}
    ways = {"pickup": "shop", "ship_to_store": True, "sold_at": "shop", "own_stock": OwnStock.HAND_OVER}
    found = await plan_of(store, order(("cup", 2), ("pot", 2), **ways), atp)
    assert told(found) == [
        (DC, "SHIP_TO_STORE", SHOP, ((1, POT, 2),)),
        (SHOP, "PICKUP", SHOP, ((0, CUP, 2),)),
    ]


async def test_stock_that_the_shop_loses_meanwhile_comes_from_elsewhere(store: Store) -> None:
    await stock(store, {(CUP, SHOP): 0, (CUP, DC): 9})

    class Caught(Rows):
        """Shows what is there once it was looked at twice, as a replica that catches up."""

        looks = 0

        def rows(self, sku_indices: list[int], channel: str = "") -> Any:
            self.looks += 1
            if self.looks > 1:
                self.atp[CUP, SHOP] = 0
            return super().rows(sku_indices, channel)

    rows = Caught({(CUP, SHOP): 2, (CUP, DC): 9})
    wanted = order(("cup", 2), sold_at="shop", own_stock=int(OwnStock.HAND_OVER))
    made = await hold(sourcing(store, rows, chain()), wanted)
    assert told(made.plan) == [(DC, "SHIP_FROM_CENTRE", DELIVERED, ((0, CUP, 2),))]


async def test_hand_over_needs_a_pickup_point(store: Store) -> None:
    with pytest.raises(FailedPrecondition) as refused:
        await plan_of(store, order(("cup", 1), sold_at="dc", own_stock=OwnStock.HAND_OVER), EVERYWHERE)
    assert refused.value.reason == "PICKUP_NOT_OFFERED"


# Policies over several ways -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("node_filter", "lets"),
    [
        ("where: node, none_of: [shop]", False),
        ("where: node_group, any_of: [shops]", True),
        ("where: distance_km, max: 5", True),
        ("where: distance_km, min: 5", False),
        ("where: free_capacity_percent, min: 50", False),
        ("where: refusals, max: 0", False),
        ("where: stock_units, min: 2", True),
        ("where: coverage_percent, min: 100", True),
    ],
)
async def test_a_filter_looks_at_the_node_that_has_it(store: Store, node_filter: str, lets: bool) -> None:
    catalogue = chain()
    catalogue.set_loads({SHOP: 70})
    put_policy(catalogue, f"rules: [{{name: r, allow_partial: true, filters: [{{{node_filter}}}]}}]")
    wanted = order(("cup", 2), pickup="shop")._replace(traits=OrderTraits(refused_by=("shop",)))
    assert bool((await plan_of(store, wanted, EVERYWHERE, catalogue)).shipments) == lets
    both = mixed(("lamp", 1, ""), ("cup", 2, "shop"), ship_to_store=True)._replace(traits=wanted.traits)
    found = await plan_of(store, both, EVERYWHERE, catalogue)
    collected = [ship.node_ix for ship in found.shipments if ship.collected_ix == SHOP]
    assert (SHOP in collected) == lets


async def test_a_policy_weighs_all_ways_and_tells_money(store: Store) -> None:
    catalogue = chain()
    wanted = mixed(("cup", 2, "shop"), ("pot", 1, ""), ship_to_store=True)
    plain = await plan_of(store, wanted, EVERYWHERE, catalogue)
    put_policy(catalogue, "rules: [{name: r, costs: {weights: [{term: handling, percent: 9000}]}}]")
    found = await plan_of(store, wanted, EVERYWHERE, catalogue)
    assert found.policy is not None
    assert [ship.kind for ship in plain.shipments] == [6, 2]
    assert {ship.kind for ship in found.shipments} & {2, 4, 7} == {ship.kind for ship in found.shipments}, (
        "no shop picks"
    )
    assert found.total_micros == sum(ship.total_micros for ship in found.shipments) + found.split_micros
    assert found.policy.objective_micros == found.total_micros + 89 * sum(
        ship.handling_micros for ship in found.shipments
    )
