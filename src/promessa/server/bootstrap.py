"""The wiring: the only file that names concrete classes and joins them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import grpc
import structlog
from grpc_reflection.v1alpha import reflection
from redis.asyncio import Redis

from promessa.domain.supply import parse_policy
from promessa.replica import Reader
from promessa.server import (
    availability_servicer,
    metrics,
    place_request,
    schedule_servicer,
    snapshot_page,
    source_request,
    tallies,
)
from promessa.server.availability_servicer import AvailabilityServicer
from promessa.server.boundary import Boundary
from promessa.server.clock import NowMs, clock_of, machine_ms
from promessa.server.decision_servicer import DecisionServicer
from promessa.server.event_log_servicer import EventLogServicer
from promessa.server.health import Health
from promessa.server.inventory_servicer import InventoryServicer
from promessa.server.network_servicer import NetworkServicer
from promessa.server.order_servicer import OrderServicer
from promessa.server.order_watch_servicer import OrderWatchServicer
from promessa.server.policy_servicer import PolicyServicer
from promessa.server.quote_servicer import QuoteServicer
from promessa.server.registration import methods_of, register
from promessa.server.replica_reader import ReplicaReader
from promessa.server.report_servicer import ReportServicer
from promessa.server.reservation_servicer import ReservationServicer
from promessa.server.resource_servicer import ResourceServicer
from promessa.server.schedule_servicer import ScheduleServicer
from promessa.server.settings import Resolved
from promessa.server.simulation_servicer import SimulationServicer
from promessa.server.sourcing_servicer import SourcingServicer
from promessa.server.stock_confidence_servicer import StockConfidenceServicer
from promessa.server.store_connection import connect, data_set
from promessa.server.supply_servicer import SupplyServicer
from promessa.server.watch_servicer import Labels, WatchServicer
from promessa.server.wave_servicer import WaveServicer
from promessa.service.alternatives import Alternatives
from promessa.service.asking import Questions
from promessa.service.audit import Audit
from promessa.service.availability import Availability
from promessa.service.business_days import is_business_day
from promessa.service.capacities import Capacities
from promessa.service.catalogue_keeper import CatalogueKeeper
from promessa.service.confidence import Confidence
from promessa.service.deciding import Decider
from promessa.service.decisions import Decisions
from promessa.service.group_reservations import GroupReservations
from promessa.service.guides import Guides
from promessa.service.inventory import Inventory
from promessa.service.log_consumers import LogConsumers
from promessa.service.lots import Lots
from promessa.service.network import Network
from promessa.service.network_view import NetworkView
from promessa.service.node_loads import NodeLoads
from promessa.service.offering import Offering
from promessa.service.order_journey import OrderJourney
from promessa.service.order_rest import OrderRest
from promessa.service.order_timers import OrderTimers
from promessa.service.order_times import OrderTimes
from promessa.service.order_watches import OrderWatches
from promessa.service.order_writes import OrderWrites
from promessa.service.orders import Orders
from promessa.service.pickup_options import PickupOptions
from promessa.service.plan_tokens import PlanTokens
from promessa.service.policies import Policies
from promessa.service.pools import Pools
from promessa.service.promises import Promises
from promessa.service.quoting import Quoting
from promessa.service.redeeming import Redeeming
from promessa.service.repair import Repairs
from promessa.service.reports import Reports
from promessa.service.reservations import Reservations
from promessa.service.resourcing import Resourcing
from promessa.service.safety_rules import SafetyRules
from promessa.service.schedule import Schedules
from promessa.service.shadowing import Shadowing
from promessa.service.simulation import Simulations
from promessa.service.sourcing import Sourcing
from promessa.service.supply import Supply
from promessa.service.supply_to_come import SupplyToCome
from promessa.service.terms import HoldRules
from promessa.service.unavailable import Unavailable
from promessa.service.watches import Watches
from promessa.service.waves import Waves
from promessa.store.books import Books
from promessa.store.capacity_store import CapacityStore
from promessa.store.catalogue_history import CatalogueHistory
from promessa.store.catalogue_log import CatalogueLog
from promessa.store.confidence_store import ConfidenceStore
from promessa.store.consumers import ARCHIVE, Consumers
from promessa.store.event_log import EventLog
from promessa.store.group_commit import GroupCommit
from promessa.store.order_repair import OrderRepairs
from promessa.store.order_store import OrderStore
from promessa.store.plan_keys import PlanKeys
from promessa.store.policy_store import PolicyStore
from promessa.store.pool_store import PoolStore
from promessa.store.rules_store import RulesStore
from promessa.store.shadow_store import ShadowStore
from promessa.store.store import Store
from promessa.store.supply_store import SupplyStore
from promessa.store.unavailable_store import UnavailableStore
from promessa.v1 import (
    availability_service_pb2,
    event_log_service_pb2,
    inventory_service_pb2,
    network_service_pb2,
    order_service_pb2,
    policy_service_pb2,
    report_service_pb2,
    reservation_service_pb2,
    sourcing_service_pb2,
    stock_confidence_service_pb2,
    supply_service_pb2,
)

log = structlog.get_logger()

_INVENTORY = inventory_service_pb2.DESCRIPTOR.services_by_name["InventoryService"]
_RESERVATION = reservation_service_pb2.DESCRIPTOR.services_by_name["ReservationService"]
_NETWORK = network_service_pb2.DESCRIPTOR.services_by_name["NetworkService"]
_POLICY = policy_service_pb2.DESCRIPTOR.services_by_name["PolicyService"]
_SOURCING = sourcing_service_pb2.DESCRIPTOR.services_by_name["SourcingService"]
_SUPPLY = supply_service_pb2.DESCRIPTOR.services_by_name["SupplyService"]
_CONFIDENCE = stock_confidence_service_pb2.DESCRIPTOR.services_by_name["StockConfidenceService"]
_AVAILABILITY = availability_service_pb2.DESCRIPTOR.services_by_name["AvailabilityService"]
_REPORT = report_service_pb2.DESCRIPTOR.services_by_name["ReportService"]
_EVENT_LOG = event_log_service_pb2.DESCRIPTOR.services_by_name["EventLogService"]
_ORDERS = order_service_pb2.DESCRIPTOR.services_by_name["OrderService"]
SERVICES = (
    _AVAILABILITY, _RESERVATION, _INVENTORY, _NETWORK, _POLICY, _SOURCING, _ORDERS, _SUPPLY, _CONFIDENCE, _REPORT, _EVENT_LOG,
)  # fmt: skip

_KEEPALIVE = [
    ("grpc.so_reuseport", 1),
    ("grpc.max_receive_message_length", 4 * 1024 * 1024),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 20_000),
    ("grpc.max_concurrent_streams", 1_000),
    # Above its own default of 1,000 waiting calls gRPC cancels some without a word; the boundary refuses with a reason.
    ("grpc.server.max_pending_requests", 100_000),
    ("grpc.server.max_pending_requests_hard_limit", 100_000),
]


@dataclass(slots=True)
class Parts:
    """What a worker runs: the server, and what must be watched, swept and closed."""

    server: grpc.aio.Server
    boundary: Boundary
    health: Health
    store: Store
    commit: GroupCommit
    keeper: CatalogueKeeper
    replica: ReplicaReader
    supply: Supply
    safety_rules: SafetyRules
    loads: NodeLoads
    watches: Watches
    shadowing: Shadowing
    consumers: LogConsumers
    order_rest: OrderRest
    order_timers: OrderTimers
    order_watches: OrderWatches
    orders: Orders
    journey: OrderJourney


async def build_worker(settings: Resolved) -> Parts:
    """Everything of one worker, ready to be started."""
    redis = connect(settings.redis_url, namespace=settings.namespace)
    keys = await data_set(redis, settings)
    clock = clock_of(settings.clock_file)
    commit = GroupCommit(
        redis.connection_pool,
        keys.all_cells(),
        now_ms=clock if settings.clock_file else lambda: 0,
        replicas=settings.confirming_replicas,
        fence=keys.fence,
        on_commit=_commit_counter(),
    )
    store = Store(redis, keys, commit)
    await store.refresh_epoch()
    keeper = CatalogueKeeper(CatalogueLog(redis, keys), on_error=_log_error)
    await keeper.load()
    replica = await ReplicaReader.when_loaded(str(settings.replica_path))
    return assemble(settings, redis=redis, store=store, commit=commit, keeper=keeper, replica=replica, now_ms=clock)


def assemble(
    settings: Resolved,
    *,
    redis: Redis,
    store: Store,
    commit: GroupCommit,
    keeper: CatalogueKeeper,
    replica: ReplicaReader,
    now_ms: NowMs = machine_ms,
) -> Parts:
    """Services and servicers over a store, a catalogue and a replica."""
    catalogue = keeper.catalogue

    def reader() -> Reader:
        return replica.reader

    def open_log() -> EventLog:
        client = connect(settings.redis_url, namespace=settings.namespace)
        return EventLog(client, client.connection_pool, store.keys)

    boundary = Boundary(calls_max=settings.max_in_flight)
    health = Health([service.full_name for service in SERVICES], store.ping)
    server = grpc.aio.server(options=_KEEPALIVE)
    pools = PoolStore(redis, store.keys, commit)
    unavailable = UnavailableStore(redis, store.keys, commit)
    authority = Availability(catalogue, store, pools, unavailable)
    availability = AvailabilityServicer(replica, authority, catalogue, now_ms=now_ms)
    supply = Supply(keeper, SupplyStore(redis, store.keys, commit), parse_policy(settings.overdue_policy), now_ms)
    watches = Watches(keeper, open_log, Labels(keeper), on_error=_log_error)
    rules = HoldRules(keeper, now_ms=now_ms, is_business_day=is_business_day)
    lots = Lots(keeper, store)
    groups = GroupReservations(keeper, store, reader, lots)
    promises = Promises(supply, rules, lots)
    reservations = ReservationServicer(Reservations(keeper, store, groups, rules, lots), promises)
    safety_rules = SafetyRules(RulesStore(redis, store.keys, commit), catalogue.safety_rules.by_id.values)
    capacity_store = CapacityStore(redis, store.keys, commit)
    capacities = Capacities(keeper, capacity_store, now_ms)
    history = CatalogueHistory(redis, store.keys, commit)
    loads = NodeLoads(keeper, capacity_store, history, now_ms)
    audit = Audit(Books(redis, store.keys), catalogue, reader)
    order_store = OrderStore(redis, store.keys, commit)
    inventory = InventoryServicer(
        Inventory(keeper, store),
        Unavailable(keeper, unavailable),
        Pools(keeper, pools),
        audit,
        Repairs(audit, store, pools, OrderRepairs(order_store, commit)),
    )
    policies = Policies(keeper, PolicyStore(redis, store.keys, commit), now_ms)
    guides = Guides(catalogue, policies.get)
    view = NetworkView(catalogue)
    questions = Questions(keeper, reader, lots, authority, guides, view, SupplyToCome(supply))
    decider = Decider(catalogue, lots, view, on_decision=tallies.seconds(metrics.DECISION_SECONDS).note)
    shadow_store = ShadowStore(redis, store.keys)
    shadowing = Shadowing(
        catalogue,
        Decider(catalogue, lots, view),
        guides,
        shadow_store,
        on_counts=metrics.count_shadow,
        on_failure=_log_error,
    )
    decisions = Decisions(store, history, keeper, authority, policies.get)
    sourcing = Sourcing(store, reader, rules, lots, questions, decider, shadowing, supply, now_ms=now_ms)
    plan_keys = PlanKeys(redis, store.keys, now_ms=now_ms, given=settings.plan_keys())
    tokens = PlanTokens(plan_keys, catalogue.nodes.ids, lifetime_ms=settings.plan_token_seconds * 1000)
    quoting = Quoting(questions, decider, tokens, now_ms=now_ms)
    pickups = PickupOptions(keeper, questions, decider, tokens, now_ms)
    redeeming = Redeeming(sourcing, tokens, now_ms=now_ms)
    cooldown_ms = settings.refusal_cooldown_seconds * 1000
    resourcing = Resourcing(store, keeper, sourcing, reader, cooldown_ms, now_ms)
    availability_servicer.register(server, availability, WatchServicer(watches), boundary)
    schedule_servicer.register(server, ScheduleServicer(Schedules(supply, authority)), boundary)
    register(server, _RESERVATION, methods_of(_RESERVATION, reservations), boundary)
    parsers = {"ImportSnapshot": snapshot_page.read}
    register(server, _INVENTORY, methods_of(_INVENTORY, inventory), boundary, parsers=parsers)
    network = NetworkServicer(Network(keeper, store, now_ms, safety_rules.settle), capacities, now_ms)
    register(server, _NETWORK, network.methods(), boundary)
    register(server, _POLICY, methods_of(_POLICY, PolicyServicer(policies, shadow_store)), boundary)
    parsers = {"SourceAndReserve": source_request.read}
    simulations = Simulations(keeper, store, reader, lots, authority, pools, policies, view)
    waves = Waves(keeper, store, reader, capacity_store, lots, sourcing, redeeming, now_ms=now_ms)
    sourcing_servicer = SourcingServicer(sourcing, redeeming, catalogue, replica, decisions, promises.waits)
    sourcing_servicers = (
        sourcing_servicer,
        QuoteServicer(quoting, pickups, sourcing, catalogue, replica, availability.substitutes),
        SimulationServicer(simulations, catalogue, now_ms),
        WaveServicer(waves, sourcing_servicer, catalogue, view),
        DecisionServicer(decisions),
        ResourceServicer(resourcing, catalogue, promises.waits, lambda: store.epoch),
    )
    register(server, _SOURCING, methods_of(_SOURCING, *sourcing_servicers), boundary, parsers=parsers)
    register(server, _SUPPLY, methods_of(_SUPPLY, SupplyServicer(supply, store)), boundary)
    confidence = Confidence(keeper, ConfidenceStore(redis, store.keys, commit), authority, now_ms)
    register(server, _CONFIDENCE, methods_of(_CONFIDENCE, StockConfidenceServicer(confidence)), boundary)
    consumers = LogConsumers(Consumers(redis, store.keys), store)
    register(server, _EVENT_LOG, methods_of(_EVENT_LOG, EventLogServicer(consumers)), boundary)
    reports = Reports(settings.archive_dir, lambda: consumers.get(ARCHIVE), settings.time_zone)
    report_servicer = ReportServicer(reports, Alternatives(simulations), lambda: catalogue.currency_code, now_ms)
    register(server, _REPORT, methods_of(_REPORT, report_servicer), boundary)
    order_times = OrderTimes(catalogue, view.working_time, settings.terms, now_ms)
    order_writes = OrderWrites(keeper, order_store, order_times, cooldown_ms, now_ms)
    order_timers = OrderTimers(order_writes, now_ms, _log_error)
    offering = Offering(sourcing, catalogue.nodes.ids, now_ms)
    order_rest = OrderRest(order_writes, sourcing, store, offering, now_ms, _log_error)
    orders = Orders(order_writes, sourcing, redeeming, store, order_rest, offering)
    journey = OrderJourney(order_writes, order_rest, now_ms)
    parsers = {"PlaceOrder": place_request.read}
    orders_servicer = OrderServicer(orders, journey, catalogue, store)
    order_watches = OrderWatches(order_writes.store, open_log, on_error=_log_error)
    order_servicers = (orders_servicer, OrderWatchServicer(order_watches, keeper, now_ms))
    register(server, _ORDERS, methods_of(_ORDERS, *order_servicers), boundary, parsers=parsers)
    health.register(server)
    if settings.reflection:
        names = [service.full_name for service in SERVICES]
        reflection.enable_server_reflection([*names, "grpc.health.v1.Health", reflection.SERVICE_NAME], server)
    return Parts(
        server,
        boundary,
        health,
        store,
        commit,
        keeper,
        replica,
        supply,
        safety_rules,
        loads,
        watches,
        shadowing,
        consumers,
        order_rest,
        order_timers,
        order_watches,
        orders,
        journey,
    )


def listen(server: grpc.aio.Server, settings: Resolved) -> int:
    """Bind the port, with TLS if there is a certificate; the port bound. Raises RuntimeError if it is taken."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"{host}:{settings.port}"
    if settings.tls_cert_file is None or settings.tls_key_file is None:
        return server.add_insecure_port(address)
    pair = (Path(settings.tls_key_file).read_bytes(), Path(settings.tls_cert_file).read_bytes())
    return server.add_secure_port(address, grpc.ssl_server_credentials([pair]))


def _commit_counter() -> Callable[[float, int], None]:
    times, changes = tallies.seconds(metrics.STORE_SECONDS), tallies.count(metrics.CHANGES)

    def count(seconds: float, operations: int) -> None:
        times.note(seconds)
        changes.amount += operations

    return count


def _log_error(what: str, error: BaseException) -> None:
    log.warning(what, error=str(error), kind=type(error).__name__)
