"""Sourcing: an order in, a plan out; and the plan held, in one atomic call of the store.

Recipe: look the skus up -> take their stock rows from the replica -> let the kernel decide -> put ids, dates and costs
to its numbers -> (hold it; where stock was lost meanwhile, decide again with the true counts).
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple, Protocol

import msgspec

from promessa.domain.catalogue import Catalogue, NodeState
from promessa.domain.claim import claim_of
from promessa.domain.errors import FailedPrecondition, InvalidRequest, NotFound, Unavailable
from promessa.domain.fingerprint import Fingerprint, fingerprint
from promessa.domain.limits import ORDER_UNITS_MAX, SOURCING_ATTEMPTS_MAX, WORK_SLIP_DAYS_MAX
from promessa.domain.policy import PolicyState
from promessa.domain.reservation import Reservation, ReserveOutcome, ShortfallReason
from promessa.domain.sourcing import (
    NO_CONSTRAINTS,
    NO_TRAITS,
    Candidate,
    CandidateReason,
    Order,
    Plan,
    PlannedShipment,
)
from promessa.kernel import Basket, Decision, Network, Reason, Rules, decide, plan
from promessa.service.availability import Availability
from promessa.service.catching_up import StockRows, catch_up, contended
from promessa.service.guided import Guide, Guided, Posed, decide_by_policy, priced
from promessa.service.guides import Guides
from promessa.service.line_costs import LineCosts
from promessa.service.lots import Lots
from promessa.service.network_view import Destination, NetworkView
from promessa.service.node_facts import Facts, NodeWords, Rows
from promessa.service.terms import HoldRules, Terms
from promessa.store.store import Positions, Reserved, Store

if TYPE_CHECKING:
    from promessa.kernel._kernel import Plan as KernelPlan

DEFAULT_SPLIT_COST_MICROS = 2_000_000
"""What a shipment after the first costs in patience, in micros: two units of the currency."""

_DAY_MS = 24 * 3600 * 1000
_FIELDS = ("method", "order", "destination", "constraints", "ttl", "owner_id", "allow_partial")
_ALL_FIELDS = (*_FIELDS, "channel", "region_code", "seller_code")
_REASONS = tuple(CandidateReason)


class SkuDirectory(Protocol):
    """What sourcing asks of the catalogue keeper."""

    catalogue: Catalogue

    async def find_sku(self, sku: str) -> int | None: ...


class Sourced(NamedTuple):
    """A plan that is held, or the refusal of an order. `shortfalls` are (sku_ix, requested, available, reason)."""

    outcome: ReserveOutcome
    plan: Plan
    reservation: Reservation
    shortfalls: tuple[tuple[int, int, int, int], ...]
    attempts: int
    positions: Positions
    replayed: bool


class _Kept(msgspec.Struct, array_like=True):
    """What is stored beside a reservation, so that a repeated request gets the same answer."""

    plan: Plan
    attempts: int
    limited: tuple[int, ...] = ()
    """Skus of which the owner may hold no more."""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Kept).decode


@dataclass(slots=True)
class _Question:
    """An order in the kernel's terms: one line per sku.

    Where a sku of it is shaped, `steps` are the units of a lot and `lead_days` the days until it is made, line by line; the
    kernel then counts lots. In other orders both are empty.
    """

    order: Order
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

    @property
    def basket(self) -> Basket:
        return Basket(
            row_cost=self.costs.column(self.row_start, self.row_node, self.row_atp) if self.costs else None,
            quantities=self.quantities,
            unit_grams=self.grams,
            row_start=self.row_start,
            row_node=self.row_node,
            row_atp=self.row_atp,
        )

    @property
    def rows(self) -> Rows:
        return Rows(self.sku_ixs, self.quantities, self.steps, self.row_start, self.row_node, self.row_atp)

    def available(self, line: int, node_ix: int) -> int:
        """What the decision saw of a line at a node of its row."""
        first, last = self.row_start[line], self.row_start[line + 1]
        return self.row_atp[bisect_left(self.row_node, node_ix, first, last)]

    def limit(self, left: Mapping[int, int]) -> None:
        """Ask for no more units of some skus than their owner may still hold."""
        self.quantities = list(self.quantities)
        for sku_ix, units in left.items():
            line = self.sku_ixs.index(sku_ix)
            lots = units // self.steps[line] if self.steps else units
            self.quantities[line] = max(1, min(lots, self.quantities[line]))
            if not lots:
                for at in range(self.row_start[line], self.row_start[line + 1]):
                    self.row_atp[at] = 0

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
        return max(self.lead_days, default=0) * _DAY_MS

    def lead_ms(self, node_lines: list[int]) -> int:
        """How much later a shipment leaves for want of what must be made first."""
        return max([self.lead_days[line] for line in node_lines]) * _DAY_MS if self.lead_days else 0


class Sourcing:
    """The use cases of SourcingService.

    `now_ms` is the wall clock, for dates only; `on_decision` hears the seconds of every decision of the hot path.
    """

    def __init__(
        self,
        keeper: SkuDirectory,
        store: Store,
        stock: Callable[[], StockRows],
        rules: HoldRules,
        lots: Lots,
        authority: Availability,
        guides: Guides,
        *,
        now_ms: Callable[[], int],
        split_cost_micros: int = DEFAULT_SPLIT_COST_MICROS,
        on_decision: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        self._keeper = keeper
        self._store = store
        self._stock = stock
        self._rules = rules
        self._lots = lots
        self._authority = authority
        self._now_ms = now_ms
        self._split_cost = split_cost_micros
        self._on_decision = on_decision
        self._view = NetworkView(keeper.catalogue)
        self._guides = guides
        self._words = NodeWords(keeper.catalogue)
        self._plain_rules = Rules(split_cost=split_cost_micros)

    @property
    def epoch(self) -> int:
        """The epoch of the data set, for tokens."""
        return self._store.epoch

    async def source(self, order: Order, *, explain: bool) -> tuple[Plan, list[Candidate]]:
        """The best plan for an order, and on request every node's reason: by the policy that applies, else the cheapest.

        Raises NotFound (SKU_NOT_FOUND, POLICY_NOT_FOUND), InvalidRequest (REFERENCE_NOT_FOUND), FailedPrecondition
        (DESTINATION_NOT_SERVED), Unavailable (REPLICA_STALE).
        """
        now_ms = self._now_ms()
        question = await self._question(order, now_ms)
        if not explain:
            return _as_said(self._decide(question, now_ms), question), []
        with _countable():
            guided, network, basket, rules = self._asked(question, now_ms)
            decision = decide(network, basket, rules, explain=True)
        found = _as_said(self._plan_of(question, decision, now_ms, guided), question)
        chosen = {shipment.node_ix for shipment in found.shipments}
        candidates = [
            Candidate(
                node_ix,
                CandidateReason.CHOSEN if node_ix in chosen else self._why_not(node_ix, reason.reason),
                reason.costs_more,
            )
            for node_ix, reason in enumerate(decision.reasons)
            if question.destination.nodes[node_ix] is not None
        ]
        return found, candidates

    def _why_not(self, node_ix: int, reason: Reason) -> CandidateReason:
        """The stock of a node that takes no orders is not shown to the decision, which so finds none. A node of a plan that no
        rule lets go is as good as none."""
        active = self._keeper.catalogue.node_states.get(node_ix) == NodeState.ACTIVE
        return _REASONS[reason] if active and reason != Reason.IN_PLAN else CandidateReason.NOT_ELIGIBLE

    async def quote(self, order: Order, *, alternatives: int) -> list[Plan]:
        """The cheapest plan and up to `alternatives` others with other nodes, cheapest first. Raises as source.

        Where a policy decides, its plan is first, and the others keep to the same rule.
        """
        now_ms = self._now_ms()
        question = await self._question(order, now_ms)
        with _countable():
            guided, network, basket, rules = self._asked(question, now_ms)
            decision = decide(network, basket, rules, alternatives=alternatives)
        if not decision.shipments or (guided and not guided.decision.rule):
            return []
        plans = [self._plan_of(question, decision, now_ms, guided)]
        for each in decision.alternatives:  # proven against plans with other nodes than the first's, not against all
            other = self._plan_of(question, each, now_ms, guided)
            plans.append(other._replace(proven_optimal=False, lower_bound_micros=plans[0].lower_bound_micros))
        best = plans[0] if guided else None
        return sorted(plans, key=lambda each: (each is not best, len(each.unserved), each.total_micros))

    async def source_and_reserve(self, request_id: str, order: Order, *, terms: Terms, allow_partial: bool) -> Sourced:
        """The best plan, held. Raises as source, AlreadyExists (REQUEST_ID_REUSED), FailedPrecondition (POLICY_NOT_ACTIVE).

        Every lost race means that the store said no to the whole plan and told the true counts of the cells that were
        short; the next decision uses them. Nobody is refused by what the replica showed a moment ago: see catching_up.
        Raises Unavailable (STOCK_CONTENDED) after too many lost races.
        """
        request = _fingerprint(order, terms, allow_partial)
        now_ms = self._now_ms()
        try:
            question = await self._question(order, now_ms)
            if question.guide is not None:
                _must_hold(question.guide)
            if terms.hold_rule_id:
                terms = await self._rules.applied(terms)
        except (NotFound, InvalidRequest, FailedPrecondition):  # it may have been there the first time
            first = await self._store.recall_reserved(request_id, request)
            if first is None:
                raise
            return self._sourced(first.reservation, first.positions, replayed=True)
        level = False
        left: dict[int, int] = {}
        for attempt in range(1, SOURCING_ATTEMPTS_MAX + 1):
            found = self._decide(question, now_ms)
            if found.unserved and not level:
                await catch_up(self._store, self._stock)
                level, question = True, await self._question(order, now_ms)
                question.limit(left)
                found = self._decide(question, now_ms)
            if not found.shipments or (found.unserved and not (allow_partial and _may_go_in_part(found))):
                return await self._refused(request_id, request, question, found, terms, attempt, left)
            if question.destination.schedules:
                found = _with_later(found, question, now_ms)
            reserved = await self._hold(
                request_id, request, question, found, terms, _encode(_Kept(found, attempt, tuple(left)))
            )
            if reserved.replayed:
                return self._sourced(reserved.reservation, reserved.positions, replayed=True)
            if reserved.reservation.outcome != ReserveOutcome.REFUSED:
                return _held(
                    _slipped(found, reserved.reservation),
                    reserved.reservation,
                    attempt,
                    reserved.positions,
                    left,
                    replayed=False,
                )
            limited = reserved.reservation.left_for_owner()
            if limited:  # no other node would do
                left.update(limited)
                question.limit(left)
                if allow_partial:
                    continue
                found = self._decide(question, now_ms)
                return await self._refused(request_id, request, question, found, terms, attempt, left)
            for line in reserved.reservation.lines:
                question.correct(line.node_ix, line.sku_ix, line.available)
        raise contended(SOURCING_ATTEMPTS_MAX)

    def _hold(
        self, request_id: str, request: Fingerprint, question: _Question, found: Plan, terms: Terms, extra: bytes
    ) -> Awaitable[Reserved]:
        """Hold a plan, all or nothing."""
        slips = _slips(found, question.latest_ms)
        if question.steps:
            return self._lots.reserve(
                request_id,
                request,
                cells=self._lots.kits_first(_cells(found)),
                terms=terms._replace(order_id=question.order.order_id, channel=question.order.channel),
                all_or_nothing=True,
                extra=extra,
                keep_refusal=False,
                slips=slips,
            )
        return self._store.reserve(
            request_id,
            request,
            cells=_cells(found),
            all_or_nothing=True,
            ttl_ms=terms.ttl_ms,
            owner_id=terms.owner_id,
            order_id=question.order.order_id,
            limits=terms.limits,
            slips=slips,
            channel=question.order.channel,
            extra=extra,
            keep_refusal=False,
        )

    async def _refused(
        self,
        request_id: str,
        request: Fingerprint,
        question: _Question,
        found: Plan,
        terms: Terms,
        attempt: int,
        left: Mapping[int, int],
    ) -> Sourced:
        """Remember that the order cannot be served."""
        refused = await self._store.refuse(
            request_id,
            request,
            owner_id=terms.owner_id,
            order_id=question.order.order_id,
            lines=_refused_lines(question, found, left),
            extra=_encode(_Kept(found._replace(shipments=()), attempt)),
        )
        return self._sourced(refused.reservation, refused.positions, replayed=refused.replayed)

    def _sourced(self, reservation: Reservation, positions: Positions, *, replayed: bool) -> Sourced:
        """The first answer, made from what the store keeps of it."""
        kept = _decode(reservation.extra)
        first = reservation.as_first_answered()
        if reservation.outcome != ReserveOutcome.REFUSED:
            return _held(_slipped(kept.plan, first), first, kept.attempts, positions, kept.limited, replayed=replayed)
        short = tuple((x.sku_ix, x.requested, x.available, x.reason) for x in first.lines if x.reason)
        return Sourced(ReserveOutcome.REFUSED, kept.plan, first, short, kept.attempts, positions, replayed)

    async def _question(self, order: Order, now_ms: int) -> _Question:
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
        question = _Question(
            order,
            destination,
            sku_ixs,
            wanted,
            grams,
            list(positions.values()),
            self._constraints(order, destination, now_ms, max(lead_days, default=0) * _DAY_MS),
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

    def _constraints(self, order: Order, destination: Destination, now_ms: int, lead_ms: int) -> Rules:
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

    def _decide(self, question: _Question, now_ms: int) -> Plan:
        """The hot path: the kernel's plain tuples, dressed."""
        if question.guide is not None:
            return self._decide_guided(question, now_ms)
        started = perf_counter()
        try:
            _, total, bound, proven, _, assignments, shipments = plan(
                question.destination.network, question.basket, question.rules
            )
        except OverflowError as error:
            raise _uncountable(error) from error
        self._on_decision(perf_counter() - started)
        return self._dress(question, assignments, shipments, total, bound, proven, now_ms, self._split_cost)

    def _decide_guided(self, question: _Question, now_ms: int) -> Plan:
        """The same by a policy."""
        started = perf_counter()
        with _countable():
            guided = self._guided(question, now_ms)
        self._on_decision(perf_counter() - started)
        return self._dress_guided(question, guided, guided.found, now_ms)

    def _guided(self, question: _Question, now_ms: int) -> Guided:
        assert question.guide is not None
        guided = decide_by_policy(question.guide, self._posed(question, now_ms), self._facts(question, now_ms))
        question.latest_ms = guided.trial.latest_ms
        return guided

    def _posed(self, question: _Question, now_ms: int) -> Posed:
        def values() -> list[int]:
            return [self._lots.worth(sku_ix).value_micros for sku_ix in question.sku_ixs]

        latest_ms, lead_ms = question.order.constraints.latest_delivery_ms, question.longest_lead_ms
        return Posed(question.rows, question.grams, question.rules, question.costs, values, latest_ms, lead_ms, now_ms)

    def _facts(self, question: _Question, now_ms: int) -> Facts:
        return Facts(
            self._keeper.catalogue,
            self._words,
            question.destination,
            question.order,
            question.rows,
            grams=sum(grams * lots for grams, lots in zip(question.grams, question.quantities, strict=True)),
            now_ms=now_ms,
            lead_ms=question.longest_lead_ms,
        )

    def _asked(self, question: _Question, now_ms: int) -> tuple[Guided | None, Network, Basket, Rules]:
        """What the kernel is asked: by the rule of the policy that decides, or plainly."""
        if question.guide is None:
            return None, question.destination.network, question.basket, question.rules
        guided = self._guided(question, now_ms)
        return guided, guided.trial.network, guided.trial.basket, guided.trial.rules

    def _dress_guided(self, question: _Question, guided: Guided, found: KernelPlan, now_ms: int) -> Plan:
        money = priced(guided, found)
        split_cost = guided.trial.rules.split_cost
        dressed = self._dress(
            question, found[5], money.shipments, money.total, money.bound, found[3], now_ms, split_cost
        )
        return dressed._replace(policy=guided.decision._replace(objective_micros=money.objective))

    def _plan_of(self, question: _Question, decision: Decision, now_ms: int, guided: Guided | None) -> Plan:
        found = (
            decision.unfilled_units,
            decision.total_cost,
            decision.lower_bound,
            decision.proven_optimal,
            decision.steps,
            decision.assignments,
            decision.shipments,
        )
        if guided:
            return self._dress_guided(question, guided, found, now_ms)
        _, total, bound, proven, _, assignments, shipments = found
        return self._dress(question, assignments, shipments, total, bound, proven, now_ms, self._split_cost)

    def _dress(
        self,
        question: _Question,
        assignments: tuple[tuple[int, int, int], ...],
        shipments: tuple[tuple[int, int, int, int, int, int], ...],
        total: int,
        bound: int,
        proven: bool,
        now_ms: int,
        split_cost: int,
    ) -> Plan:
        destination, sku_ixs, positions = question.destination, question.sku_ixs, question.positions
        costs = question.costs
        by_node: dict[int, list[tuple[int, int, int]]] = {}
        lines_of: dict[int, list[int]] = {}
        taken: dict[int, list[tuple[int, int, int]]] = {}
        missing = list(question.wanted)
        for line, node_ix, units in assignments:
            missing[line] -= units
            if costs:
                taken.setdefault(node_ix, []).append((line, units, question.available(line, node_ix)))
            if question.steps:
                units = question.units(line, units)
                lines_of.setdefault(node_ix, []).append(line)
            by_node.setdefault(node_ix, []).append((positions[line], sku_ixs[line], units))
        planned = []
        for node_ix, lane_ix, weight, shipping, handling, fixed in shipments:
            lane = destination.lanes[lane_ix]
            lead_ms = question.lead_ms(lines_of[node_ix]) if question.steps else 0
            ship_ms = destination.ship_ms(node_ix, now_ms) + lead_ms
            shipment = PlannedShipment(
                node_ix, lane.lane_id, lane.carrier_service, weight, shipping, handling, fixed, ship_ms,
                ship_ms + lane.transit_days * _DAY_MS, tuple(by_node[node_ix]),
            )  # fmt: skip
            if destination.detailed:
                shipment = destination.detail(shipment, lane_ix, now_ms, lead_ms)
            planned.append(costs.detail(shipment, taken[node_ix]) if costs else shipment)
        if costs and costs.credit:
            credits = costs.credit * sum(units for _, _, units in assignments)
            total, bound = total - credits, bound - credits
        unserved = tuple((positions[i], sku_ixs[i], question.units(i, lots)) for i, lots in enumerate(missing) if lots)
        split = split_cost * max(0, len(planned) - 1)
        return Plan(tuple(planned), unserved, self._view.currency_code, total, split, bound, proven)


def _may_go_in_part(found: Plan) -> bool:
    """Whether a plan that leaves units out may be held: not if a policy decides, and no rule of it lets it go."""
    return found.policy is None or bool(found.policy.rule)


def _as_said(found: Plan, question: _Question) -> Plan:
    """A plan as it is told: what no rule of the policy lets go is left unserved."""
    if _may_go_in_part(found):
        return found
    lines = zip(question.positions, question.sku_ixs, question.wanted, strict=True)
    unserved = tuple((position, sku_ix, question.units(i, lots)) for i, (position, sku_ix, lots) in enumerate(lines))
    return found._replace(
        shipments=(), unserved=unserved, total_micros=0, split_micros=0, lower_bound_micros=0,
        policy=found.policy and found.policy._replace(objective_micros=0),
    )  # fmt: skip


def _must_hold(guide: Guide) -> None:
    """Raises FailedPrecondition (POLICY_NOT_ACTIVE) for a draft."""
    version = guide.version
    if version.state == PolicyState.DRAFT:
        raise FailedPrecondition(
            "POLICY_NOT_ACTIVE",
            f"Version {version.version} of policy {version.policy_id!r} is a draft, which holds nothing. Activate it, or use "
            "Source, which reserves nothing.",
            policy_id=version.policy_id,
            version=version.version,
        )


