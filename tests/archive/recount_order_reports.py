"""Reports on orders made again in plain Python, from what steps did (recount_orders.py)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from recount_orders import RecountedOrders

from promessa.domain.claim import claim_of
from promessa.domain.kinds import NEVER_MS
from promessa.domain.order import OrderState, PlacedOrder, RejectReason, Shipment, ShipmentState, Step, StoredOrder, Way
from promessa.domain.returns import Disposition

Rows = list[dict[str, Any]]
STORES = (2, 3, 4)
DAY = 24 * 3600 * 1_000
TYPES = ("", "DISTRIBUTION_CENTRE", "STORE", "FRANCHISE_STORE", "DARK_STORE", "SUPPLIER")


def spread(values: list[int]) -> list[int]:
    """The least value that so many per cent do not exceed."""
    ordered = sorted(values)
    return [ordered[ceil(len(ordered) * share / 100) - 1] if ordered else 0 for share in (50, 90, 99)]


def basis_points(part: int, whole: int) -> int:
    return part * 10_000 // whole if whole else 0


def channel_of(stored: StoredOrder) -> str:
    return claim_of(stored.order.channel).channel


@dataclass
class Travelled:
    """A shipment and when it was where."""

    last: Shipment
    channel: str
    nodes: Sequence[str]
    visits: list[tuple[int, ShipmentState]] = field(default_factory=list)

    def first(self, *states: ShipmentState) -> int | None:
        return min((at for at, state in self.visits if state in states), default=None)

    def between(self, first: int | None, last: int | None) -> list[int]:
        return [] if first is None or last is None else [last - first]

    @property
    def node(self) -> str:
        return self.nodes[self.last.node_ix]

    @property
    def offered(self) -> int | None:
        return self.first(ShipmentState.OFFERED)

    @property
    def accepted(self) -> int | None:
        return self.first(ShipmentState.ACCEPTED)

    @property
    def ready(self) -> int | None:
        return self.first(ShipmentState.READY)

    @property
    def left(self) -> int | None:
        return self.first(ShipmentState.HANDED_OVER if self.last.way == Way.PICKUP else ShipmentState.SHIPPED)

    @property
    def is_refused(self) -> bool:
        return self.last.state == ShipmentState.REJECTED

    @property
    def is_late(self) -> bool | None:
        kept = self.last.delivered_ms or None if self.last.way == Way.DELIVERY else self.ready
        if kept is None or not 0 < self.last.ship_ms < NEVER_MS:
            return None
        return kept > self.last.promise_ms


def travelled(again: RecountedOrders) -> dict[tuple[str, int], Travelled]:
    found: dict[tuple[str, int], Travelled] = {}
    for stored, number, shipment in again.touched:
        key = (stored.order.order_id, number)
        each = found.setdefault(key, Travelled(shipment, channel_of(stored), again.nodes))
        each.last = shipment
        each.visits.append((stored.updated_ms, ShipmentState(shipment.state)))
    return found


def channels(again: RecountedOrders, start: int, end: int) -> Rows:
    units: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    times: dict[tuple[str, str], list[int]] = defaultdict(list)
    last = {stored.order.order_id: stored for stored in again.steps if start <= stored.placed_ms < end}
    for stored in last.values():
        row = units[channel_of(stored), stored.order.currency_code]
        row["orders"] += 1
        row["cancelled orders"] += stored.order.state == OrderState.CANCELLED
        for ship in stored.order.shipments:
            if ship.delivered_ms:
                times[channel_of(stored), stored.order.currency_code].append(ship.delivered_ms - stored.placed_ms)
    for stored, effect, line, _, quantity in again.effects:
        if start <= stored.placed_ms < end:
            row = units[channel_of(stored), stored.order.currency_code]
            step = "first " if stored.version == 1 else ""
            row[step + effect] += quantity
            row[f"{step}{effect} micros"] += quantity * stored.order.lines[line].unit_price_micros
    found = []
    for (channel, currency), row in units.items():
        ordered = row["first PLANNED"] + row["first UNPLANNED"]
        found.append(
            {
                "channel": channel,
                "currency_code": currency,
                "order_count": row["orders"],
                "cancelled_count": row["cancelled orders"],
                "ordered_quantity": ordered,
                "promised_quantity": row["first PLANNED"],
                "fill_basis_points": basis_points(row["first PLANNED"], ordered),
                "cancelled_quantity": row["CANCELLED"],
                "shipped_quantity": row["LEFT"],
                "returned_quantity": row["RETURNED"],
                "ordered_micros": row["first PLANNED micros"] + row["first UNPLANNED micros"],
                "cancelled_micros": row["CANCELLED micros"],
                "revenue_micros": row["LEFT micros"] - row["RETURNED micros"],
                "lead_time": spread(times[channel, currency]),
            }
        )
    return sorted(found, key=lambda r: (-r["order_count"], r["channel"], r["currency_code"]))


def nodes(again: RecountedOrders, types: dict[str, int], start: int, end: int) -> Rows:
    at: dict[str, list[Travelled]] = defaultdict(list)
    offers_refused: dict[str, Counter[int]] = defaultdict(Counter)
    for each in travelled(again).values():
        if each.offered is not None and start <= each.offered < end:
            at[each.node].append(each)
            for offer in each.last.offers:
                if offer.reason and not (each.is_refused and offer.node_ix == each.last.node_ix):
                    offers_refused[again.nodes[offer.node_ix]][offer.reason] += 1
                    at.setdefault(again.nodes[offer.node_ix], [])
    known = {
        again.nodes[shipment.node_ix]
        for stored, _, shipment in again.touched
        if stored.updated_ms >= start // DAY * DAY
    }
    units = {
        node: sum(line.quantity for x in all_ if x.left is not None for line in x.last.lines)
        for node, all_ in at.items()
    }
    stores, whole = sum(n for node, n in units.items() if types[node] in STORES), sum(units.values())
    found = []
    for node, all_ in at.items():
        refused = [x for x in all_ if x.is_refused]
        accepted = [x for x in all_ if x.accepted is not None]
        decided = [x for x in all_ if x.is_refused or x.accepted is not None]
        late = [x.is_late for x in all_ if x.is_late is not None]
        pickups = [t for x in all_ for t in x.between(x.ready, x.first(ShipmentState.HANDED_OVER))]
        others = offers_refused[node]
        reasons = Counter(x.last.reason for x in refused) + others
        row: dict[str, Any] = {
            "node_id": node,
            "node_type": TYPES[types[node]] if node in known else "",
            "offered_count": len(all_) + others.total(),
            "accepted_count": len(accepted),
            "refused_count": len(refused) + others.total(),
            "accept_basis_points": basis_points(len(accepted), len(decided) + others.total()),
        }
        row |= {f"{reason.name.lower()}_count": reasons[reason] for reason in RejectReason}
        row |= {
            "short_count": sum(bool(x.last.reason) and not x.is_refused for x in all_),
            "accept_time": spread([t for x in all_ for t in x.between(x.offered, x.accepted)]),
            "pick_time": spread([t for x in all_ for t in x.between(x.accepted, x.first(ShipmentState.PICKED))]),
            "ship_time": spread([t for x in all_ for t in x.between(x.offered, x.left)]),
            "pickup_time": spread(pickups),
            "mean_pickup_ms": sum(pickups) // len(pickups) if pickups else 0,
            "on_time_count": late.count(False),
            "late_count": late.count(True),
            "on_time_basis_points": basis_points(late.count(False), len(late)),
            "shipped_quantity": units[node],
            "share_basis_points": basis_points(units[node], whole),
            "store_share_basis_points": basis_points(stores, whole),
        }
        found.append(row)
    return sorted(found, key=lambda r: (-r["offered_count"], r["node_id"]))


def journey(again: RecountedOrders, start: int, end: int) -> Rows:
    placed = {s.order.order_id: s.placed_ms for s in again.steps}
    visits: dict[tuple[str, str, int], list[tuple[int, str]]] = defaultdict(list)
    channels_of: dict[str, str] = {}
    for stored in again.steps:
        channels_of[stored.order.order_id] = channel_of(stored)
        visits["ORDER", stored.order.order_id, 0].append((stored.updated_ms, stored.order.state.name))
    late: dict[tuple[str, str, int], bool] = {}
    for (order_id, number), each in travelled(again).items():
        visits["SHIPMENT", order_id, number] = [(at, state.name) for at, state in each.visits]
        if each.is_late is not None:
            late["SHIPMENT", order_id, number] = each.is_late
            late["ORDER", order_id, 0] = late.get(("ORDER", order_id, 0), False) or each.is_late
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for key, seen in visits.items():
        if not start <= placed[key[1]] < end:
            continue
        stays: Counter[str] = Counter()
        for (at, state), (until, _) in zip(seen, [*seen[1:], (0, "")], strict=True):
            stays[state] += max(until - at, 0)
        for state, stayed in stays.items():
            row = rows.setdefault((channels_of[key[1]], key[0], state), {"all": 0, "open": 0, "times": [], "late": []})
            row["all"] += 1
            is_open = seen[-1][1] == state
            row["open"] += is_open
            row["times"] += [] if is_open else [stayed]
            row["late"] += [late[key]] if key in late else []
    order = {"ORDER": list(OrderState.__members__), "SHIPMENT": list(ShipmentState.__members__)}
    return [
        {
            "channel": channel,
            "part": part,
            "state": state,
            "entered_count": row["all"],
            "open_count": row["open"],
            "stay_time": spread(row["times"]),
            "promised_count": len(row["late"]),
            "late_count": row["late"].count(True),
            "late_basis_points": basis_points(row["late"].count(True), len(row["late"])),
        }
        for (channel, part, state), row in sorted(
            rows.items(), key=lambda r: (r[0][0], r[0][1], order[r[0][1]].index(r[0][2]))
        )
    ]


def settlement(again: RecountedOrders, owners: dict[str, str], rate: Any, start: int, end: int) -> Rows:
    """`rate` is what the rules say, of a company that takes a unit and the owner of the node; owners are by node."""
    rows: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)

    def owe(debtor: str, creditor: str, currency: str, account: str, micros: int) -> None:
        rows[debtor, creditor, currency][account] += micros
        rows[debtor, creditor, currency]["owed"] += micros
        rows[debtor, creditor, currency]["net"] += micros
        rows[creditor, debtor, currency]["net"] -= micros

    received: dict[tuple[str, int], list[Any]] = {}
    for stored in again.steps:
        received[stored.order.order_id, stored.version] = list(stored.history[-1].moved)
    for stored, effect, line, shipment, quantity in again.effects:
        if not start <= stored.updated_ms < end or effect not in ("LEFT", "RETURNED"):
            continue
        seller, currency = _seller(stored.order), stored.order.currency_code
        price = stored.order.lines[line].unit_price_micros
        owner = owners[again.nodes[stored.order.shipments[shipment - 1].node_ix]]
        commission = price * rate(seller, owner) // 10_000 if seller != owner else 0
        if effect == "LEFT":
            rows[seller, owner, currency]["sold"] += quantity
            rows[seller, owner, currency]["sold micros"] += quantity * price
            if seller != owner:
                owe(seller, owner, currency, "COMMISSION", quantity * commission)
            continue
        moved = [x for x in received[stored.order.order_id, stored.version] if (x.line, x.shipment) == (line, shipment)]
        assert sum(x.quantity for x in moved) == quantity
        for each in moved:
            if each.disposition == Disposition.SCRAP:
                rows[seller, owner, currency]["scrapped"] += each.quantity
                continue
            receiver = owners[again.nodes[each.node_ix]]
            rows[seller, owner, currency]["returned"] += each.quantity
            rows[receiver, owner, currency]["received"] += each.quantity
            if seller != owner:
                owe(owner, seller, currency, "COMMISSION_BACK", each.quantity * commission)
            if receiver != owner:
                owe(receiver, owner, currency, "TRANSFER", each.quantity * (price * rate(receiver, owner) // 10_000))
    for old, steps in _exchanges(again):
        back = old.order.returns[old.history[-1].number - 1]
        most, agreed = sum(x.quantity * old.order.lines[x.line].unit_price_micros for x in back.lines), 0
        for stored in steps:
            left = sum((x.quantity - x.cancelled) * x.unit_price_micros for x in stored.order.lines)
            before, agreed = agreed, min(most, left)
            if not start <= stored.updated_ms < end:
                continue
            one, other, currency = _seller(old.order), _seller(stored.order), stored.order.currency_code
            if stored.version == 1:
                owe(one, other, currency, "EXCHANGE", agreed)
            elif agreed < before:
                owe(other, one, currency, "EXCHANGE_BACK", before - agreed)
    return [
        {
            "company_code": company,
            "counterparty_code": counterparty,
            "currency_code": currency,
            "sold_quantity": row["sold"],
            "sold_micros": row["sold micros"],
            "returned_quantity": row["returned"],
            "scrapped_quantity": row["scrapped"],
            "received_quantity": row["received"],
            "commission_micros": row["COMMISSION"],
            "commission_back_micros": row["COMMISSION_BACK"],
            "transfer_micros": row["TRANSFER"],
            "exchange_micros": row["EXCHANGE"],
            "exchange_back_micros": row["EXCHANGE_BACK"],
            "owed_micros": row["owed"],
            "net_micros": row["net"],
        }
        for (company, counterparty, currency), row in sorted(rows.items(), key=lambda r: (r[0][2], r[0][0], r[0][1]))
    ]


def _exchanges(again: RecountedOrders) -> Iterator[tuple[StoredOrder, list[StoredOrder]]]:
    """The step by which units of an order are exchanged, and all steps of the order that another seller gives for them."""
    of_order: dict[str, list[StoredOrder]] = defaultdict(list)
    for stored in again.steps:
        of_order[stored.order.order_id].append(stored)
    for old in again.steps:
        if old.history[-1].step != Step.EXCHANGE:
            continue
        steps = of_order[old.history[-1].detail]
        new = steps[0].order
        if new.currency_code == old.order.currency_code and _seller(new) != _seller(old.order):
            yield old, steps


def _seller(order: PlacedOrder) -> str:
    return order.asked.seller_code if order.asked else ""
