"""An order in the kernel's terms: lines by sku with weights and stock rows, what the plan must keep to, the policy.

Questions makes them from an order, the catalogue and the replica; deciding.py answers them. No kernel call is made here.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from promessa.domain.availability import Promise
from promessa.domain.catalogue import Catalogue, Seen
from promessa.domain.claim import Claim, claim_of
from promessa.domain.errors import FailedPrecondition, InvalidRequest, NotFound, Unavailable
from promessa.domain.limits import ORDER_UNITS_MAX
from promessa.domain.promise_dates import DAY_MS
from promessa.domain.sourcing import NO_CONSTRAINTS, Order
from promessa.kernel import Basket, Rules
from promessa.service.catching_up import StockRows
from promessa.service.guided import Guide
from promessa.service.guides import Guides
from promessa.service.line_costs import LineCosts
from promessa.service.lots import Lots
from promessa.service.method_safety import MethodSafety
from promessa.service.network_view import Destination, NetworkView
from promessa.service.node_facts import Rows

DEFAULT_SPLIT_COST_MICROS = 2_000_000
"""What a shipment after the first costs in patience, in micros: two units of the currency."""


StoredRows = Callable[[list[int]], "tuple[array[int], array[int], array[int]]"]
"""Row starts, nodes and units (lots) of the lines, for the quantities wanted of each."""


class Withholding(Protocol):
    """What sourcing asks of the store where a fulfilment method has rules of safety stock."""

    methods: MethodSafety

    async def of_pairs(self, pairs: Sequence[tuple[str, str]], *, claim: Claim) -> list[Promise]: ...


class SkuDirectory(Protocol):
    """What sourcing asks of the catalogue keeper."""

    catalogue: Catalogue

    async def find_sku(self, sku: str) -> int | None: ...


@dataclass(slots=True)
class Question:
    """An order in the kernel's terms: one line per sku.

    Where a sku of it is shaped, `steps` are the units of a lot and `lead_days` the days until it is made, line by line; the
    kernel then counts lots. In other orders both are empty.
    """

    order: Order
    now_ms: int
    destination: Destination
    sku_ixs: list[int]
    quantities: list[int]
    grams: list[int]
    positions: list[int]
    rules: Rules
    row_start: array[int]
    row_node: array[int]
    row_atp: array[int]
    wanted: list[int]
    """The quantities asked for; `quantities` may be fewer, see limit."""
    steps: list[int]
    lead_days: list[int]
    costs: LineCosts | None
    latest_ms: int
    """When everything must have arrived, 0 for whenever: as the order says, and the rule that decided."""
    guide: Guide | None = None
    """The policy that decides, None if none does."""
    seen: Seen | None = None
    """What the catalogue was of all the while it was asked; None if it changed meanwhile."""
    left: dict[int, int] = field(default_factory=dict)
    """Lots that the owner may still hold, of lines that this limits."""

    @property
    def basket(self) -> Basket:
        atp = self._atp_left()
        return Basket(
            row_cost=self.costs.column(self.row_start, self.row_node, atp) if self.costs else None,
            quantities=self.quantities,
            unit_grams=self.grams,
            row_start=self.row_start,
            row_node=self.row_node,
            row_atp=atp,
        )

    @property
    def rows(self) -> Rows:
        return Rows(self.sku_ixs, self.quantities, self.steps, self.row_start, self.row_node, self._atp_left())

    def _atp_left(self) -> array[int]:
        """The stock that counts: of lines of which the owner may hold nothing, none."""
        if not self.left:
            return self.row_atp
        atp = array("q", self.row_atp)
        for line, lots in self.left.items():
            if not lots:
                for at in range(self.row_start[line], self.row_start[line + 1]):
                    atp[at] = 0
        return atp

    def available(self, line: int, node_ix: int) -> int:
        """What the decision saw of a line at a node of its row."""
        first, last = self.row_start[line], self.row_start[line + 1]
        return self.row_atp[bisect_left(self.row_node, node_ix, first, last)]

    def at_node(self, line: int, node_ix: int) -> int:
        """Lots of a line at any node; 0 where its row has none."""
        first, last = self.row_start[line], self.row_start[line + 1]
        at = bisect_left(self.row_node, node_ix, first, last)
        return max(0, self.row_atp[at]) if at < last and self.row_node[at] == node_ix else 0

    def limit(self, left: Mapping[int, int]) -> None:
        """Ask for no more units of some skus than their owner may still hold."""
        lines = {self.sku_ixs.index(sku_ix): units for sku_ix, units in left.items()}
        self.limit_lines({i: units // self.steps[i] if self.steps else units for i, units in lines.items()})

    def limit_lines(self, left: Mapping[int, int]) -> None:
        """The same, of lots by line."""
        self.quantities = list(self.quantities)
        for line, lots in left.items():
            self.quantities[line] = max(1, min(lots, self.quantities[line]))
            self.left[line] = lots

    def correct(self, node_ix: int, sku_ix: int, available: int) -> None:
        """Replace what the replica said of a cell by what the store said."""
        line = self.sku_ixs.index(sku_ix)
        first, last = self.row_start[line], self.row_start[line + 1]
        at = bisect_left(self.row_node, node_ix, first, last)
        if at < last and self.row_node[at] == node_ix:
            self.row_atp[at] = available // self.steps[line] if self.steps else available

    def units(self, line: int, lots: int) -> int:
        """Units of the lots of one line."""
        return lots * self.steps[line] if self.steps else lots

    @property
    def longest_lead_ms(self) -> int:
        """How much later all of the order leaves for want of what must be made first."""
        return max(self.lead_days, default=0) * DAY_MS

    def lead_ms(self, node_lines: list[int]) -> int:
        """How much later a shipment leaves for want of what must be made first."""
        return max([self.lead_days[line] for line in node_lines]) * DAY_MS if self.lead_days else 0


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

    @property
    def catalogue(self) -> Catalogue:
        """What orders are asked about."""
        return self._keeper.catalogue

    @property
    def seen(self) -> Seen:
        """What the catalogue is of."""
        return self._keeper.catalogue.seen

    async def ask(self, order: Order, now_ms: int, rows: StoredRows | None = None) -> Question:
        """An order as of an instant, with the stock that the replica shows, or with rows that were kept.

        Raises NotFound (SKU_NOT_FOUND, POLICY_NOT_FOUND), InvalidRequest (REFERENCE_NOT_FOUND), FailedPrecondition
        (DESTINATION_NOT_SERVED), Unavailable (REPLICA_STALE).
        """
        seen = self.seen
        question = await self._ask(order, now_ms, rows)
        question.seen = seen if self.seen is seen else None
        return question

    async def _ask(self, order: Order, now_ms: int, rows: StoredRows | None) -> Question:
        quantities: dict[int, int] = {}
        positions: dict[int, int] = {}
        catalogue = self._keeper.catalogue
        grams: list[int] = []
        index_of = catalogue.skus.index_of
        for position, (sku, quantity) in enumerate(order.lines):
            sku_ix = index_of.get(sku)
            if sku_ix is None:
                sku_ix = await self._keeper.find_sku(sku)
            if sku_ix is None:
                raise NotFound("SKU_NOT_FOUND", f"There is no sku {sku!r}. Put it first, or correct the id.", sku=sku)
            if sku_ix not in quantities:
                positions[sku_ix] = position
                grams.append(catalogue.skus.by_id[sku].weight_grams)
            quantities[sku_ix] = quantities.get(sku_ix, 0) + quantity
        sku_ixs, wanted, steps, lead_days = list(quantities), list(quantities.values()), [], []
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
        destination = self._view.destination(order.country_code, order.postal_code, now_ms)
        if self._view.volumetric_divisor:
            grams = [self._lots.grams(sku_ix, self._view.volumetric_divisor) for sku_ix in sku_ixs]
        if not destination.served:
            raise FailedPrecondition(
                "DESTINATION_NOT_SERVED",
                f"No lane serves postal code {order.postal_code!r} in {order.country_code}. Put a lane for it first.",
                postal_code=order.postal_code,
            )
        costs = None
        if catalogue.priced and not catalogue.priced.isdisjoint([sku for sku, _ in order.lines]):
            costs = self._view.line_costs(order, destination, [self._lots.worth(sku_ix) for sku_ix in sku_ixs])
        start, nodes, atp = rows(wanted) if rows else await self._rows(order, sku_ixs, steps)
        question = Question(
            order,
            now_ms,
            destination,
            sku_ixs,
            wanted,
            grams,
            list(positions.values()),
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
        if catalogue.policy_versions.by_id or order.policy_id:
            question.guide = await self._guides.find(order, now_ms)
        return question

    async def _rows(
        self, order: Order, sku_ixs: list[int], steps: list[int]
    ) -> tuple[array[int], array[int], array[int]]:
        """What the replica shows of the skus, less what is withheld from the order, in lots."""
        stock = self._stock()
        if not stock.ready:
            raise Unavailable(
                "REPLICA_STALE", "The replica is loading, so nothing can be decided yet. Retry in a moment."
            )
        try:
            start, nodes, atp = stock.rows(sku_ixs, claim_of(order.channel).channel)
        except TimeoutError as error:
            raise Unavailable("REPLICA_STALE", "The replica stands still, so nothing can be decided. Retry.") from error
        await self._withhold(order, sku_ixs, start, nodes, atp)
        for line, step in enumerate(steps):
            for at in range(start[line], start[line + 1]) if step > 1 else ():
                atp[at] //= step
        return start, nodes, atp

    async def _withhold(
        self, order: Order, sku_ixs: Sequence[int], start: array[int], nodes: array[int], atp: array[int]
    ) -> None:
        """Of an order whose fulfilment method has rules of safety stock: rows as the store has them for it."""
        claim = claim_of(order.channel)
        if not self._authority.methods.has_rules(claim.method):
            return
        skus, names = self._keeper.catalogue.skus.ids, self._keeper.catalogue.nodes.ids
        places = [(line, at) for line in range(len(sku_ixs)) for at in range(start[line], start[line + 1]) if atp[at]]
        pairs = [(skus[sku_ixs[line]], names[nodes[at]]) for line, at in places]
        for (_, at), found in zip(places, await self._authority.of_pairs(pairs, claim=claim), strict=True):
            atp[at] = min(atp[at], found.enough_for)

    def rules_of(self, order: Order, destination: Destination, now_ms: int, lead_ms: int) -> Rules:
        """What the plan must keep to. All of an order with something to be made is in time only if that is."""
        constraints = order.constraints
        if constraints is NO_CONSTRAINTS:
            return self._plain_rules
        directory = self._keeper.catalogue.nodes
        eligible = None
        if constraints.node_group_id:
            eligible = bytes(self._group_mask(constraints.node_group_id, len(destination.nodes)))
        in_time = None
        if constraints.latest_delivery_ms:
            in_time = destination.lanes_in_time(now_ms, constraints.latest_delivery_ms, lead_ms)
        excluded = [directory.index_of[x] for x in constraints.excluded_node_ids if x in directory.index_of]
        return Rules(
            max_shipments=constraints.max_shipments,
            ship_complete=constraints.ship_complete,
            allow_line_split=not constraints.keep_lines_whole,
            split_cost=self._split_cost,
            excluded_nodes=[x for x in excluded if x < len(destination.nodes)],
            node_eligible=eligible,
            lane_allowed=in_time,
        )

    def _group_mask(self, node_group_id: str, node_count: int) -> bytearray:
        catalogue = self._keeper.catalogue
        group = catalogue.node_groups.by_id.get(node_group_id)
        if group is None:
            raise InvalidRequest(
                "REFERENCE_NOT_FOUND",
                f"There is no node group {node_group_id!r}. Put it first, or leave node_group_id empty.",
                kind="node_group",
                id=node_group_id,
            )
        mask = bytearray(node_count)
        for node_id in group.node_ids:
            index = catalogue.nodes.index_of.get(node_id)
            if index is not None and index < node_count:
                mask[index] = 1
        return mask
