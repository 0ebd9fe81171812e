"""Orders in plain Python, told as a person would: what the store and the steps of the domain are compared with.

States are words, units are numbers in dictionaries. Nothing here knows of reservations, versions or moves.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

LEGAL = {
    "delivery": {
        "WAITING": {"cancel"},
        "OFFERED": {"accept", "reject", "cancel"},
        "ACCEPTED": {"pick", "reject", "cancel"},
        "PICKED": {"ship", "reject", "cancel"},
        "SHIPPED": {"deliver"},
    },
    "pickup": {
        "WAITING": {"cancel"},
        "OFFERED": {"accept", "reject", "cancel"},
        "ACCEPTED": {"pick", "reject", "cancel"},
        "PICKED": {"ready", "reject", "cancel"},
        "READY": {"ready", "hand over", "cancel"},  # and once its time is over it goes back
    },
    "to store": {
        "WAITING": {"cancel"},
        "OFFERED": {"accept", "reject", "cancel"},
        "ACCEPTED": {"pick", "reject", "cancel"},
        "PICKED": {"ship", "reject", "cancel"},
        "SHIPPED": {"ready"},
        "READY": {"ready", "hand over"},
    },
}

Cell = tuple[int, int]


class No(Exception):
    """A step that is refused; its text is the reason."""


@dataclass
class ModelShipment:
    node: int
    way: str
    units: dict[int, int]
    state: str = "OFFERED"
    code: str = ""
    wrong: int = 0
    collected_at: int = -1
    collect_by: int = 0
    stays: bool = False
    offers: dict[int, str] = field(default_factory=dict)
    """Of one that is offered to several nodes, what each said, in the order in which they are asked."""

    @property
    def open_offers(self) -> list[int]:
        return [node for node, said in self.offers.items() if said == "OPEN"]

    @property
    def alive(self) -> bool:
        return self.state not in ("REJECTED", "CANCELLED", "UNCOLLECTED")

    @property
    def gone(self) -> bool:
        """Its units are not in the stock of its node any more."""
        return self.state in ("SHIPPED", "DELIVERED", "HANDED_OVER") or (
            self.state == "READY" and self.way == "to store"
        )


@dataclass
class ModelOrder:
    skus: list[int]
    wanted: list[int]
    shipments: list[ModelShipment]
    cancelled: Counter[int] = field(default_factory=Counter)
    returns: list[Counter[int]] = field(default_factory=list)
    asked_back: Counter[int] = field(default_factory=Counter)
    given_for: str = ""
    waiting_for: int = 0
    return_by: int = 0

    def to_source(self, line: int) -> int:
        here = sum(ship.units.get(line, 0) for ship in self.shipments if ship.alive)
        return self.wanted[line] - self.cancelled[line] - here

    def left(self, line: int) -> int:
        return sum(ship.units.get(line, 0) for ship in self.shipments if ship.gone)


class OrdersModel:
    """Orders and the stock they move."""

    def __init__(self, on_hand: dict[Cell, int]) -> None:
        self.on_hand = Counter(on_hand)
        self.withheld: Counter[Cell] = Counter()
        self.orders: dict[str, ModelOrder] = {}

    def committed(self, cell: Cell) -> int:
        return sum(
            units
            for order in self.orders.values()
            for ship in order.shipments
            if ship.alive and not ship.gone and ship.node == cell[0]
            for line, units in ship.units.items()
            if order.skus[line] == cell[1]
        )

    def free(self, cell: Cell) -> int:
        return self.on_hand[cell] - self.withheld[cell] - self.committed(cell)

    def place(self, order_id: str, shipments: list[ModelShipment], skus: list[int], wanted: list[int]) -> None:
        if order_id in self.orders:
            raise No("ORDER_EXISTS")
        self.orders[order_id] = ModelOrder(skus, wanted, shipments)

    def exchange(
        self, old_id: str, lines: dict[int, int], order_id: str, shipments: list[ModelShipment], skus: list[int],
        wanted: list[int], *, on_receipt: bool, return_by: int,
    ) -> None:  # fmt: skip
        if old_id not in self.orders:
            raise No("ORDER_NOT_FOUND")
        old = self.orders[old_id]
        if old.given_for:
            raise No("EXCHANGE_OF_EXCHANGE")
        self.check_return(old, lines)
        self.place(order_id, shipments, skus, wanted)
        self.request_return(old_id, lines)
        new = self.orders[order_id]
        new.given_for = old_id
        if on_receipt:
            new.waiting_for, new.return_by = len(old.returns), return_by
            for ship in new.shipments:
                ship.state = "WAITING"

    def check_return(self, order: ModelOrder, lines: dict[int, int]) -> None:
        for line, units in lines.items():
            if line >= len(order.wanted) or units > order.left(line) - order.asked_back[line]:
                raise No("QUANTITY_EXCEEDS_ORDER")

    def shipment(self, order_id: str, number: int, step: str) -> ModelShipment:
        if order_id not in self.orders:
            raise No("ORDER_NOT_FOUND")
        shipments = self.orders[order_id].shipments
        if number > len(shipments):
            raise No("SHIPMENT_NOT_FOUND")
        ship = shipments[number - 1]
        if step not in LEGAL[ship.way].get(ship.state, set()):
            raise No("ILLEGAL_STEP")
        return ship

    def for_node(self, order_id: str, number: int, node: int | None) -> None:
        """Whether a node may answer a shipment; None stands for the one that has its units."""
        if order_id not in self.orders:
            raise No("ORDER_NOT_FOUND")
        if number > len(self.orders[order_id].shipments):
            raise No("SHIPMENT_NOT_FOUND")
        ship = self.orders[order_id].shipments[number - 1]
        if node is None:
            if ship.state == "OFFERED" and len(ship.open_offers) > 1:
                raise No("INVALID_FIELD")
        elif node != ship.node:
            if ship.offers.get(node) != "OPEN":
                raise No("NOT_OFFERED")
            if ship.alive and ship.state not in ("OFFERED", "WAITING"):
                raise No("OFFER_TAKEN")

    def accept(self, order_id: str, number: int, node: int | None = None) -> None:
        self.for_node(order_id, number, node)
        ship, order = self.shipment(order_id, number, "accept"), self.orders[order_id]
        if node is not None and node != ship.node:
            if not self.can_have(order, ship, node):
                raise No("OFFER_NOT_IN_STOCK")
            ship.node = node
        ship.state = "ACCEPTED"

    def can_have(self, order: ModelOrder, ship: ModelShipment, node: int) -> bool:
        needed: Counter[int] = Counter()
        for line, units in ship.units.items():
            needed[order.skus[line]] += units
        return all(self.free((node, sku)) >= units for sku, units in needed.items())

    def reject(self, order_id: str, number: int, reason: str, node: int | None = None) -> None:
        self.for_node(order_id, number, node)
        ship, order = self.shipment(order_id, number, "reject"), self.orders[order_id]
        refusing = ship.node if node is None else node
        if ship.offers:
            ship.offers[refusing] = reason
        if refusing == ship.node:
            able = (
                [each for each in ship.open_offers if self.can_have(order, ship, each)]
                if ship.state == "OFFERED"
                else []
            )
            if able:
                ship.node = able[0]
            else:
                ship.state = "REJECTED"
        self.doubt(order, refusing, ship.units, reason)

    def doubt(self, order: ModelOrder, node: int, units: dict[int, int], reason: str) -> None:
        for line, missing in units.items():
            cell = (node, order.skus[line])
            if reason == "NOT_FOUND":
                self.withheld[cell] += max(self.free(cell), 0)
            elif reason == "DAMAGED":
                self.withheld[cell] += min(missing, self.on_hand[cell] - self.withheld[cell])

    def pick(self, order_id: str, number: int, picked: dict[int, int]) -> None:
        ship, order = self.shipment(order_id, number, "pick"), self.orders[order_id]
        if any(units > ship.units.get(line, 0) for line, units in picked.items()):
            raise No("QUANTITY_EXCEEDS_ORDER")
        found = {line: picked.get(line, units) for line, units in ship.units.items()}
        short = {line: units - found[line] for line, units in ship.units.items() if found[line] < units}
        if not any(found.values()):
            ship.state = "REJECTED"
        else:
            ship.state, ship.units = "PICKED", {line: units for line, units in found.items() if units}
        self.doubt(order, ship.node, short, "NOT_FOUND")

    def ship(self, order_id: str, number: int) -> None:
        if order_id in self.orders and number <= len(self.orders[order_id].shipments):
            if self.orders[order_id].shipments[number - 1].state == "SHIPPED":
                return  # told twice
        self.leave(order_id, self.shipment(order_id, number, "ship"))
        self.orders[order_id].shipments[number - 1].state = "SHIPPED"

    def leave(self, order_id: str, ship: ModelShipment) -> None:
        for line, units in ship.units.items():
            self.on_hand[ship.node, self.orders[order_id].skus[line]] -= units

    def deliver(self, order_id: str, number: int) -> None:
        if order_id in self.orders and number <= len(self.orders[order_id].shipments):
            if self.orders[order_id].shipments[number - 1].state == "DELIVERED":
                return
        self.shipment(order_id, number, "deliver").state = "DELIVERED"

    def ready(self, order_id: str, number: int, collect_by: int) -> None:
        ship = self.shipment(order_id, number, "ready")
        ship.state, ship.wrong, ship.collect_by = "READY", 0, ship.collect_by or collect_by

    def time_is(self, now: int) -> None:
        """What nobody collected by its time goes back, but for what its customer wants to return: that stays where it is. What
        waits for a return that did not come by then is cancelled."""
        for order_id, order in self.orders.items():
            if order.waiting_for and order.return_by <= now and any(ship.alive for ship in order.shipments):
                self.cancel(order_id, {})
            for ship in order.shipments:
                if ship.state == "READY" and ship.collect_by <= now and not ship.stays:
                    free = {line: order.left(line) - order.asked_back[line] for line in ship.units}
                    if ship.way == "to store" and any(units > free[line] for line, units in ship.units.items()):
                        ship.stays = True
                        continue
                    ship.state = "UNCOLLECTED"
                    order.cancelled.update(ship.units)
                    for line, units in ship.units.items() if ship.way == "to store" else ():
                        self.on_hand[ship.collected_at, order.skus[line]] += units

    def hand_over(self, order_id: str, number: int, *, right: bool) -> None:
        ship = self.shipment(order_id, number, "hand over")
        if ship.wrong >= 5:
            raise No("PICKUP_CODE_LOCKED")
        if not right:
            ship.wrong += 1
            raise No("PICKUP_CODE_WRONG")
        if ship.way == "pickup":
            self.leave(order_id, ship)
        ship.state = "HANDED_OVER"

    def cancel(self, order_id: str, lines: dict[int, int]) -> None:
        if order_id not in self.orders:
            raise No("ORDER_NOT_FOUND")
        order = self.orders[order_id]
        able = {}
        for line in range(len(order.wanted)):
            here = sum(x.units.get(line, 0) for x in order.shipments if x.alive and not x.gone)
            able[line] = order.to_source(line) + here
        wanted = lines or {line: units for line, units in able.items() if units}
        if not wanted:
            raise No("ILLEGAL_STEP")
        if any(units > able.get(line, 0) for line, units in wanted.items()):
            raise No("QUANTITY_EXCEEDS_ORDER")
        for line, units in wanted.items():
            left = max(units - order.to_source(line), 0)
            for ship in reversed(order.shipments):
                if ship.alive and not ship.gone and left and line in ship.units:
                    taken = min(left, ship.units[line])
                    left -= taken
                    ship.units[line] -= taken
                    ship.units = {each: n for each, n in ship.units.items() if n}
                    if not ship.units:
                        ship.state = "CANCELLED"
            order.cancelled[line] += units

    def request_return(self, order_id: str, lines: dict[int, int]) -> None:
        if order_id not in self.orders:
            raise No("ORDER_NOT_FOUND")
        order = self.orders[order_id]
        self.check_return(order, lines)
        order.asked_back.update(lines)
        order.returns.append(Counter(lines))

    def receive_return(self, order_id: str, number: int, node: int, line: int, units: int, how: str) -> None:
        if order_id not in self.orders:
            raise No("ORDER_NOT_FOUND")
        order = self.orders[order_id]
        if number > len(order.returns):
            raise No("RETURN_NOT_FOUND")
        back = order.returns[number - 1]
        if units > back[line]:
            raise No("QUANTITY_EXCEEDS_ORDER")
        back[line] -= units
        cell = (node, order.skus[line])
        if how != "SCRAP":
            self.on_hand[cell] += units
        if how == "QUARANTINE":
            self.withheld[cell] += units
        if not any(back.values()):
            self.release(order_id, number)

    def release(self, order_id: str, number: int) -> None:
        """All of a return came: what waits for it does not any more."""
        for order in self.orders.values():
            if (order.given_for, order.waiting_for) == (order_id, number):
                order.waiting_for = 0
                for ship in order.shipments:
                    ship.state = "OFFERED" if ship.state == "WAITING" else ship.state

    def source(self, order_id: str, node: int) -> bool:
        """All that is to be sourced comes from a node, if it has it."""
        order = self.orders.get(order_id)
        units = {line: order.to_source(line) for line in range(len(order.wanted))} if order else {}
        units = {line: n for line, n in units.items() if n}
        needed: Counter[int] = Counter()
        for line, n in units.items():
            assert order is not None
            needed[order.skus[line]] += n
        if not units or any(self.free((node, sku)) < n for sku, n in needed.items()):
            return False
        assert order is not None
        order.shipments.append(ModelShipment(node, "delivery", units, "WAITING" if order.waiting_for else "OFFERED"))
        return True
