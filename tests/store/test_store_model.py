"""The store against a model in plain Python: whatever is done in whatever order, both say the same and keep the same."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

import pytest
import uvloop
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from model import Model
from redis.asyncio import Redis
from store_kit import (
    HOUR,
    SECOND,
    START_MS,
    all_cells,
    all_due,
    all_members,
    all_moves,
    all_owned,
    all_pools,
    all_states,
    all_supplies,
    all_taken,
    check_books,
    request,
    unpacked,
)

from promessa.domain.capacity import Capacity, CapacityUnit, OnFull
from promessa.domain.errors import PromessaError
from promessa.domain.hold_rules import NO_LIMITS, HoldLimits
from promessa.domain.pools import Pool
from promessa.domain.reservation import LotLine, Reservation
from promessa.domain.stock import FeedPosition
from promessa.domain.supply import OverduePolicy
from promessa.service.safety_rules import SafetyRules
from promessa.store import answers
from promessa.store.capacity_store import CapacitySet, CapacityStore
from promessa.store.confidence_store import Checked, ConfidenceStore
from promessa.store.functions import open_data_set
from promessa.store.group_commit import GroupCommit
from promessa.store.pool_store import Allocated, PoolStore, Reallocated
from promessa.store.rules_store import RulesStore
from promessa.store.store import Fed, Filed, Reserved, Resourced, ResourceShort, Store, Transferred
from promessa.store.supply_store import InboundKey, OrderLimits, Supplied, SupplyStore
from promessa.store.unavailable_store import Reclassified, UnavailableStore

NODES, SKUS, PARTITIONS = 5, 2, 3
RETENTION_MS = 2 * HOUR
TODAY = START_MS // (24 * HOUR)
EXAMPLES = int(os.environ.get("PROMESSA_TEST_EXAMPLES", "2000"))

Operation = tuple[str, tuple[Any, ...], dict[str, Any]]

makers = st.sampled_from([f"make-{n:04d}" for n in range(8)])
changers = st.one_of(st.just(""), st.sampled_from([*[f"edit-{n:04d}" for n in range(8)], "make-0007"]))
"""Request ids of changes, one of them also that of a reservation: then one of the two is refused."""
cells = st.tuples(st.integers(0, NODES - 1), st.integers(0, SKUS - 1))
payloads = st.sampled_from("ab")
quantities = st.integers(1, 6)
lines = st.dictionaries(cells, quantities, min_size=1, max_size=4).map(
    lambda found: [x for (node, sku), quantity in found.items() for x in (node, sku, quantity)]
)
KITS = {7: ((0, 2), (1, 1)), 8: ((0, 1), (1, 3)), 9: ((1, 2),)}
"""Kits by their index, above those of skus that are put: sku index and units in one kit."""
things = st.one_of(cells, st.tuples(st.integers(0, NODES - 1), st.sampled_from(list(KITS))))
lots = st.dictionaries(things, st.tuples(st.integers(1, 4), st.sampled_from([1, 1, 2])), min_size=1, max_size=4).map(
    lambda found: [LotLine(*thing, count, step, KITS.get(thing[1], ())) for thing, (count, step) in found.items()]
)
named_lines = st.dictionaries(things, quantities, min_size=1, max_size=4).map(
    lambda found: [x for thing, quantity in found.items() for x in (*thing, quantity)]
)
some_lines = st.one_of(st.just([]), named_lines)
moves = st.lists(
    st.tuples(st.integers(0, NODES - 1), st.integers(1, NODES - 1), st.sampled_from([0, 1, *KITS]), st.integers(1, 3)),
    min_size=1,
    max_size=3,
).map(lambda found: [x for here, step, sku, units in found for x in (here, (here + step) % NODES, sku, units)])
channels = st.sampled_from(["", "web", "web/vip", "web/vip/gold", "shop", "\npickup", "web\npickup", "web/vip\nship"])
positions = st.builds(
    FeedPosition, source_id=st.sampled_from("xy"), epoch=st.sampled_from([1, 1, 1, 2]), sequence=st.integers(1, 4)
)
amounts = st.one_of(st.just(-1), st.integers(0, 4))
instants = st.one_of(
    st.just(0), st.integers(START_MS - 5, START_MS + 5), st.integers(0, 12).map(lambda n: START_MS + n * SECOND)
)


def operation(
    name: str, *positional: st.SearchStrategy[Any], **named: st.SearchStrategy[Any]
) -> st.SearchStrategy[Any]:
    """The second positional argument is the payload; its fingerprint knows the operation and the reservation it is
    about, as those of requests do."""
    arguments = st.tuples(*positional).map(
        lambda found: (found[0], request(name, found[1], *map(str, found[2:])), *found[2:])
    )
    return st.tuples(st.just(name), arguments, st.fixed_dictionaries(named))


reserves = operation(
    "reserve", makers, payloads, cells=lines, all_or_nothing=st.booleans(), ttl_ms=st.integers(1, 5).map(SECOND.__mul__),
    owner_id=st.sampled_from(["bob", "ann"]), order_id=st.just("o"), keep_refusal=st.booleans(),
    slips=st.sampled_from([(), (), (0, 0, 1, 3)]), channel=channels,
    limits=st.sampled_from([NO_LIMITS, NO_LIMITS, HoldLimits(500), HoldLimits(1000), HoldLimits(0, 4), HoldLimits(500, 7, 2)]),
)  # fmt: skip
lot_reserves = operation(
    "reserve_lots", makers, payloads, lots=lots, all_or_nothing=st.booleans(), ttl_ms=st.integers(1, 5).map(SECOND.__mul__),
    owner_id=st.just("ann"), order_id=st.just("o"), keep_refusal=st.booleans(),
    slips=st.sampled_from([(), (), (0, 0, 1, 3)]), channel=channels,
    limits=st.sampled_from([NO_LIMITS, NO_LIMITS, HoldLimits(500), HoldLimits(0, 5), HoldLimits(500, 7, 2)]),
)  # fmt: skip
lifecycles = st.one_of(
    operation(
        "confirm",
        changers,
        payloads,
        makers,
        order_id=st.sampled_from(["", "p"]),
        reacquire=st.booleans(),
        cells=some_lines,
    ),
    operation("transfer", changers, payloads, makers, moves=moves),
    operation(
        "resource",
        changers,
        payloads,
        makers,
        moves=st.one_of(st.just([]), moves),
        back=some_lines,
        extra_before=st.sampled_from([b"", b"", b"", b"first"]),
        extra=st.sampled_from([b"", b"first"]),
        told=st.just(b"told"),
        slips=st.sampled_from([(), (), (0, 0, 1, 3)]),
    ),
    operation("extend", changers, payloads, makers, ttl_ms=st.integers(1, 5).map(SECOND.__mul__)),
    operation("release", changers, payloads, makers, cells=some_lines),
    operation("fulfill", changers, payloads, makers, cells=some_lines),
)
feeds = st.one_of(
    operation(
        "apply_deltas", changers, payloads,
        items=st.lists(st.tuples(cells, st.integers(-4, 9)), min_size=1, max_size=4).map(
            lambda found: [x for (node, sku), delta in found for x in (node, sku, delta)]
        ),
        reason=st.just("found"), occurred_ms=st.one_of(st.just([]), st.lists(instants, min_size=4, max_size=4)),
        merge_late=st.booleans(), position=st.one_of(st.none(), positions, positions),
    ),
    operation(
        "apply_counts", changers, payloads,
        as_of_ms=instants,
        items=st.lists(st.tuples(cells, st.integers(0, 9), amounts, amounts), min_size=1, max_size=4).map(
            lambda found: [x for (node, sku), *rest in found for x in (node, sku, *rest)]
        ),
        expected_on_hand=st.sampled_from([-1, -1, -1, 0, 5]),
        expected_version=st.sampled_from([-1, -1, -1, 0, 3]),
        source=st.sampled_from(["", "", "erp"]),
    ),
    operation(
        "set_safety_stock", changers, payloads, node_ix=st.integers(0, NODES - 1), sku_ix=st.integers(0, SKUS - 1),
        quantity=st.integers(-1, 3),
    ),
)  # fmt: skip
checks = operation(
    "add", changers, payloads,
    st.lists(
        st.builds(
            Checked, st.integers(0, NODES - 1), st.integers(0, SKUS - 1), st.sampled_from(["", "fresh"]),
            st.sampled_from([0, 9_000, 60_000]), st.sampled_from([0, 20_000]),
        ),
        min_size=1, max_size=2,
    ),
)  # fmt: skip
clocks = st.sampled_from([(-1, 0), (600, -180), (-1, 60, START_MS + 30 * HOUR, 120)])
catalogue = st.one_of(
    operation(
        "put_resource", changers, payloads, kind=st.just("node"), resource_id=st.sampled_from("abc"), value=st.just(b"{}"),
        state=st.sampled_from([1, 1, 1, 2]), clock=clocks,
    ),
    operation(
        "put_resource", changers, payloads, kind=st.just("lane"), resource_id=st.just("l"), value=st.just(b"{}"),
        requires=st.sampled_from([[], ["node:a"], ["node:a", "node:b"]]),
    ),
    operation(
        "put_resource", changers, payloads, kind=st.just("sku"), resource_id=st.sampled_from("xyz"), value=st.just(b"{}"),
        state=st.sampled_from([1, 1, 4, 5]), stock_class=st.sampled_from(["", "fresh"]),
    ),
    operation(
        "put_resource", changers, payloads, kind=st.just("sku"), resource_id=st.sampled_from("xyz"), value=st.just(b"{}"),
        state=st.just(2), requires=st.sampled_from([["sku:x"], ["sku:y"], ["sku:x", "sku:z"]]),
    ),
    operation("delete_resource", changers, payloads, kind=st.just("sku"), resource_id=st.sampled_from("xyz")),
    operation("set_node_state", changers, payloads, node_id=st.sampled_from("abcd"), state=st.sampled_from([1, 2])),
    operation("set_node_state", changers, payloads, node_id=st.sampled_from("abcd"), state=st.just(2), until_ms=instants),
    operation("delete_resource", changers, payloads, kind=st.just("node"), resource_id=st.sampled_from("abcd")),
)  # fmt: skip
inbound_keys = st.builds(lambda cell, name: InboundKey(*cell, name), cells, st.sampled_from(["po-1", "po-2"]))
supplies = st.one_of(
    operation(
        "put_inbound", changers, payloads, inbound_keys, kind=st.sampled_from([1, 4]), quantity=st.integers(1, 9),
        day=st.integers(TODAY - 1, TODAY + 3), policy=st.sampled_from([None, OverduePolicy(1, 2), OverduePolicy(2)]),
    ),
    operation(
        "receive_inbound", changers, payloads, inbound_keys, quantity=st.integers(0, 6), last=st.booleans(),
    ),
    operation("cancel_inbound", changers, payloads, inbound_keys),
)  # fmt: skip
promises = operation(
    "promise", makers, payloads,
    cells=lines.map(lambda flat: [x for i in range(0, len(flat), 3) for x in (*flat[i : i + 3], TODAY)]),
    all_or_nothing=st.booleans(), ttl_ms=st.integers(1, 5).map(SECOND.__mul__), owner_id=st.just("ann"), order_id=st.just(""),
    latest_day=st.sampled_from([0, TODAY, TODAY + 2]), backorder=st.booleans(),
    policy=st.sampled_from([OverduePolicy(1, 1), OverduePolicy(3)]), channel=channels,
    limits=st.sampled_from([NO_LIMITS, NO_LIMITS, HoldLimits(500), HoldLimits(0, 5), HoldLimits(500, 7, 2)]),
)  # fmt: skip
limits = operation(
    "set_order_limits", changers, payloads, node_ix=st.integers(0, NODES - 1), sku_ix=st.integers(0, SKUS - 1),
    backorder=st.integers(0, 5), preorder=st.sampled_from([None, None, 0, 4]),
)  # fmt: skip
rule_terms = st.one_of(
    st.tuples(st.sampled_from(["", "", "pickup", "ship"]), st.integers(0, 4), st.just(0), st.just(0)),
    st.sampled_from([("", 0, 500, 0), ("", 0, 0, 1), ("pickup", 0, 300, 0)]),
)
rules = st.one_of(
    operation(
        "put_resource", changers, payloads, kind=st.just("safety_rule"), resource_id=st.sampled_from("rst"),
        value=st.just(b"{}"), terms=rule_terms,
        requires=st.sampled_from([
            [], ["node:a"], ["node:b"], ["sku:x"], ["sku:x", "node:a"], ["node_group:g"], ["sku:x", "node_group:g"],
        ]),
    ),
    operation(
        "put_resource", changers, payloads, kind=st.just("node_group"), resource_id=st.just("g"), value=st.just(b"{}"),
        requires=st.sampled_from([["node:a"], ["node:b", "node:c"]]),
    ),
    operation("delete_resource", changers, payloads, kind=st.just("safety_rule"), resource_id=st.sampled_from("rst")),
)  # fmt: skip
reason_names = st.sampled_from(["", "damaged", "display", "unspecified"])
reclassifications = operation(
    "reclassify", changers, payloads, node_ix=st.integers(0, NODES - 1), sku_ix=st.integers(0, SKUS - 1),
    units=st.integers(1, 4), from_reason=reason_names, to_reason=reason_names,
)  # fmt: skip
capacities = operation(
    "set_capacity", changers, payloads, node_id=st.sampled_from("abc"), seen=st.just(b"{}"),
    capacity=st.one_of(
        st.none(),
        st.builds(
            Capacity, st.integers(1, 4), st.sampled_from(CapacityUnit), st.sampled_from(OnFull),
            st.sampled_from([0b1111111, 0b0011111, 0b1000000]),
        ),
    ),
    clock=clocks,
)  # fmt: skip
set_pools = st.builds(
    lambda channel, strategy, amount, ends: Pool(channel, strategy, *amount, ends, 0),
    st.sampled_from(["web", "web/vip", "shop"]), st.sampled_from([1, 2, 3]),
    st.sampled_from([(0, 1), (0, 3), (0, 6), (300, 0), (600, 0)]),
    st.sampled_from([0, 0, 0, START_MS + SECOND, START_MS + 5 * SECOND]),
)  # fmt: skip
cleared = st.builds(lambda channel: Pool(channel, 0, 0, 0, 0, 0), st.sampled_from(["web", "web/vip", "shop"]))
pooled_cells = {"node_ix": st.integers(0, 1), "sku_ix": st.just(0)}
pools = st.one_of(
    operation("set_pool", changers, payloads, **pooled_cells, pool=set_pools),
    operation("set_pool", changers, payloads, **pooled_cells, pool=st.one_of(set_pools, cleared)),
    operation(
        "move_units", changers, payloads, **pooled_cells, source=st.sampled_from(["", "web", "web/vip"]),
        target=st.sampled_from(["shop", "web", ""]), units=st.integers(1, 3),
    ),
)  # fmt: skip
operations = st.one_of(
    pools,
    pools,
    capacities,
    rules,
    checks,
    reclassifications,
    promises,
    promises,
    limits,
    reserves,
    reserves,
    lot_reserves,
    lot_reserves,
    lifecycles,
    lifecycles,
    lifecycles,
    feeds,
    feeds,
    supplies,
    supplies,
    catalogue,
)


@st.composite
def batches(draw: st.DrawFn) -> list[Operation]:
    """Some operations; a function, for the strategy itself would be too long to print."""
    return draw(st.lists(operations, min_size=1, max_size=5))


def said(value: object) -> object:
    """An answer of either side in the words of both."""
    if isinstance(value, Exception):
        assert isinstance(value, PromessaError), value
        metadata = {k: v for k, v in value.metadata.items() if k not in ("request_id", "rule")}
        return type(value).__mro__[-4:], value.reason, metadata
    if isinstance(value, Transferred):
        return said(((value.reserved.reservation, value.short), value.reserved.replayed))
    if isinstance(value, Resourced):
        return said(((value.reserved.reservation, value.told), value.reserved.replayed))
    if isinstance(value, ResourceShort):
        return value.short
    if isinstance(value, Reserved):
        return said((value.reservation, value.replayed))
    if isinstance(value, tuple) and isinstance(value[0], Reservation):  # what it has drawn, only the record says
        return value[0]._replace(drawn=()), *value[1:]
    if isinstance(value, tuple) and isinstance(value[0], tuple):
        return said(value[0]), *value[1:]
    if isinstance(value, Fed):
        return (value.results if value.place is None else (value.results, value.place)), value.replayed
    if isinstance(value, Allocated):
        return (value.allocated.pool, value.allocated.unused), value.replayed
    if isinstance(value, Reallocated):
        return (value.moved, value.available), value.replayed
    if isinstance(value, Supplied):
        return value.inbound, value.replayed
    if isinstance(value, OrderLimits):
        return (value.backorder, value.preorder), value.replayed
    if isinstance(value, Reclassified):
        return (value.fed.results, value.reasons), value.fed.replayed
    if isinstance(value, CapacitySet):
        return value.changed, value.replayed
    if isinstance(value, Filed):
        return (value.index, value.value, value.state, value.paused_until_ms), value.replayed
    return value


class StoreAgainstModel(RuleBasedStateMachine):
    """Runs every operation on both sides. Operations of one batch travel in one call."""

    socket = ""

    def __init__(self) -> None:
        super().__init__()
        self.now_ms = START_MS
        self.model = Model(lambda: self.now_ms, RETENTION_MS)
        self.history: list[Operation] = []
        self.loop = uvloop.new_event_loop()
        self.redis = Redis(unix_socket_path=self.socket)
        self.store = self.loop.run_until_complete(self._open())

    async def _open(self) -> Store:
        await self.redis.flushall()
        keys = await open_data_set(self.redis, namespace="m", partitions=PARTITIONS, new_id="test")
        self.commit = GroupCommit(
            self.redis.connection_pool, keys.all_cells(), now_ms=lambda: self.now_ms, retention_ms=RETENTION_MS
        )
        self.supply = SupplyStore(self.redis, keys, self.commit)
        self.pools = PoolStore(self.redis, keys, self.commit)
        self.capacity = CapacityStore(self.redis, keys, self.commit)
        self.rules = RulesStore(self.redis, keys, self.commit)
        self.unavailable = UnavailableStore(self.redis, keys, self.commit)
        self.confidence = ConfidenceStore(self.redis, keys, self.commit)
        return Store(self.redis, keys, self.commit)

    def teardown(self) -> None:
        """The books of the whole run: the log is folded once."""
        self.loop.run_until_complete(check_books(self.redis, self.store.keys))
        self.loop.run_until_complete(self.commit.close())
        self.loop.run_until_complete(self.redis.aclose())
        self.loop.close()

    @initialize(counts=st.lists(st.integers(0, 12), min_size=NODES * SKUS, max_size=NODES * SKUS))
    def stock(self, counts: list[int]) -> None:
        for i, node_id in enumerate("abc"):
            named = {"kind": "node", "resource_id": node_id, "value": b"{}", "state": 1}
            self.run(("put_resource", (f"node-{i}", request("node", node_id)), named))
        for kind, name, requires in (("sku", "x", []), ("node_group", "g", ["node:a", "node:b"])):
            named = {"kind": kind, "resource_id": name, "value": b"{}", "requires": requires, "state": 1}
            self.run(("put_resource", (f"made-{kind}", request(kind)), named))
        items = [x for i, count in enumerate(counts) for x in (i // SKUS, i % SKUS, count, 0, 0)]
        self.run(("apply_counts", ("", request("stock")), {"as_of_ms": 0, "items": items}))

    @rule(batch=batches())
    def do(self, batch: list[Operation]) -> None:
        self.run(*batch)

    @precondition(lambda self: self.history)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        self.run(*data.draw(st.lists(st.sampled_from(self.history), min_size=1, max_size=3)))

    @rule(ms=st.sampled_from([1, 999, SECOND, 2 * SECOND, 5 * SECOND, HOUR, RETENTION_MS]))
    def let_time_pass(self, ms: int) -> None:
        self.now_ms += ms

    @rule()
    def sweep(self) -> None:
        self.loop.run_until_complete(self.store.sweep(limit=1_000))
        self.model.sweep()

    @rule(another_day=st.booleans())
    def settle_rules(self, another_day: bool) -> None:
        """Cells are visited where the rules are others than at the last visit, or the day is."""
        if another_day:
            self.loop.run_until_complete(self.rules.age())
        if self.loop.run_until_complete(self.rules.unsettled()) is not None:
            self.model.settle_rules()
        self.loop.run_until_complete(SafetyRules(self.rules, list).settle())

    @rule(
        as_of_ms=instants,
        counts=st.lists(st.tuples(cells, st.integers(0, 9), amounts, amounts), min_size=1, max_size=4),
    )
    def preview(self, as_of_ms: int, counts: list[tuple[tuple[int, int], int, int, int]]) -> None:
        """Says what counts would do, and does nothing: the invariant sees to that."""
        items = [x for pair, *rest in counts for x in (*pair, *rest)]
        try:
            found: object = self.loop.run_until_complete(self.store.preview_counts(as_of_ms=as_of_ms, items=items))
        except PromessaError as error:
            found = error
        expected = _attempt(self.model.preview_counts, (), {"as_of_ms": as_of_ms, "items": items})
        assert said(found) == said(expected)

    @rule()
    def settle_deficits(self) -> None:
        assert self.loop.run_until_complete(self.store.settle_deficits()) == len(self.model.deficits)

    def run(self, *batch: Operation) -> None:
        self.history.extend(batch)

        async def one(name: str, positional: tuple[Any, ...], named: dict[str, Any]) -> object:
            sides = (self.store, self.supply, self.capacity, self.unavailable, self.pools, self.confidence)
            side = next(side for side in sides if hasattr(side, name))
            return await getattr(side, name)(*positional, **named)

        async def together() -> list[object]:
            # A task each: some methods send when called and some when awaited, and the order must be the batch's.
            return await asyncio.gather(*[one(*operation) for operation in batch], return_exceptions=True)

        found = self.loop.run_until_complete(together())
        expected = [_attempt(getattr(self.model, name), positional, named) for name, positional, named in batch]
        assert [said(x) for x in found] == [said(x) for x in expected]

    @invariant()
    def both_keep_the_same(self) -> None:
        self.loop.run_until_complete(self._compare())

    async def _compare(self) -> None:
        keys, model = self.store.keys, self.model
        cells = {key: cell.frozen() for key, cell in model.cells.items()}
        assert await all_cells(self.redis, keys) == cells
        assert await all_moves(self.redis, keys) == {
            key: [moves.forgotten_ms, *(x for move in moves.known for x in move)] for key, moves in model.moves.items()
        }
        listed, _ = await self.store.list_deficits(page_token="", page_size=1_000)
        assert sorted(listed) == sorted(model.deficits)
        assert await all_due(self.redis, keys) == model.due
        members = await all_members(self.redis, keys)
        made = {m[2:]: raw for m, raw in members.items() if m.startswith("r:")}
        answered = {name for name, raw in made.items() if not answers.is_record(raw)}
        assert answered | {m[2:] for m in members if m.startswith("q:")} == set(model.answers)
        records = {name: answers.reservation(name, raw) for name, raw in made.items() if answers.is_record(raw)}
        sources = {m[2:]: unpacked(raw) for m, raw in members.items() if m.startswith("s:")}
        assert sources == {
            name: [source.epoch, source.expected, *(x for at, entry in source.parked.items() for x in (at, entry[2]))]
            for name, source in model.sources.items()
        }
        parked = {f"p:{name}:{at}" for name, source in model.sources.items() for at in source.parked}
        assert {m for m in members if m.startswith("p:")} == parked
        expected: dict[str, Reservation] = {name: record.frozen(name) for name, record in model.records.items()}
        assert records == expected
        listed, end = await self.unavailable.page("", 1_000)
        assert {tuple(key): reasons for *key, reasons in listed} == model.shown_reasons()
        assert not end
        assert await all_taken(self.redis, keys) == model.open_on_days()
        assert await all_states(self.redis, keys) == model.states()
        assert await all_owned(self.redis, keys) == model.owned()
        assert await all_supplies(self.redis, keys) == model.frozen_supplies()
        assert await all_pools(self.redis, keys) == {key: model.ordered(key) for key in model.pools if model.pools[key]}


def _attempt(act: Callable[..., object], positional: tuple[Any, ...], named: dict[str, Any]) -> object:
    try:
        return act(*positional, **named)
    except PromessaError as error:
        return error


@pytest.mark.timeout(3_600)
def test_the_store_and_the_model_agree_whatever_is_done(own_module_process: Any) -> None:
    StoreAgainstModel.socket = own_module_process.socket
    run_state_machine_as_test(
        StoreAgainstModel,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