@contextmanager
def _countable() -> Iterator[None]:
    """Raises InvalidRequest (INVALID_FIELD) where the kernel cannot count a plan's cost exactly."""
    try:
        yield
    except OverflowError as error:
        raise _uncountable(error) from error


def _uncountable(error: OverflowError) -> InvalidRequest:
    return InvalidRequest(
        "INVALID_FIELD",
        f"order.lines: the cost of this order cannot be counted exactly. {error} Split the order, or look for a rate "
        "card with prices beyond reason.",
        field="order.lines",
    )


def _held(
    found: Plan,
    reservation: Reservation,
    attempts: int,
    positions: Positions,
    limited: Collection[int],
    *,
    replayed: bool,
) -> Sourced:
    """The answer of an order that holds its plan; of `limited` skus its owner may hold no more."""
    outcome = ReserveOutcome.PARTIALLY_RESERVED if found.unserved else ReserveOutcome.RESERVED
    short = tuple([_shortfall(found, sku_ix, units, limited) for _, sku_ix, units in found.unserved])
    return Sourced(outcome, found, reservation, short, attempts, positions, replayed)


def _fingerprint(order: Order, terms: Terms, allow_partial: bool) -> Fingerprint:
    said = (
        "SourceAndReserve",
        (order.order_id, order.lines),
        (order.country_code, order.postal_code),
        _constraint_values(order),
        terms.hold_rule_id or terms.ttl_ms,
        terms.owner_id,
        allow_partial,
    )
    if order.policy_id or order.traits is not NO_TRAITS:
        policy = (order.policy_id, order.policy_version)
        traits = tuple(order.traits)
        more = (order.channel, order.region_code, order.seller_code, traits, policy)
        return fingerprint((*_ALL_FIELDS, "traits", "policy_id"), *said, *more)
    if order.region_code or order.seller_code:
        return fingerprint(_ALL_FIELDS, *said, order.channel, order.region_code, order.seller_code)
    return fingerprint((*_FIELDS, "channel"), *said, order.channel) if order.channel else fingerprint(_FIELDS, *said)


def _constraint_values(order: Order) -> tuple[object, ...]:
    c = order.constraints
    return (
        c.max_shipments, c.ship_complete, c.keep_lines_whole, c.latest_delivery_ms, c.excluded_node_ids, c.node_group_id
    )  # fmt: skip


def _with_later(found: Plan, question: _Question, now_ms: int) -> Plan:
    """A plan that says, too, when its shipments leave and arrive if their nodes have no room for them before a later day.

    It is kept with the reservation, which gives the same answer again whatever calendars say by then.
    """
    destination = question.destination
    shipments = []
    for ship in found.shipments:
        lane_ix = destination.lane_of(ship.node_ix, ship.lane_id)
        lines = [question.positions.index(position) for position, _, _ in ship.lines]
        lead_ms = question.lead_ms(lines) if question.steps else 0
        days = [destination.dates(lane_ix, now_ms, lead_ms, slip) for slip in range(1, WORK_SLIP_DAYS_MAX + 1)]
        shipments.append(ship._replace(later=tuple([each for each in days if each])))
    return found._replace(shipments=tuple(shipments))


def _slips(found: Plan, latest_ms: int) -> list[int]:
    """How many days each node of a plan may take longer, flat: node, days; nothing where any day will do."""
    if not latest_ms:
        return []
    return [x for ship in found.shipments for x in (ship.node_ix, _slip_of(ship, latest_ms))]


