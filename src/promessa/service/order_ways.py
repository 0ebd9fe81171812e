"""How the lines of an order get to their customer: which parts there are, which line goes which way, and who leaves together.

Parts and groups are found before stock is looked at, but for what a shop hands over on the spot: the lines it has whole.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from promessa.domain.catalogue import Catalogue, Node, NodeState
from promessa.domain.errors import FailedPrecondition, InvalidRequest
from promessa.domain.kinds import OwnStock
from promessa.domain.sourcing import Order
from promessa.kernel import Rules
from promessa.service.joined_network import NodeDay, Part, join
from promessa.service.network_view import Destination, NetworkView
from promessa.service.node_facts import Rows

RowArrays = tuple["array[int]", "array[int]", "array[int]"]
"""Start, node and units, as the replica gives them."""


class Keeper(Protocol):
    """What is asked of the catalogue keeper."""

    catalogue: Catalogue

    async def node_index(self, node_id: str) -> int: ...


class Way(NamedTuple):
    """The part of a line of an order, and the name of those it leaves with."""

    part: int
    group: str


class Route(NamedTuple):
    """The parts of an order, the part of each item, the items of each line of the kernel, whether they leave together, what
    supply may be waited for, and which items a shop hands over."""

    parts: tuple[Part, ...]
    of_item: tuple[int, ...]
    groups: tuple[tuple[int, ...], ...]
    whole: tuple[bool, ...]
    to_come: tuple[NodeDay, ...] = ()
    handed: tuple[int, ...] = ()

    @property
    def places(self) -> list[int]:
        """Where each item goes: the node where it is collected, or DELIVERED."""
        return [self.parts[part].collector for part in self.of_item]


class OrderWays:
    """The ways of orders. `sold_at` shops, pickup nodes and what they may do are the catalogue's to say."""

    def __init__(self, keeper: Keeper, view: NetworkView) -> None:
        self._keeper = keeper
        self._view = view

    async def completed(self, order: Order) -> Order:
        """An order with what follows from where it is sold. Raises NotFound (NODE_NOT_FOUND)."""
        if not order.ways.sold_at:
            return order
        return sold_in(order, await self._node(order.ways.sold_at))

    async def of_lines(self, order: Order) -> tuple[list[str], list[Way]]:
        """The nodes where parts are collected (empty: delivered), each once, and the way of each line.

        Raises NotFound (NODE_NOT_FOUND), FailedPrecondition (PICKUP_NOT_OFFERED), InvalidRequest (INVALID_FIELD) for lines that
        leave together and go to different places.
        """
        collectors: dict[str, int] = {}
        group_parts: dict[str, int] = {}
        ways = []
        for line in range(len(order.lines)):
            pickup, group = order.ways.pickup(line), order.ways.group(line)
            if pickup and pickup not in collectors:
                self._check_pickup(await self._node(pickup))
            part = collectors.setdefault(pickup, len(collectors))
            if group and group_parts.setdefault(group, part) != part:
                field, rule = f"order.lines[{line}].together", "must go where the other lines of that name go"
                raise InvalidRequest("INVALID_FIELD", f"{field} {rule}.", field=field, rule=rule)
            ways.append(Way(part, group))
        if _hands_over(order):
            self._check_pickup(await self._node(order.ways.sold_at))
        return list(collectors), ways

    def parts(self, order: Order, collectors: Sequence[str], now_ms: int) -> tuple[Part, ...]:
        """The parts of an order; what a shop may hand over is the last. Raises FailedPrecondition (DESTINATION_NOT_SERVED)."""
        self._view.take_over(now_ms)  # where all is collected, nobody asks for a destination
        parts = [self._part(order, node_id, now_ms) for node_id in collectors]
        if _hands_over(order):
            parts.append(Part(None, self._keeper.catalogue.nodes.index_of[order.ways.sold_at]))
        return tuple(parts)

    def _part(self, order: Order, node_id: str, now_ms: int) -> Part:
        if not node_id:
            return Part(served(self._view, order, now_ms))
        node = self._keeper.catalogue.nodes.by_id[node_id]
        node_ix = self._keeper.catalogue.nodes.index_of[node_id]
        if not order.ways.ship_to_store:
            return Part(None, node_ix)
        return Part(self._view.destination(node.country_code, node.postal_code, now_ms), node_ix)

    def route(
        self,
        order: Order,
        parts: tuple[Part, ...],
        ways: Sequence[Way],
        rows: Rows,
        handed: Sequence[int] | None = None,
    ) -> Route:
        """Which item goes which way. `ways` are those of items; `rows` are by nodes of the catalogue. `handed` are the items
        that a shop hands over, where that was found before."""
        groups = _groups(ways)
        of_item = [way.part for way in ways]
        if handed is None:
            handed = self._handed(order, groups, rows) if _hands_over(order) else ()
        for item in handed:
            of_item[item] = len(parts) - 1
        whole = tuple([bool(ways[items[0]].group) for items in groups])
        return Route(parts, tuple(of_item), groups, whole, handed=tuple(handed))

    def _handed(self, order: Order, groups: Sequence[Sequence[int]], rows: Rows) -> list[int]:
        """The items that the shop has whole, with all that leaves together with them."""
        shop = self._keeper.catalogue.nodes.index_of[order.ways.sold_at]
        return [
            item
            for items in groups
            if all(_lots_at(rows, each, shop) >= rows.quantities[each] for each in items)
            for item in items
        ]

    def network(self, route: Route) -> Destination:
        """The network of all parts."""
        return join(self._view, self._keeper.catalogue, route.parts, route.to_come)

    def prefer_shop(self, order: Order, route: Route, rows: Rows, rules: Rules, destination: Destination) -> None:
        """Where the shop's own stock comes first: leave of the rows of lines that it has whole, and can send, its own alone."""
        if order.ways.own_stock != OwnStock.FIRST:
            return
        shop = self._keeper.catalogue.nodes.index_of[order.ways.sold_at]
        for items, node in first_of_shop(route, shop, rows, rules, destination):
            for item in items:
                for at in range(rows.start[item], rows.start[item + 1]):
                    rows.atp[at] = rows.atp[at] if rows.node[at] == node else 0

    async def _node(self, node_id: str) -> Node:
        """A node. Raises NotFound (NODE_NOT_FOUND)."""
        nodes = self._keeper.catalogue.nodes.by_id
        if node_id not in nodes:
            await self._keeper.node_index(node_id)
        return nodes[node_id]

    def _check_pickup(self, node: Node) -> None:
        """Raises FailedPrecondition (PICKUP_NOT_OFFERED)."""
        catalogue = self._keeper.catalogue
        why, then = "", ""
        if not node.pickup_point:
            why, then = "NOT_A_PICKUP_POINT", "is no pickup point. Put it with pickup_point, or name another node."
        elif catalogue.node_states.get(catalogue.nodes.index_of[node.node_id]) == NodeState.PAUSED:
            why, then = "PAUSED", "takes no orders now. Name another node, or retry when it does."
        if why:
            raise FailedPrecondition(
                "PICKUP_NOT_OFFERED",
                f"Nothing can be collected at node {node.node_id!r}: it {then}",
                node_id=node.node_id,
                why=why,
            )


