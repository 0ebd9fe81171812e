"""Asking: Questions makes questions of orders, from the catalogue and the replica, or from what was kept of a decision.

question.py says what a question is; deciding.py answers it. No kernel call is made here.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple, Protocol

from promessa.domain.availability import Promise
from promessa.domain.catalogue import Catalogue, Seen
from promessa.domain.claim import Claim, claim_of
from promessa.domain.errors import InvalidRequest, NotFound, Unavailable
from promessa.domain.kinds import NO_DAY, NO_WAYS, OwnStock
from promessa.domain.limits import ORDER_UNITS_MAX
from promessa.domain.promise_dates import DAY_MS
from promessa.domain.sourcing import NO_CONSTRAINTS, Order, Plan
from promessa.kernel import Rules
from promessa.service.catching_up import StockRows
from promessa.service.cooling import cooling_lines, leave_alone
from promessa.service.guides import Guides
from promessa.service.joined_network import NodeDay, nodes_of
from promessa.service.lots import Lots
from promessa.service.method_safety import MethodSafety
from promessa.service.network_view import Destination, NetworkView
from promessa.service.node_facts import Rows, both
from promessa.service.order_ways import OrderWays, RowArrays, Way, served
from promessa.service.placed_rows import placed, placed_to_come
from promessa.service.question import Question
from promessa.service.supply_to_come import Cells, SupplyToCome, units_by

DEFAULT_SPLIT_COST_MICROS = 2_000_000
"""What a shipment after the first costs in patience, in micros: two units of the currency."""


StoredRows = Callable[[list[int]], RowArrays]
"""Row starts, nodes and units (lots) of the lines, for the quantities wanted of each."""


class KeptStock(NamedTuple):
    """The stock that a decision saw, by nodes of the catalogue, with what followed from the stock of the moment: the items that
    a shop hands over, and the nodes and days that were waited for, with rows by positions among these."""

    rows: StoredRows
    handed: tuple[int, ...]
    to_come: tuple[NodeDay, ...]
    later: StoredRows


class Withholding(Protocol):
    """What sourcing asks of the store where a fulfilment method has rules of safety stock."""

    methods: MethodSafety

    async def of_pairs(self, pairs: Sequence[tuple[str, str]], *, claim: Claim) -> list[Promise]: ...


class SkuDirectory(Protocol):
    """What sourcing asks of the catalogue keeper."""

    catalogue: Catalogue

    async def find_sku(self, sku: str) -> int | None: ...

    async def node_index(self, node_id: str) -> int: ...


class Questions:
    """Makes questions of orders. `split_cost_micros` is what a shipment after the first costs in patience."""

    def __init__(
        self,
        keeper: SkuDirectory,
        stock: Callable[[], StockRows],
        lots: Lots,
        authority: Withholding,
        guides: Guides,
        view: NetworkView,
        to_come: SupplyToCome | None = None,
        *,
        split_cost_micros: int = DEFAULT_SPLIT_COST_MICROS,
    ) -> None:
        self._keeper = keeper
        self._stock = stock
        self._lots = lots
        self._authority = authority
        self._guides = guides
        self._view = view
        self._split_cost = split_cost_micros
        self._plain_rules = Rules(split_cost=split_cost_micros)
        self._ways = OrderWays(keeper, view)
        self._to_come = to_come

    @property
    def catalogue(self) -> Catalogue:
        """What orders are asked about."""
        return self._keeper.catalogue

    @property
    def seen(self) -> Seen:
        """What the catalogue is of."""
        return self._keeper.catalogue.seen

    async def ask(self, order: Order, now_ms: int, kept: KeptStock | None = None) -> Question:
        """An order as of an instant, with the stock that the replica shows, or with what was kept.

        Raises NotFound (SKU_NOT_FOUND, NODE_NOT_FOUND, POLICY_NOT_FOUND), InvalidRequest (REFERENCE_NOT_FOUND),
        FailedPrecondition (DESTINATION_NOT_SERVED, PICKUP_NOT_OFFERED), Unavailable (REPLICA_STALE).
        """
        seen = self.seen
        question = await self._ask(order, now_ms, kept)
        question.seen = seen if self.seen is seen else None
        return question

    async def _ask(self, order: Order, now_ms: int, kept: KeptStock | None) -> Question:
        plain = order.ways is NO_WAYS
        collectors: list[str] = []
        ways: list[Way] = []
        if not plain:
            if order.ways.waits:
                self._lots.refuse_kits(
                    [sku for sku, _ in order.lines], "in an order that may wait for supply", "order.lines"
                )
            order = await self._ways.completed(order)
            collectors, ways = await self._ways.of_lines(order)
        quantities: dict[object, int] = {}
        catalogue = self._keeper.catalogue
        positions: list[int] = []
        grams: list[int] = []
        sku_ixs: list[int] = []
        index_of, by_id = catalogue.skus.index_of, catalogue.skus.by_id
        for position, (sku, quantity) in enumerate(order.lines):
            sku_ix = index_of.get(sku)
            if sku_ix is None:
                sku_ix = await self._keeper.find_sku(sku)
            if sku_ix is None:
                raise NotFound("SKU_NOT_FOUND", f"There is no sku {sku!r}. Put it first, or correct the id.", sku=sku)
            item = sku_ix if plain else (sku_ix, ways[position])
            if item in quantities:
                quantities[item] += quantity
                continue
            quantities[item] = quantity
            positions.append(position)
            sku_ixs.append(sku_ix)
            grams.append(by_id[sku].weight_grams)
        wanted, steps, lead_days = list(quantities.values()), [], []
        if catalogue.shaped and self._lots.concern([sku for sku, _ in order.lines]):
            self._lots.check(order.lines, "order.lines")
            steps, lead_days = [self._lots.step(x) for x in sku_ixs], [self._lots.lead_days(x) for x in sku_ixs]
            wanted = [units // step for units, step in zip(wanted, steps, strict=True)]
            grams = [self._lots.grams(sku_ix) for sku_ix in sku_ixs]
        if max(wanted) > ORDER_UNITS_MAX:
            raise InvalidRequest(
                "INVALID_FIELD",
                f"order.lines: no more than {ORDER_UNITS_MAX:,} units of one sku can be sourced at once. Split the order.",
                field="order.lines",
            )
        parts = () if plain else self._ways.parts(order, collectors, now_ms)
        destination = served(self._view, order, now_ms) if plain else None
        if self._view.volumetric_divisor:
            grams = [self._lots.grams(sku_ix, self._view.volumetric_divisor) for sku_ix in sku_ixs]
        start, nodes, atp = kept.rows(wanted) if kept else await self._rows(order, sku_ixs, steps)
        if catalogue.coolings.by_id:
            leave_alone(catalogue, sku_ixs, now_ms, (start, nodes, atp))
        route = None
        if destination is None:
            rows = Rows(sku_ixs, wanted, steps, start, nodes, atp)
            of_items = [ways[position] for position in positions]
            route = self._ways.route(order, parts, of_items, rows, kept.handed if kept else None)
            destination = self._ways.network(route)
            start, nodes, atp = placed(route, (start, nodes, atp), destination)
        costs = None
        if catalogue.priced and not catalogue.priced.isdisjoint([sku for sku, _ in order.lines]):
            costs = self._view.line_costs(order, destination, [self._lots.worth(sku_ix) for sku_ix in sku_ixs])
        question = Question(
            order,
            now_ms,
            destination,
            sku_ixs,
            wanted,
            grams,
            positions,
            self.rules_of(order, destination, now_ms, max(lead_days, default=0) * DAY_MS),
            start,
            nodes,
            atp,
            wanted,
            steps,
            lead_days,
            costs,
            order.constraints.latest_delivery_ms,
        )
        if route is not None or order.constraints.min_shipment_value_micros:
            question.route, question.least_micros = route, order.constraints.min_shipment_value_micros
            question.values = cache(lambda: [self._lots.worth(sku_ix).value_micros for sku_ix in sku_ixs])
            if question.least_micros:
                question.values()  # by the catalogue of now
            if route is not None and kept is None:
                self._ways.prefer_shop(order, route, question.rows, question.rules, destination)
        if catalogue.policy_versions.by_id or order.policy_id:
            question.guide = await self._guides.find(order, now_ms)
        if kept and kept.to_come:
            start, nodes, lots = kept.later(wanted)
            days = [
                {kept.to_come[nodes[at]]: lots[at] for at in range(start[item], start[item + 1])}
                for item in range(len(sku_ixs))
            ]
            question = self._waiting(question, kept.to_come, days)
        return question

    async def _rows(self, order: Order, sku_ixs: list[int], steps: list[int]) -> RowArrays:
        """What nodes can promise of the order's skus, by nodes of the catalogue, in lots. Raises as ask."""
        start, nodes, atp = await self._stock_rows(order, sku_ixs)
        for line, step in enumerate(steps):
            for at in range(start[line], start[line + 1]) if step > 1 else ():
                atp[at] //= step
        return start, nodes, atp

    async def with_supply(self, question: Question, unserved: Iterable[tuple[int, int, int]]) -> Question:
        """The same of an order that may wait, with what is to come of what stock does not serve: position, sku and units.

        Where nothing is to come it is the same question.
        """
        route, order, to_come = question.route, question.order, self._to_come
        assert route is not None and to_come is not None, "an order that may wait has ways"
        short: dict[int, int] = {}
        for _, sku_ix, units in unserved:
            short[sku_ix] = short.get(sku_ix, 0) + units
        nodes = sorted({node for part in route.parts for node in nodes_of(part)})
        cells = await to_come.cells(order, nodes, short, question.sku_ixs)
        if self.catalogue.coolings.by_id:
            alone = cooling_lines(self.catalogue, question.sku_ixs, question.now_ms)
            left_alone = {(node_ix, question.sku_ixs[item]) for node_ix, item, _ in alone}
            cells = {cell: days for cell, days in cells.items() if cell not in left_alone}
        wanted = {sku_ix: sum(question.wanted_units(sku_ix)) for sku_ix in short}
        days = tuple(to_come.node_days(cells, wanted))
        return self._on_days(question, days, cells)

    async def with_supply_of(self, question: Question, found: Plan) -> Question:
        """The same of an order that may wait, with what is to come on the days that a plan of it waits for alone."""
        to_come = self._to_come
        assert to_come is not None, "an order that may wait has ways"
        waiting = [ship for ship in found.shipments if ship.supply_day != NO_DAY and ship.node_ix >= 0]
        days = tuple(sorted({to_come.on_day(ship.node_ix, ship.supply_day) for ship in waiting}))
        cells = await to_come.at(
            {(ship.node_ix, sku_ix) for ship in waiting for _, sku_ix, _ in ship.lines}, question.order
        )
        return self._on_days(question, days, cells)

    def _on_days(self, question: Question, days: tuple[NodeDay, ...], cells: Cells) -> Question:
        """The question with what of cells is there on days to come; the same where there are none."""
        if not days:
            return question
        lots = [
            {each: question.lots(item, units_by(cells.get((each.node_ix, sku_ix), ()), each.day)) for each in days}
            for item, sku_ix in enumerate(question.sku_ixs)
        ]
        if self.seen is not question.seen:
            question = replace(question, seen=None)  # the network of the days is of another catalogue
        return self._waiting(question, days, lots)

    def _waiting(
        self, question: Question, days: tuple[NodeDay, ...], lots: Sequence[Mapping[NodeDay, int]]
    ) -> Question:
        """The question with what items have on days to come."""
        order, route = question.order, question.route
        assert route is not None, "an order that may wait has ways"
        route = route._replace(to_come=days)
        destination = self._ways.network(route)
        rows = placed_to_come(route, (question.row_start, question.row_node, question.row_atp), lots, destination)
        costs = question.costs
        if costs:
            worths = [self._lots.worth(sku_ix) for sku_ix in question.sku_ixs]
            costs = self._view.line_costs(order, destination, worths)
        return replace(
            question,
            destination=destination,
            rules=self.rules_of(order, destination, question.now_ms, question.longest_lead_ms),
            row_start=rows[0],
            row_node=rows[1],
            row_atp=rows[2],
            costs=costs,
            route=route,
        )

    async def _stock_rows(self, order: Order, sku_ixs: list[int]) -> RowArrays:
        """What nodes can promise of the order's skus, by nodes of the catalogue. Raises Unavailable (REPLICA_STALE)."""
        stock = self._stock()
        if not stock.ready:
            raise Unavailable(
                "REPLICA_STALE", "The replica is loading, so nothing can be decided yet. Retry in a moment."
            )
        claim = claim_of(order.channel)
        try:
            start, nodes, atp = stock.rows(sku_ixs, claim.channel)
        except TimeoutError as error:
            raise Unavailable("REPLICA_STALE", "The replica stands still, so nothing can be decided. Retry.") from error
        if claim.method and self._authority.methods.has_rules(claim.method):
            await self._withhold(claim, sku_ixs, start, nodes, atp)
        return start, nodes, atp

    async def _withhold(
        self, claim: Claim, sku_ixs: Sequence[int], start: array[int], nodes: array[int], atp: array[int]
    ) -> None:
        """Of an order whose fulfilment method has rules of safety stock: rows as the store has them for it."""
        skus, names = self._keeper.catalogue.skus.ids, self._keeper.catalogue.nodes.ids
        places = [(line, at) for line in range(len(sku_ixs)) for at in range(start[line], start[line + 1]) if atp[at]]
        pairs = [(skus[sku_ixs[line]], names[nodes[at]]) for line, at in places]
        for (_, at), found in zip(places, await self._authority.of_pairs(pairs, claim=claim), strict=True):
            atp[at] = min(atp[at], found.enough_for)

    def rules_of(self, order: Order, destination: Destination, now_ms: int, lead_ms: int) -> Rules:
        """What the plan must keep to. All of an order with something to be made is in time only if that is."""
        constraints, ways = order.constraints, order.ways
        if constraints is NO_CONSTRAINTS and ways is NO_WAYS and not destination.near:
            return self._plain_rules
        directory = self._keeper.catalogue.nodes
        origins = destination.joint.origins if destination.joint else range(len(destination.nodes))
        eligible = None
        if constraints.node_group_id:
            eligible = self._group_mask(constraints.node_group_id, origins)
        lanes = None
        if constraints.latest_delivery_ms:
            lanes = destination.lanes_in_time(now_ms, constraints.latest_delivery_ms, lead_ms)
        if ways.kinds:
            lanes = both(lanes, destination.lanes_of_kinds(ways.kinds))
        if destination.near:
            lanes = both(lanes, destination.lanes_in_reach(order.traits.position_e6))
        names = constraints.excluded_node_ids
        if ways.own_stock == OwnStock.EXCLUDED:
            names = (*names, ways.sold_at)
        excluded = {directory.index_of[x] for x in names if x in directory.index_of}
        return Rules(
            max_shipments=constraints.max_shipments,
            ship_complete=constraints.ship_complete,
            allow_line_split=not constraints.keep_lines_whole,
            split_cost=self._split_cost,
            excluded_nodes=[node for node, origin in enumerate(origins) if origin in excluded] if excluded else [],
            node_eligible=eligible,
            lane_allowed=lanes,
        )

    def _group_mask(self, node_group_id: str, origins: Sequence[int]) -> bytes:
        """One byte for each node, by the nodes that they are."""
        catalogue = self._keeper.catalogue
        group = catalogue.node_groups.by_id.get(node_group_id)
        if group is None:
            raise InvalidRequest(
                "REFERENCE_NOT_FOUND",
                f"There is no node group {node_group_id!r}. Put it first, or leave node_group_id empty.",
                kind="node_group",
                id=node_group_id,
            )
        members = {catalogue.nodes.index_of.get(node_id) for node_id in group.node_ids}
        return bytes([origin in members for origin in origins])