def _slip_of(ship: PlannedShipment, latest_ms: int) -> int:
    """How many days later a shipment's work may be done."""
    if not ship.later:
        return (latest_ms - ship.promise_ms) // _DAY_MS
    return next((days for days, later in enumerate(ship.later) if later[3] > latest_ms), len(ship.later))


def _slipped(found: Plan, reservation: Reservation) -> Plan:
    """A plan as its nodes have taken it on: what they do on a later day leaves and arrives later."""
    if not reservation.work_days:
        return found
    slips: dict[int, int] = {}
    for day in reservation.work_days:
        slips[day.node_ix] = max(day.slip_days, slips.get(day.node_ix, 0))
    return found._replace(shipments=tuple([_later(ship, slips.get(ship.node_ix, 0)) for ship in found.shipments]))


def _later(ship: PlannedShipment, days: int) -> PlannedShipment:
    """A shipment whose work is done so many days later."""
    if days and ship.later:
        ready, leaves, start, promise = ship.later[min(days, len(ship.later)) - 1]
        beyond = max(0, days - len(ship.later)) * _DAY_MS
        return ship._replace(
            ready_ms=ready + beyond,
            ship_ms=leaves + beyond,
            window_start_ms=start + beyond,
            promise_ms=promise + beyond,
        )
    return ship._replace(ship_ms=ship.ship_ms + days * _DAY_MS, promise_ms=ship.promise_ms + days * _DAY_MS)