def first_of_shop(
    route: Route, shop: int, rows: Rows, rules: Rules, destination: Destination
) -> Iterator[tuple[tuple[int, ...], int]]:
    """The items, those that leave together at once, that a shop has whole and can send; and which of their nodes it is."""
    for items in route.groups:
        node = place_of(route, items[0], shop, destination)
        if node is None or not _can_send(node, rules, destination):
            continue
        if all(_lots_at(rows, item, node) >= rows.quantities[item] for item in items):
            yield items, node


def sold_in(order: Order, shop: Node) -> Order:
    """An order sold in a shop: its owner is the seller, and it is the origin, where none is said."""
    if not order.traits.origin:
        order = order._replace(traits=order.traits._replace(origin=shop.node_id))
    return order if order.seller_code else order._replace(seller_code=shop.owner_code)


def served(view: NetworkView, order: Order, now_ms: int) -> Destination:
    """The network towards where an order goes. Raises FailedPrecondition (DESTINATION_NOT_SERVED)."""
    destination = view.destination(order.country_code, order.postal_code, now_ms)
    if not destination.served:
        raise FailedPrecondition(
            "DESTINATION_NOT_SERVED",
            f"No lane serves postal code {order.postal_code!r} in {order.country_code}. Put a lane for it first.",
            postal_code=order.postal_code,
        )
    return destination


def _hands_over(order: Order) -> bool:
    """Whether the shop hands over what it has: one that refused it, or is left out, does not."""
    ways = order.ways
    return ways.own_stock == OwnStock.HAND_OVER and ways.sold_at not in order.constraints.excluded_node_ids


def _groups(ways: Sequence[Way]) -> tuple[tuple[int, ...], ...]:
    """The items that leave together; most leave alone."""
    found: dict[object, list[int]] = {}
    for item, way in enumerate(ways):
        found.setdefault(way.group or item, []).append(item)
    return tuple([tuple(items) for items in found.values()])


def _lots_at(rows: Rows, item: int, node: int) -> int:
    """Lots of an item at a node, 0 where it has no entry."""
    end = rows.start[item + 1]
    at = bisect_left(rows.node, node, rows.start[item], end)
    return rows.atp[at] if at < end and rows.node[at] == node else 0


def place_of(route: Route, item: int, node_ix: int, destination: Destination) -> int | None:
    """Where a node of the catalogue stands among those of an item's part; None if it does not."""
    joint, part_ix = destination.joint, route.of_item[item]
    if joint is None:
        return node_ix
    part = route.parts[part_ix]
    if part.destination is None:
        return joint.firsts[part_ix] if node_ix == part.collector else None
    return joint.firsts[part_ix] + node_ix if node_ix < len(part.destination.nodes) else None


def _can_send(node: int, rules: Rules, destination: Destination) -> bool:
    """Whether a node may serve, and has a lane that may be used."""
    starts = destination.columns.lane_start
    lanes = range(starts[node], starts[node + 1])
    eligible = rules.node_eligible is None or bool(memoryview(rules.node_eligible)[node])
    allowed = memoryview(rules.lane_allowed) if rules.lane_allowed is not None else None
    return eligible and node not in rules.excluded_nodes and any(allowed is None or allowed[lane] for lane in lanes)
