"""Repair: what the audit finds wrong and the records can tell right, set right again; a dry run unless told."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from promessa.domain.audit import AuditReport
from promessa.service.audit import Audit
from promessa.store.order_repair import OrderRepairs
from promessa.store.pool_store import PoolStore
from promessa.store.store import Store


class RepairOutcome(IntEnum):
    """What became of one repair."""

    PLANNED = 1
    DONE = 2
    CHANGED = 3


class Repair(NamedTuple):
    """One thing set right, or that would be."""

    invariant: str
    subject: str
    before: str
    after: str
    outcome: RepairOutcome


class Repairs:
    """The use case of Repair. Reservations and orders are what counts; cells, pools and indexes follow from them."""

    def __init__(self, audit: Audit, store: Store, pools: PoolStore, orders: OrderRepairs) -> None:
        self._audit = audit
        self._store = store
        self._pools = pools
        self._orders = orders

    async def run(self, reference: str, *, apply: bool, violations_max: int) -> tuple[AuditReport, list[Repair]]:
        """Audit, and set right what can be. `reference` stands in the event log beside every repair.

        A cell or hold that changed between its audit and its repair is left alone (CHANGED): it is looked at by the next
        run.
        """
        report = await self._audit.run(violations_max=violations_max)
        repairs: list[Repair] = []
        for wrong in report.wrong_sums:
            done = apply and await self._store.repair_sums(
                reference,
                node_ix=wrong.node_ix,
                sku_ix=wrong.sku_ix,
                version=wrong.version,
                held=wrong.held,
                committed=wrong.committed,
            )
            before = f"held {wrong.found[0]}, committed {wrong.found[1]}"
            after = f"held {wrong.held}, committed {wrong.committed}"
            repairs.append(Repair("SUMS", wrong.subject, before, after, _outcome(apply, done)))
        for draws in report.wrong_draws:
            done = apply and await self._pools.repair_drawn(
                reference,
                node_ix=draws.node_ix,
                sku_ix=draws.sku_ix,
                channel=draws.channel,
                found=draws.found,
                drawn=draws.drawn,
            )
            before, after = f"drawn {draws.found}", f"drawn {draws.drawn}"
            repairs.append(Repair("DRAWS", draws.subject, before, after, _outcome(apply, done)))
        for owner in report.wrong_owners:
            done = apply and await self._store.repair_owner(
                reference, field=owner.field, found=owner.found, units=owner.right
            )
            repairs.append(Repair("OWNER", owner.subject, str(owner.found), str(owner.right), _outcome(apply, done)))
        for reservation_id in report.wrong_due:
            done = apply and await self._store.repair_due(reference, reservation_id)
            repairs.append(Repair("DUE", reservation_id, "not due", "due when its hold ends", _outcome(apply, done)))
        for order_id, nodes in sorted(report.wrong_orders.items()):
            done = apply and await self._orders.repair(reference, order_id, nodes)
            repairs.append(Repair("ORDER_INDEX", order_id, "indexed wrongly", "indexed", _outcome(apply, done)))
        return report, repairs


def _outcome(apply: bool, done: bool) -> RepairOutcome:
    if not apply:
        return RepairOutcome.PLANNED
    return RepairOutcome.DONE if done else RepairOutcome.CHANGED
