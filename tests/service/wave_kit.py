"""Small random waves, and every joint plan there is of them: what the planner and its bound are held to.

The enumeration knows nothing of the kernel: it prices plans by the catalogue's words, and splits lines in all ways.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product
from typing import Any

from test_sourcing import NOON, Keeper, Rows, sourcing

from promessa.domain.catalogue import Catalogue, Lane, Node, Sku
from promessa.domain.rate_cards import RateBracket, RateCard
from promessa.domain.sourcing import Constraints, Order
from promessa.service.asking import DEFAULT_SPLIT_COST_MICROS
from promessa.service.lots import Lots
from promessa.service.wave_decisions import Value, WaveDecisions
from promessa.service.wave_ledger import Room
from promessa.service.wave_planning import WavePlan, plan_wave

MICROS = 1_000_000
NODES, SKUS = "abc", ("cup", "pot")


def chain(draw_card: Sequence[int], openings: Sequence[int], units: Sequence[int]) -> Catalogue:
    """Three nodes; each with a card of its own: prices up to 1, 2 and 9 kg, and a step per kilogram beyond."""
    catalogue = Catalogue()
    for i, node_id in enumerate(NODES):
        node = Node(node_id, shipment_cost_micros=openings[i] * MICROS, unit_cost_micros=units[i] * MICROS)
        catalogue.put("node", node_id, i, node, 1)
        low, more, most = draw_card[3 * i : 3 * i + 3]
        prices = (low, low + more, low + more + most)
        brackets = tuple(RateBracket(g, p * MICROS) for g, p in zip((1_000, 2_000, 9_000), prices, strict=True))
        catalogue.put("rate_card", f"card-{i}", i, RateCard(f"card-{i}", "", "BRL", brackets), 0)
        lane = Lane(f"lane-{node_id}", node_id, "BR", ("0",), "road", f"card-{i}", 2)
        catalogue.put("lane", lane.lane_id, i, lane, 0)
    for i, sku in enumerate(SKUS):
        catalogue.put("sku", sku, i, Sku(sku, weight_grams=1_000), 0)
    return catalogue


def basket(*lines: tuple[str, int], order_id: str = "o", **constraints: Any) -> Order:
    return Order(order_id, lines, "BR", "01310100", Constraints(**constraints))


async def decisions_of(
    store: Any,
    catalogue: Catalogue,
    atp: dict[tuple[int, int], int],
    orders: Sequence[tuple[Order, bool]],
    rooms: dict[int, Room] | None = None,
) -> WaveDecisions:
    """The orders of a wave, each with whether it may be held in part. Stock is by sku and node."""
    service = sourcing(store, Rows({cell: units for cell, units in atp.items() if units}), catalogue)
    decisions = WaveDecisions(service.decider, Lots(Keeper(catalogue), store).parts, rooms or {})  # type: ignore[arg-type]
    for order, allow_partial in orders:
        await decisions.add(await service.ask(order, NOON), allow_partial=allow_partial)
    return decisions


async def planned(decisions: WaveDecisions, rounds: int = 30) -> WavePlan:
    return await plan_wave(decisions, await decisions.one_by_one(), rounds_max=rounds)


def optimum(
    catalogue: Catalogue,
    atp: dict[tuple[int, int], int],
    orders: Sequence[tuple[Order, bool]],
    rooms: dict[int, Room] | None = None,
) -> Value:
    """The best of all joint plans: fewest units unserved, then least cost. Order by order over all that can be left."""
    cells = sorted(atp)
    first = tuple(atp[cell] for cell in cells), tuple(sorted((n, r.left) for n, r in (rooms or {}).items()))
    best = {first: Value(0, 0)}
    for order, allow_partial in orders:
        choices = list(plans_of(catalogue, order, allow_partial))
        following: dict[Any, Value] = {}
        for (left, room_left), value in best.items():
            for uses, unserved, cost in choices:
                after = [units - uses.get(cell, 0) for cell, units in zip(cells, left, strict=True)]
                days = _days(rooms or {}, dict(room_left), uses)
                if min(after) < 0 or (days and min(n for _, n in days) < 0):
                    continue
                state, found = (tuple(after), days), Value(value.unserved + unserved, value.cost + cost)
                if found < following.get(state, Value(1 << 60, 0)):
                    following[state] = found
        best = following
    return min(best.values())


def _days(
    rooms: dict[int, Room], left: dict[int, int], uses: dict[tuple[int, int], int]
) -> tuple[tuple[int, int], ...]:
    """What nodes still take on after a plan."""
    after = dict(left)
    for node, room in rooms.items():
        units = sum(n for (_, at), n in uses.items() if at == node)
        after[node] -= bool(units) if room.unit.name == "ORDERS" else units
    return tuple(sorted(after.items()))


def plans_of(
    catalogue: Catalogue, order: Order, allow_partial: bool
) -> Iterator[tuple[dict[tuple[int, int], int], int, int]]:
    """Every plan of an order: what it takes by sku and node, what it leaves, and what it costs."""
    wanted = sum(quantity for _, quantity in order.lines)
    for shares in product(*(_shares(quantity, len(NODES) + 1) for _, quantity in order.lines)):
        uses: dict[tuple[int, int], int] = {}
        whole_lines = True
        for (sku, quantity), share in zip(order.lines, shares, strict=True):
            whole_lines = whole_lines and max(share) == quantity
            for node, units in enumerate(share[:-1]):
                if units:
                    cell = catalogue.skus.index_of[sku], node
                    uses[cell] = uses.get(cell, 0) + units
        unserved = sum(share[-1] for share in shares)
        nodes = sorted({node for _, node in uses})
        constraints = order.constraints
        if constraints.max_shipments and len(nodes) > constraints.max_shipments:
            continue
        if constraints.keep_lines_whole and not whole_lines:
            continue
        if unserved and unserved < wanted and not allow_partial:
            continue
        yield uses, unserved, _cost(catalogue, uses, nodes)


@cache
def _shares(quantity: int, ways: int) -> tuple[tuple[int, ...], ...]:
    """All ways to share units over nodes and nobody."""
    if ways == 1:
        return ((quantity,),)
    return tuple((first, *rest) for first in range(quantity + 1) for rest in _shares(quantity - first, ways - 1))


def _cost(catalogue: Catalogue, uses: dict[tuple[int, int], int], nodes: Sequence[int]) -> int:
    total = DEFAULT_SPLIT_COST_MICROS * max(0, len(nodes) - 1)
    for at in nodes:
        node, card = catalogue.nodes.by_id[NODES[at]], catalogue.rate_cards.by_id[f"card-{at}"]
        units = sum(n for (_, each), n in uses.items() if each == at)
        price = next(b.price_micros for b in card.brackets if units * 1_000 <= b.max_weight_grams)
        total += node.shipment_cost_micros + units * node.unit_cost_micros + price
    return total
