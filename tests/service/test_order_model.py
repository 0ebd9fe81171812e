"""Orders against a model in plain Python: whatever is done in whatever order, both say the same, and no unit is lost.

For every cell: what is on hand is what was counted, less what left with shipments, and with what came back; what is
committed is what shipments have that did not leave. Every step is sent twice, and the second answer is the first.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from types import SimpleNamespace
from typing import Any

import uvloop
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from model_orders import LEGAL, ModelShipment, No, OrdersModel
from redis.asyncio import Redis

from promessa.domain.catalogue import Catalogue, Node, Sku
from promessa.domain.errors import PromessaError, Unavailable
from promessa.domain.exchange import ExchangePolicy
from promessa.domain.fingerprint import fingerprint
from promessa.domain.kinds import NO_WAYS, Ways
from promessa.domain.offer import Offer
from promessa.domain.order import HistoryEntry, PlacedOrder, RejectReason, Shipment, ShipmentState, Step, Way
from promessa.domain.order_deadlines import DAY_MS, Terms
from promessa.domain.order_exchange import Exchanged
from promessa.domain.order_returns import Came
from promessa.domain.order_steps import sourced
from promessa.domain.order_work import open_at
from promessa.domain.returns import Disposition
from promessa.domain.sourcing import Order
from promessa.service.audit import Audit
from promessa.service.order_journey import Of, OrderJourney
from promessa.service.order_rest import OrderRest
from promessa.service.order_shipments import Held, shipments_of
from promessa.service.order_timers import OrderTimers
from promessa.service.order_times import OrderTimes
from promessa.service.order_writes import OrderWrites
from promessa.service.orders import Orders
from promessa.service.placing import Placing
from promessa.store.books import Books
from promessa.store.functions import open_data_set
from promessa.store.group_commit import GroupCommit
from promessa.store.order_store import OrderStore
from promessa.store.store import Store

NODES, SKUS, UNITS = 3, 2, 12
HOUR_MS, PICKUP_MS, RETURN_MS = 3_600_000, 3 * DAY_MS, 2 * DAY_MS
EXAMPLES = max(40, int(os.environ.get("PROMESSA_TEST_EXAMPLES", "2000")) // 20)
ANY = fingerprint(("method",), "test")

orders = st.sampled_from(["o-1", "o-2", "o-3"])
numbers = st.sampled_from([1, 1, 1, 2, 3])
nodes = st.integers(0, NODES - 1)
quantities = st.integers(1, 4)
some_lines = st.dictionaries(st.integers(0, 2), quantities, max_size=2)
cells = st.dictionaries(st.tuples(nodes, st.integers(0, SKUS - 1)), quantities, min_size=1, max_size=3)


def a_chain() -> Catalogue:
    found = Catalogue()
    for i in range(NODES):
        found.put("node", f"n{i}", i, Node(f"n{i}"), 1)
    for i in range(SKUS):
        found.put("sku", f"s{i}", i, Sku(f"s{i}"), 1)
    return found


class NoReplica:
    ready = False


class NoSourcing:
    """Sources nothing: what a refusal leaves waits for the rule that sources it."""

    async def source_and_reserve(self, *_: Any, **__: Any) -> Any:
        raise Unavailable("REPLICA_STALE", "There is no replica here.")


class OfferToAll:
    """Offers what is sent to all other nodes, whatever they have: the store says who can have it."""

    async def offered(self, _: Order, shipments: list[Shipment], count: int, *__: Any) -> list[Shipment]:
        if count < 2:
            return shipments
        others = [(ship, [n for n in range(NODES) if n != ship.node_ix]) for ship in shipments]
        return [
            ship if ship.way == Way.PICKUP else ship._replace(offers=tuple([Offer(n) for n in (ship.node_ix, *rest)]))
            for ship, rest in others
        ]


class OrdersAgainstModel(RuleBasedStateMachine):
    socket: str

    def __init__(self) -> None:
        super().__init__()
        self.loop = uvloop.new_event_loop()
        self.count = 0
        self.now_ms = 1_800_000_000_000
        self.codes: dict[tuple[str, int], str] = {}

    def run(self, coroutine: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(coroutine)

    async def _begin(self) -> None:
        self.redis = Redis(unix_socket_path=self.socket)
        await self.redis.flushall()
        keys = await open_data_set(self.redis, namespace="test", partitions=3, new_id="test")
        self.store = Store(self.redis, keys, GroupCommit(self.redis.connection_pool, keys.all_cells()))
        self.catalogue = a_chain()
        keeper: Any = SimpleNamespace(catalogue=self.catalogue, node_index=self._node_index, sku_index=self._sku_index)
        self.writes = OrderWrites(
            keeper, OrderStore(self.redis, keys, self.store._commit), self._times(), 0, lambda: self.now_ms
        )
        nobody: Any = NoSourcing()
        offering: Any = OfferToAll()
        rest = OrderRest(self.writes, nobody, self.store, offering, lambda: 0)
        self.timers = [OrderTimers(self.writes, lambda: self.now_ms) for _ in range(2)]
        self.orders = Orders(self.writes, nobody, nobody, self.store, rest, offering)
        self.journey = OrderJourney(self.writes, rest, lambda: self.now_ms)
        items = [x for node in range(NODES) for sku in range(SKUS) for x in (node, sku, UNITS, -1, -1)]
        await self.store.apply_counts("", ANY, as_of_ms=0, items=items)
        self.model = OrdersModel({(node, sku): UNITS for node in range(NODES) for sku in range(SKUS)})

    def _times(self) -> OrderTimes:
        def no_calendars(calendar_id: str, time_zone: str) -> Any:
            raise AssertionError("no node has a calendar")

        terms = Terms(HOUR_MS, HOUR_MS, HOUR_MS, DAY_MS, PICKUP_MS, HOUR_MS // 2, 2 * HOUR_MS, RETURN_MS)
        return OrderTimes(self.catalogue, no_calendars, terms, lambda: self.now_ms)

    async def _node_index(self, node_id: str) -> int:
        return self.catalogue.nodes.index_of[node_id]

    async def _sku_index(self, sku: str) -> int:
        return self.catalogue.skus.index_of[sku]

    # What both are asked ----------------------------------------------------------------------------------------------

    def both(self, order_id: str, model: Callable[[], object], act: Callable[[Of], Awaitable[Any]]) -> Any:
        """The same of both, twice of the store; its answer, None if both refuse for the same reason."""
        try:
            model()
            expected = ""
        except No as no:
            expected = str(no)
        self.count += 1
        of = Of(f"request-{self.count:06d}", order_id, "somebody")
        first, reason = self.run(self._tried(act, of))
        assert reason == expected
        again, reason = self.run(self._tried(act, of))
        assert reason == expected
        if first is not None:
            one, other = (x[0] if type(x) is tuple else x for x in (first, again))
            assert other.orders[0].order == one.orders[0].order
            assert other.replayed or other.was_done
        return first

    async def _tried(self, act: Callable[[Of], Awaitable[Any]], of: Of) -> tuple[Any, str]:
        try:
            return await act(of), ""
        except PromessaError as error:
            return None, error.reason

    @rule(order_id=orders, cells=cells, collected=st.one_of(st.none(), nodes), to_all=st.booleans())
    def place(
        self, order_id: str, cells: dict[tuple[int, int], int], collected: int | None, to_all: bool = False
    ) -> None:
        """What a reservation holds; collected at a node, or delivered."""
        self.place_for(None, order_id, cells, collected, to_all)

    @rule(
        old=orders, lines=st.dictionaries(st.integers(0, 1), st.integers(1, 2), min_size=1), order_id=orders,
        cells=cells, collected=st.one_of(st.none(), nodes), policy=st.sampled_from(ExchangePolicy),
        to_all=st.booleans(),
    )  # fmt: skip
    def exchange(
        self, old: str, lines: dict[int, int], order_id: str, cells: dict[tuple[int, int], int],
        collected: int | None, policy: ExchangePolicy, to_all: bool,
    ) -> None:  # fmt: skip
        """The same, for units of another order that are to come back."""
        self.place_for(Exchanged(old, lines, "", policy), order_id, cells, collected, to_all)

    @rule(pick=st.integers(0, 10_000), cells=cells, policy=st.sampled_from(ExchangePolicy), node=nodes)
    def exchange_and_receive(
        self, pick: int, cells: dict[tuple[int, int], int], policy: ExchangePolicy, node: int
    ) -> None:
        """An exchange that may be made, of which all comes back."""
        able = [
            (order_id, line)
            for order_id, order in self.model.orders.items()
            for line in range(len(order.wanted))
            if order.left(line) > order.asked_back[line]
        ]
        if able:
            old, line = able[pick % len(able)]
            self.count += 1
            self.place_for(Exchanged(old, {line: 1}, "", policy), f"x-{self.count}", cells, None)
            self.receive_return(old, len(self.model.orders[old].returns) or 1, node, line, 1, Disposition.RESELLABLE)

    def place_for(
        self, exchanged: Exchanged | None, order_id: str, cells: dict[tuple[int, int], int], collected: int | None,
        to_all: bool = False,
    ) -> None:  # fmt: skip
        if any(self.model.free(cell) < units for cell, units in cells.items()):
            return
        self.count += 1
        held = f"hold-{self.count:06d}"
        flat = [x for (node, sku), units in cells.items() for x in (node, sku, units)]
        self.run(
            self.store.reserve(held, ANY, cells=flat, all_or_nothing=True, ttl_ms=600_000, owner_id="", order_id="")
        )
        skus = list(dict.fromkeys(sku for _, sku in cells))
        wanted = [sum(units for (_, sku), units in cells.items() if sku == each) for each in skus]
        ways = Ways(pickups=(f"n{collected}",) * len(skus)) if collected is not None else NO_WAYS
        lines = tuple((f"s{sku}", units) for sku, units in zip(skus, wanted, strict=True))
        asked = Order(order_id, lines, "BR", "", ways=ways)
        shipments: dict[int, ModelShipment] = {}
        for (node, sku), units in cells.items():
            way = "delivery" if collected is None else "pickup" if collected == node else "to store"
            ship = shipments.setdefault(
                node, ModelShipment(node, way, {}, collected_at=-1 if collected is None else collected)
            )
            ship.units[skus.index(sku)] = units
            if to_all and way != "pickup":
                ship.offers = dict.fromkeys((node, *(n for n in range(NODES) if n != node)), "OPEN")

        async def act(of: Of) -> Any:
            placing = Placing(order_id, held, asked, offer_count=NODES if to_all else 0)
            return (await self.orders.place(of.request_id, placing, actor="", exchanged=exchanged)).stepped

        def in_the_model() -> None:
            new = (order_id, list(shipments.values()), skus, wanted)
            if exchanged is None:
                return self.model.place(*new)
            on_receipt = exchanged.policy == ExchangePolicy.ON_RECEIPT
            return_by = self.now_ms + RETURN_MS
            lines = dict(exchanged.lines)
            return self.model.exchange(exchanged.order_id, lines, *new, on_receipt=on_receipt, return_by=return_by)

        done = self.both(order_id, in_the_model, act)
        if done is None:  # what is held for nothing goes back
            self.run(self.store.release("", ANY, held))

    @initialize(
        first=st.dictionaries(st.tuples(nodes, st.integers(0, SKUS - 1)), quantities, min_size=1, max_size=4),
        collected=st.one_of(st.none(), nodes),
    )
    def place_first(self, first: dict[tuple[int, int], int], collected: int | None) -> None:
        self.run(self._begin())
        self.place("o-1", first, collected)
        self.place("o-2", first, None)
        self.place("o-4", first, min(first)[0])

    @rule(picks=st.lists(st.integers(0, 10_000), min_size=2, max_size=6), reason=st.sampled_from(RejectReason))
    def advance(self, picks: list[int], reason: RejectReason) -> None:
        """Some steps that are legal, those that bring a shipment further more often than others."""
        acts: dict[str, Callable[[str, int], None]] = {
            "accept": self.accept,
            "pick": self.pick_all,
            "ship": self.ship,
            "deliver": self.deliver,
            "ready": self.make_ready,
            "hand over": lambda order_id, number: self.hand_over(order_id, number, True),
            "reject": lambda order_id, number: self.reject(order_id, number, reason),
        }
        for pick in picks:
            able = [
                (step, order_id, number)
                for order_id, order in self.model.orders.items()
                for number, ship in enumerate(order.shipments, 1)
                for step in sorted(LEGAL[ship.way].get(ship.state, set()) - {"cancel"})
                for _ in range(1 if step == "reject" else 4)
            ]
            if able:
                step, order_id, number = able[pick % len(able)]
                acts[step](order_id, number)

    @rule(pick=st.integers(0, 10_000), returned=st.booleans())
    def leave_waiting(self, pick: int, returned: bool) -> None:
        """A shipment waits for its customer, who perhaps wants to return it, and does not come."""
        able = [
            (order_id, number, ship)
            for order_id, order in self.model.orders.items()
            for number, ship in enumerate(order.shipments, 1)
            if ship.way != "delivery" and ship.alive and ship.state != "HANDED_OVER"
        ]
        if not able:
            return
        order_id, number, ship = able[pick % len(able)]
        acts = {"OFFERED": self.accept, "ACCEPTED": self.pick_all, "SHIPPED": self.make_ready}
        acts["PICKED"] = self.make_ready if ship.way == "pickup" else self.ship
        while ship.state != "READY":
            acts[ship.state](order_id, number)
        if returned:
            self.request_return(order_id, dict.fromkeys(ship.units, 1))
        self.wait(80)

    @rule(pick=st.integers(0, 10_000), units=st.integers(0, 3))
    def pick_short(self, pick: int, units: int) -> None:
        """Of a line of a shipment that is to be picked, so many are there."""
        able = [
            (order_id, number, line)
            for order_id, order in self.model.orders.items()
            for number, ship in enumerate(order.shipments, 1)
            for line in (sorted(ship.units) if ship.state == "ACCEPTED" else ())
        ]
        if able:
            order_id, number, line = able[pick % len(able)]
            there = self.model.orders[order_id].shipments[number - 1].units[line]
            self.pick(order_id, number, {line: min(units, there)})

    @rule(pick=st.integers(0, 10_000), units=quantities, node=nodes, how=st.sampled_from(Disposition))
    def send_back(self, pick: int, units: int, node: int, how: Disposition) -> None:
        """Units that have left come back, as many as may, and some of them arrive."""
        able = [
            (order_id, line, order.left(line) - order.asked_back[line])
            for order_id, order in self.model.orders.items()
            for line in range(len(order.wanted))
            if order.left(line) > order.asked_back[line]
        ]
        if able:
            order_id, line, most = able[pick % len(able)]
            self.request_return(order_id, {line: min(units, most)})
            self.receive_return(order_id, len(self.model.orders[order_id].returns), node, line, 1, how)

    @rule(order_id=orders, number=numbers, node=st.one_of(st.none(), nodes))
    def accept(self, order_id: str, number: int, node: int | None = None) -> None:
        self.both(
            order_id,
            lambda: self.model.accept(order_id, number, node),
            lambda of: self.journey.accept(of, number, "" if node is None else f"n{node}"),
        )

    @rule(order_id=orders, number=numbers, reason=st.sampled_from(RejectReason), node=st.one_of(st.none(), nodes))
    def reject(self, order_id: str, number: int, reason: RejectReason, node: int | None = None) -> None:
        self.both(
            order_id,
            lambda: self.model.reject(order_id, number, reason.name, node),
            lambda of: self.journey.reject(of, number, "" if node is None else f"n{node}", reason),
        )

    @rule(pick=st.integers(0, 10_000), accepts=st.booleans(), node=nodes, reason=st.sampled_from(RejectReason))
    def answer_an_offer(self, pick: int, accepts: bool, node: int, reason: RejectReason) -> None:
        """A node answers a shipment that is offered to several."""
        able = [
            (order_id, number)
            for order_id, order in self.model.orders.items()
            for number, ship in enumerate(order.shipments, 1)
            if ship.offers and ship.state == "OFFERED"
        ]
        if able and accepts:
            self.accept(*able[pick % len(able)], node)
        elif able:
            self.reject(*able[pick % len(able)], reason, node)

    @rule(order_id=orders, number=numbers, picked=st.dictionaries(st.integers(0, 1), st.integers(0, 4), max_size=2))
    def pick(self, order_id: str, number: int, picked: dict[int, int]) -> None:
        self.both(
            order_id,
            lambda: self.model.pick(order_id, number, picked),
            lambda of: self.journey.pick(of, number, picked),
        )

    @rule(order_id=orders, number=numbers)
    def pick_all(self, order_id: str, number: int) -> None:
        self.both(order_id, lambda: self.model.pick(order_id, number, {}), lambda of: self.journey.pick(of, number, {}))

    @rule(order_id=orders, number=numbers)
    def ship(self, order_id: str, number: int) -> None:
        self.both(
            order_id, lambda: self.model.ship(order_id, number), lambda of: self.journey.ship(of, number, "c", "1")
        )

    @rule(order_id=orders, number=numbers)
    def deliver(self, order_id: str, number: int) -> None:
        self.both(
            order_id, lambda: self.model.deliver(order_id, number), lambda of: self.journey.deliver(of, number, 0)
        )

    @rule(order_id=orders, number=numbers)
    def make_ready(self, order_id: str, number: int) -> None:
        done = self.both(
            order_id,
            lambda: self.model.ready(order_id, number, self.now_ms + PICKUP_MS),
            lambda of: self.journey.make_ready(of, number),
        )
        if done is not None:
            self.codes[order_id, number] = done[1]

    @rule(order_id=orders, number=numbers, right=st.sampled_from([True, True, False]))
    def hand_over(self, order_id: str, number: int, right: bool) -> None:
        code = self.codes.get((order_id, number), "WRONG") if right else "WRONG"
        self.both(
            order_id,
            lambda: self.model.hand_over(order_id, number, right=right),
            lambda of: self.journey.hand_over(of, number, code),
        )

    @rule(order_id=orders, lines=some_lines)
    def cancel(self, order_id: str, lines: dict[int, int]) -> None:
        self.both(order_id, lambda: self.model.cancel(order_id, lines), lambda of: self.journey.cancel(of, lines))

    @rule(order_id=orders, lines=st.dictionaries(st.integers(0, 2), quantities, min_size=1, max_size=2))
    def request_return(self, order_id: str, lines: dict[int, int]) -> None:
        self.both(
            order_id,
            lambda: self.model.request_return(order_id, lines),
            lambda of: self.journey.request_return(of, lines, ""),
        )

    @rule(
        order_id=orders, number=st.integers(1, 2), node=nodes, line=st.integers(0, 1), units=quantities,
        how=st.sampled_from(Disposition),
    )  # fmt: skip
    def receive_return(self, order_id: str, number: int, node: int, line: int, units: int, how: Disposition) -> None:
        self.both(
            order_id,
            lambda: self.model.receive_return(order_id, number, node, line, units, how.name),
            lambda of: self.journey.receive_return(of, number, f"n{node}", [Came(line, units, how)]),
        )

    @rule(order_id=orders, node=nodes)
    def source(self, order_id: str, node: int) -> None:
        """What is to be sourced comes from a node that has it."""
        before = self.run(self.writes.store.get(order_id))
        if not self.model.source(order_id, node):
            return
        self.count += 1
        held = f"hold-{self.count:06d}"
        needed: dict[int, int] = {}
        for line in before.order.lines:
            if line.to_source:
                needed[line.sku_ix] = needed.get(line.sku_ix, 0) + line.to_source
        flat = [x for sku, units in needed.items() for x in (node, sku, units)]
        reserved = self.run(
            self.store.reserve(held, ANY, cells=flat, all_or_nothing=True, ttl_ms=600_000, owner_id="", order_id="")
        )
        found = shipments_of(
            Held(reserved.reservation, None, NO_WAYS), before.order.lines, self.catalogue.nodes.index_of.__getitem__
        )
        self.run(self.writes.step(f"{held}-placed", ANY, order_id, lambda x: sourced(x.order, found), actor=""))

    @rule(hours=st.sampled_from([0, 1, 1, 2, 5, 24, 24, 80]))
    def wait(self, hours: int) -> None:
        """Time goes by, and two workers look at what it makes of orders at once."""
        self.now_ms += hours * HOUR_MS
        self.model.time_is(self.now_ms)
        self.run(self._tend())
        assert self.run(self._tend()) == 0, "everything was told"

    async def _tend(self) -> int:
        return sum(await asyncio.gather(*[timers.tend() for timers in self.timers]))

    # What both have ---------------------------------------------------------------------------------------------------

    @invariant()
    def both_have_the_same(self) -> None:
        if hasattr(self, "model"):
            self.run(self._compare())

    async def _compare(self) -> None:
        at = [(node, sku) for node in range(NODES) for sku in range(SKUS)]
        for key, cell in zip(at, await self.store.read_cells(at), strict=True):
            assert cell is not None
            expected = (self.model.on_hand[key], self.model.withheld[key], 0, self.model.committed(key))
            assert (cell.on_hand, cell.unavailable, cell.held, cell.committed) == expected, key
        for order_id, expected_order in self.model.orders.items():
            order = (await self.writes.get(order_id)).order
            assert [x.state for x in expected_order.shipments] == [_state(x.state) for x in order.shipments]
            assert [x.node for x in expected_order.shipments] == [x.node_ix for x in order.shipments]
            assert [line.to_source for line in order.lines] == [
                expected_order.to_source(i) for i in range(len(order.lines))
            ]
            for node in range(NODES):
                listed = await self.redis.zscore(self.writes.store.keys.work(node), order_id)
                assert (listed is not None) == (node in open_at(order))
            history = (await self.writes.get(order_id)).history
            check_told(order, history)
            assert history[0].step == Step.PLACE and len(history) == (await self.writes.get(order_id)).version

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.run(self._check_books())
        self.loop.close()

    async def _check_books(self) -> None:
        replica: Any = NoReplica()
        report = await Audit(Books(self.redis, self.store.keys), self.catalogue, lambda: replica).run(violations_max=9)
        wrong = [each for each in report.violations if each.invariant != "REPLICA"]
        assert not wrong, wrong
        assert report.order_count == len(self.model.orders)
        await self.store.close()


MET_BY = {
    "ACCEPT": {Step.ACCEPT},
    "PICK": {Step.PICK},
    "SHIP": {Step.SHIP},
    "READY": {Step.MAKE_READY},
    "DELIVER": {Step.DELIVER},
    "COLLECT": {Step.HAND_OVER, Step.PUT_BACK},
}
"""The steps after which nobody is told of a deadline any more, besides those that end the shipment."""


OF_RETURNS = (Step.REQUEST_RETURN, Step.RECEIVE_RETURN, Step.EXCHANGE)
"""Their number is that of the return."""


def check_told(order: PlacedOrder, history: Sequence[HistoryEntry]) -> None:
    """Each deadline is told once at most as near and once as over, in this order, and not after the step that met it."""
    told: set[tuple[int, int, str]] = set()
    done: dict[int, set[int]] = {}
    for entry in history:
        if entry.step in (Step.AT_RISK, Step.LATE):
            before = done.get(entry.number, set())
            assert (entry.step, entry.number, entry.detail) not in told, entry
            assert entry.step == Step.LATE or (Step.LATE, entry.number, entry.detail) not in told, entry
            assert not before & (MET_BY[entry.detail] | {Step.REJECT}), entry
            told.add((entry.step, entry.number, entry.detail))
        elif entry.step not in OF_RETURNS:
            done.setdefault(entry.number, set()).add(entry.step)
    for number, shipment in enumerate(order.shipments, 1):
        back = [
            (entry.step, entry.detail) for entry in history if entry.number == number and entry.step not in OF_RETURNS
        ]
        if shipment.state == ShipmentState.UNCOLLECTED:
            assert back[-2:] == [(Step.PUT_BACK, ""), (Step.REFUND, "0")]


def _state(state: int) -> str:
    return ShipmentState(state).name


def test_orders_and_the_model_agree_whatever_is_done(own_store_process: Any) -> None:
    process = own_store_process()
    OrdersAgainstModel.socket = process.socket
    run_state_machine_as_test(
        OrdersAgainstModel,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )
