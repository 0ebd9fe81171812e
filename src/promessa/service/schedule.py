"""Time-phased availability: which cells are asked about, which day it is there, and what can be promised when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from promessa.domain.catalogue import NodeState
from promessa.domain.claim import NOBODY, Claim
from promessa.domain.errors import InvalidRequest
from promessa.domain.limits import HORIZON_DAYS_MAX
from promessa.domain.schedule import Projection, Schedule, project, schedule
from promessa.domain.stock import SupplyMode
from promessa.domain.supply import day_of, local_day
from promessa.service.availability import Availability
from promessa.service.method_safety import MethodSafety
from promessa.service.supply import Supply


@dataclass(slots=True)
class Schedules:
    """The use case of GetAtpSchedule. It reads the store; errors are those the proto names."""

    supply: Supply
    availability: Availability

    async def of_sku(
        self,
        sku: str,
        *,
        node_ids: Sequence[str],
        node_group_id: str,
        from_date: str,
        horizon_days: int,
        claim: Claim = NOBODY,
    ) -> Schedule:
        """The schedule of a sku at nodes, at a group's nodes, or at all; from today where `from_date` is empty. A channel
        counts with what pools keep for it; what is to come is kept for nobody.
        """
        sku_ix = await self.supply.keeper.sku_index(sku)
        found = self.supply.keeper.catalogue.skus.by_id[sku]
        if found.kit or found.supply_mode > SupplyMode.STOCKED:
            rule = "must be a sku that is counted and no kit: ask for the schedules of a kit's components"
            raise InvalidRequest("INVALID_FIELD", f"sku {rule}.", field="sku", rule=rule)
        nodes = await self._nodes(node_ids, node_group_id)
        todays = self._todays(nodes)
        first = _first_day(from_date, min(todays, default=local_day("", self.supply.now_ms())))
        pairs = [(node_ix, sku_ix) for node_ix in nodes]
        supplies = await self.supply.store.read_supply(pairs, with_pools=claim != NOBODY)
        methods = MethodSafety(self.supply.keeper.catalogue)
        states, policy = await self.availability.states_at(nodes), self.supply.overdue_policy
        projections: list[Projection] = [
            replace(
                project(
                    each.cell,
                    each.inbound,
                    today=today,
                    policy=policy,
                    allowance=each.allowance,
                    preorder_limit=each.preorder_limit,
                    available=None
                    if claim == NOBODY
                    else methods.available(each.cell, each.pools, node_ix, sku_ix, claim),
                ),
                full=states[node_ix] == NodeState.FULL,
            )
            for node_ix, today, each in zip(nodes, todays, supplies, strict=True)
            if states[node_ix] in (NodeState.ACTIVE, NodeState.FULL)
        ]
        return schedule(projections, first=first, last=first + horizon_days - 1)

    async def _nodes(self, node_ids: Sequence[str], node_group_id: str) -> list[int]:
        """Indices of the nodes asked about, each once. Raises NotFound, InvalidRequest (REFERENCE_NOT_FOUND)."""
        keeper = self.supply.keeper
        if node_group_id:
            node_ids = self.availability.nodes_of_group(node_group_id)
        elif not node_ids:
            return list(keeper.catalogue.nodes.index_of.values())
        return [await keeper.node_index(node_id) for node_id in dict.fromkeys(node_ids)]

    def _todays(self, nodes: Sequence[int]) -> list[int]:
        """Which day it is at each node: one look at the clock for all, and one at the calendar for each time zone."""
        catalogue, now_ms = self.supply.keeper.catalogue, self.supply.now_ms()
        known: dict[str, int] = {}
        todays = []
        for node_ix in nodes:
            node = catalogue.nodes.by_id.get(catalogue.nodes.ids[node_ix])
            zone = node.time_zone if node else ""
            if zone not in known:
                known[zone] = local_day(zone, now_ms)
            todays.append(known[zone])
        return todays


def _first_day(from_date: str, today: int) -> int:
    """The first day of a schedule. Raises InvalidRequest (INVALID_FIELD)."""
    if not from_date:
        return today
    try:
        day = day_of(from_date)
    except ValueError:
        raise _invalid_from("must be a day of the calendar, as 2026-11-30") from None
    if day < today:
        raise _invalid_from("must not be before today")
    if day > today + HORIZON_DAYS_MAX:
        raise _invalid_from(f"must be at most {HORIZON_DAYS_MAX} days from today")
    return day


def _invalid_from(rule: str) -> InvalidRequest:
    return InvalidRequest("INVALID_FIELD", f"from_date {rule}.", field="from_date", rule=rule)