def _cells(found: Plan) -> list[int]:
    """What a plan takes from where: flat node, sku, quantity."""
    return [x for ship in found.shipments for _, sku_ix, units in ship.lines for x in (ship.node_ix, sku_ix, units)]


def _refused_lines(question: _Question, found: Plan, left: Mapping[int, int]) -> list[int]:
    """The lines of a refusal as the store keeps them; what cannot be served carries the reason."""
    missing = {sku_ix: units for _, sku_ix, units in found.unserved}
    flat: list[int] = []
    for line, sku_ix in enumerate(question.sku_ixs):
        quantity = question.units(line, question.wanted[line])
        short = missing.get(sku_ix, 0)
        reason = _reason(sku_ix, left) if short else ShortfallReason.NONE
        flat += (-1, sku_ix, quantity, 0, 0, 0, quantity - short, int(reason))
    return flat


def _reason(sku_ix: int, limited: Collection[int]) -> ShortfallReason:
    """Why units of a sku are not served."""
    return ShortfallReason.OWNER_LIMIT if sku_ix in limited else ShortfallReason.NOT_SERVED


def _shortfall(found: Plan, sku_ix: int, missing: int, limited: Collection[int]) -> tuple[int, int, int, int]:
    served = sum(units for ship in found.shipments for _, sku, units in ship.lines if sku == sku_ix)
    return sku_ix, served + missing, served, int(_reason(sku_ix, limited))
