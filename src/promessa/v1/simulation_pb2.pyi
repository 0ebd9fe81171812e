import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from promessa.v1 import network_pb2 as _network_pb2
from promessa.v1 import policy_pb2 as _policy_pb2
from promessa.v1 import sourcing_pb2 as _sourcing_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SimulationDetail(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SIMULATION_DETAIL_UNSPECIFIED: _ClassVar[SimulationDetail]
    SIMULATION_DETAIL_REPORT: _ClassVar[SimulationDetail]
    SIMULATION_DETAIL_DIFFERENT: _ClassVar[SimulationDetail]
    SIMULATION_DETAIL_ALL: _ClassVar[SimulationDetail]

class SimulationMeasure(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SIMULATION_MEASURE_UNSPECIFIED: _ClassVar[SimulationMeasure]
    SIMULATION_MEASURE_COST: _ClassVar[SimulationMeasure]
    SIMULATION_MEASURE_COST_TERM: _ClassVar[SimulationMeasure]
    SIMULATION_MEASURE_SHIPMENTS: _ClassVar[SimulationMeasure]
    SIMULATION_MEASURE_ARRIVAL: _ClassVar[SimulationMeasure]
    SIMULATION_MEASURE_UNSERVED_UNITS: _ClassVar[SimulationMeasure]
    SIMULATION_MEASURE_UNSERVED_VALUE: _ClassVar[SimulationMeasure]
SIMULATION_DETAIL_UNSPECIFIED: SimulationDetail
SIMULATION_DETAIL_REPORT: SimulationDetail
SIMULATION_DETAIL_DIFFERENT: SimulationDetail
SIMULATION_DETAIL_ALL: SimulationDetail
SIMULATION_MEASURE_UNSPECIFIED: SimulationMeasure
SIMULATION_MEASURE_COST: SimulationMeasure
SIMULATION_MEASURE_COST_TERM: SimulationMeasure
SIMULATION_MEASURE_SHIPMENTS: SimulationMeasure
SIMULATION_MEASURE_ARRIVAL: SimulationMeasure
SIMULATION_MEASURE_UNSERVED_UNITS: SimulationMeasure
SIMULATION_MEASURE_UNSERVED_VALUE: SimulationMeasure

class SimulationScenario(_message.Message):
    __slots__ = ("policy", "what_if")
    POLICY_FIELD_NUMBER: _ClassVar[int]
    WHAT_IF_FIELD_NUMBER: _ClassVar[int]
    policy: SimulatedPolicy
    what_if: SimulationWhatIf
    def __init__(self, policy: _Optional[_Union[SimulatedPolicy, _Mapping]] = ..., what_if: _Optional[_Union[SimulationWhatIf, _Mapping]] = ...) -> None: ...

class SimulatedPolicy(_message.Message):
    __slots__ = ("version", "document", "policy", "as_now", "as_if_active")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    POLICY_FIELD_NUMBER: _ClassVar[int]
    AS_NOW_FIELD_NUMBER: _ClassVar[int]
    AS_IF_ACTIVE_FIELD_NUMBER: _ClassVar[int]
    version: SimulatedVersion
    document: str
    policy: _policy_pb2.Policy
    as_now: bool
    as_if_active: bool
    def __init__(self, version: _Optional[_Union[SimulatedVersion, _Mapping]] = ..., document: _Optional[str] = ..., policy: _Optional[_Union[_policy_pb2.Policy, _Mapping]] = ..., as_now: _Optional[bool] = ..., as_if_active: _Optional[bool] = ...) -> None: ...

class SimulatedVersion(_message.Message):
    __slots__ = ("policy_id", "version")
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    policy_id: str
    version: int
    def __init__(self, policy_id: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class SimulationWhatIf(_message.Message):
    __slots__ = ("paused_node_ids", "stock_percent", "node_stocks", "cells", "rate_cards")
    PAUSED_NODE_IDS_FIELD_NUMBER: _ClassVar[int]
    STOCK_PERCENT_FIELD_NUMBER: _ClassVar[int]
    NODE_STOCKS_FIELD_NUMBER: _ClassVar[int]
    CELLS_FIELD_NUMBER: _ClassVar[int]
    RATE_CARDS_FIELD_NUMBER: _ClassVar[int]
    paused_node_ids: _containers.RepeatedScalarFieldContainer[str]
    stock_percent: int
    node_stocks: _containers.RepeatedCompositeFieldContainer[SimulatedNodeStock]
    cells: _containers.RepeatedCompositeFieldContainer[SimulatedCell]
    rate_cards: _containers.RepeatedCompositeFieldContainer[_network_pb2.RateCard]
    def __init__(self, paused_node_ids: _Optional[_Iterable[str]] = ..., stock_percent: _Optional[int] = ..., node_stocks: _Optional[_Iterable[_Union[SimulatedNodeStock, _Mapping]]] = ..., cells: _Optional[_Iterable[_Union[SimulatedCell, _Mapping]]] = ..., rate_cards: _Optional[_Iterable[_Union[_network_pb2.RateCard, _Mapping]]] = ...) -> None: ...

class SimulatedNodeStock(_message.Message):
    __slots__ = ("node_id", "percent")
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    PERCENT_FIELD_NUMBER: _ClassVar[int]
    node_id: str
    percent: int
    def __init__(self, node_id: _Optional[str] = ..., percent: _Optional[int] = ...) -> None: ...

class SimulatedCell(_message.Message):
    __slots__ = ("sku", "node_id", "available_quantity")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    sku: str
    node_id: str
    available_quantity: int
    def __init__(self, sku: _Optional[str] = ..., node_id: _Optional[str] = ..., available_quantity: _Optional[int] = ...) -> None: ...

class SimulatedOrder(_message.Message):
    __slots__ = ("order", "order_time", "allow_partial")
    ORDER_FIELD_NUMBER: _ClassVar[int]
    ORDER_TIME_FIELD_NUMBER: _ClassVar[int]
    ALLOW_PARTIAL_FIELD_NUMBER: _ClassVar[int]
    order: _sourcing_pb2.SourcingOrder
    order_time: _timestamp_pb2.Timestamp
    allow_partial: bool
    def __init__(self, order: _Optional[_Union[_sourcing_pb2.SourcingOrder, _Mapping]] = ..., order_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., allow_partial: _Optional[bool] = ...) -> None: ...

class RecordedOrders(_message.Message):
    __slots__ = ("since_time", "until_time", "orders_max")
    SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    ORDERS_MAX_FIELD_NUMBER: _ClassVar[int]
    since_time: _timestamp_pb2.Timestamp
    until_time: _timestamp_pb2.Timestamp
    orders_max: int
    def __init__(self, since_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., orders_max: _Optional[int] = ...) -> None: ...

class SimulationProgress(_message.Message):
    __slots__ = ("done_count", "total_count")
    DONE_COUNT_FIELD_NUMBER: _ClassVar[int]
    TOTAL_COUNT_FIELD_NUMBER: _ClassVar[int]
    done_count: int
    total_count: int
    def __init__(self, done_count: _Optional[int] = ..., total_count: _Optional[int] = ...) -> None: ...

class SimulationProblem(_message.Message):
    __slots__ = ("position", "order_id", "reason", "message")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    position: int
    order_id: str
    reason: str
    message: str
    def __init__(self, position: _Optional[int] = ..., order_id: _Optional[str] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class SimulatedDecision(_message.Message):
    __slots__ = ("position", "order_id", "scenario", "baseline")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    SCENARIO_FIELD_NUMBER: _ClassVar[int]
    BASELINE_FIELD_NUMBER: _ClassVar[int]
    position: int
    order_id: str
    scenario: SimulatedPlan
    baseline: SimulatedPlan
    def __init__(self, position: _Optional[int] = ..., order_id: _Optional[str] = ..., scenario: _Optional[_Union[SimulatedPlan, _Mapping]] = ..., baseline: _Optional[_Union[SimulatedPlan, _Mapping]] = ...) -> None: ...

class SimulatedPlan(_message.Message):
    __slots__ = ("held", "plan")
    HELD_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    held: bool
    plan: _sourcing_pb2.SourcingPlan
    def __init__(self, held: _Optional[bool] = ..., plan: _Optional[_Union[_sourcing_pb2.SourcingPlan, _Mapping]] = ...) -> None: ...

class SimulationReport(_message.Message):
    __slots__ = ("scenario", "baseline", "differences", "comparable_order_count", "different_order_count", "problems", "stock_time")
    SCENARIO_FIELD_NUMBER: _ClassVar[int]
    BASELINE_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    COMPARABLE_ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    DIFFERENT_ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    PROBLEMS_FIELD_NUMBER: _ClassVar[int]
    STOCK_TIME_FIELD_NUMBER: _ClassVar[int]
    scenario: SimulationOutcome
    baseline: SimulationOutcome
    differences: _containers.RepeatedCompositeFieldContainer[SimulationDifference]
    comparable_order_count: int
    different_order_count: int
    problems: _containers.RepeatedCompositeFieldContainer[SimulationProblemCount]
    stock_time: _timestamp_pb2.Timestamp
    def __init__(self, scenario: _Optional[_Union[SimulationOutcome, _Mapping]] = ..., baseline: _Optional[_Union[SimulationOutcome, _Mapping]] = ..., differences: _Optional[_Iterable[_Union[SimulationDifference, _Mapping]]] = ..., comparable_order_count: _Optional[int] = ..., different_order_count: _Optional[int] = ..., problems: _Optional[_Iterable[_Union[SimulationProblemCount, _Mapping]]] = ..., stock_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class SimulationProblemCount(_message.Message):
    __slots__ = ("reason", "order_count")
    REASON_FIELD_NUMBER: _ClassVar[int]
    ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    reason: str
    order_count: int
    def __init__(self, reason: _Optional[str] = ..., order_count: _Optional[int] = ...) -> None: ...

class SimulationOutcome(_message.Message):
    __slots__ = ("order_count", "whole_order_count", "partial_order_count", "refused_order_count", "wanted_quantity", "unserved_quantity", "wanted_value_micros", "unserved_value_micros", "cost", "shipment_count", "split_order_count", "line_count", "split_line_count", "arrival_mean_ms", "arrival_p50_ms", "arrival_p90_ms", "arrival_p99_ms", "proven_order_count", "nodes", "owners", "policies")
    ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    WHOLE_ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    PARTIAL_ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    REFUSED_ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    WANTED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    UNSERVED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    WANTED_VALUE_MICROS_FIELD_NUMBER: _ClassVar[int]
    UNSERVED_VALUE_MICROS_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    SPLIT_ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    LINE_COUNT_FIELD_NUMBER: _ClassVar[int]
    SPLIT_LINE_COUNT_FIELD_NUMBER: _ClassVar[int]
    ARRIVAL_MEAN_MS_FIELD_NUMBER: _ClassVar[int]
    ARRIVAL_P50_MS_FIELD_NUMBER: _ClassVar[int]
    ARRIVAL_P90_MS_FIELD_NUMBER: _ClassVar[int]
    ARRIVAL_P99_MS_FIELD_NUMBER: _ClassVar[int]
    PROVEN_ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    OWNERS_FIELD_NUMBER: _ClassVar[int]
    POLICIES_FIELD_NUMBER: _ClassVar[int]
    order_count: int
    whole_order_count: int
    partial_order_count: int
    refused_order_count: int
    wanted_quantity: int
    unserved_quantity: int
    wanted_value_micros: int
    unserved_value_micros: int
    cost: _sourcing_pb2.PlanCost
    shipment_count: int
    split_order_count: int
    line_count: int
    split_line_count: int
    arrival_mean_ms: int
    arrival_p50_ms: int
    arrival_p90_ms: int
    arrival_p99_ms: int
    proven_order_count: int
    nodes: _containers.RepeatedCompositeFieldContainer[SimulationShare]
    owners: _containers.RepeatedCompositeFieldContainer[SimulationShare]
    policies: _containers.RepeatedCompositeFieldContainer[SimulationPolicyShare]
    def __init__(self, order_count: _Optional[int] = ..., whole_order_count: _Optional[int] = ..., partial_order_count: _Optional[int] = ..., refused_order_count: _Optional[int] = ..., wanted_quantity: _Optional[int] = ..., unserved_quantity: _Optional[int] = ..., wanted_value_micros: _Optional[int] = ..., unserved_value_micros: _Optional[int] = ..., cost: _Optional[_Union[_sourcing_pb2.PlanCost, _Mapping]] = ..., shipment_count: _Optional[int] = ..., split_order_count: _Optional[int] = ..., line_count: _Optional[int] = ..., split_line_count: _Optional[int] = ..., arrival_mean_ms: _Optional[int] = ..., arrival_p50_ms: _Optional[int] = ..., arrival_p90_ms: _Optional[int] = ..., arrival_p99_ms: _Optional[int] = ..., proven_order_count: _Optional[int] = ..., nodes: _Optional[_Iterable[_Union[SimulationShare, _Mapping]]] = ..., owners: _Optional[_Iterable[_Union[SimulationShare, _Mapping]]] = ..., policies: _Optional[_Iterable[_Union[SimulationPolicyShare, _Mapping]]] = ...) -> None: ...

class SimulationShare(_message.Message):
    __slots__ = ("name", "order_count", "shipment_count", "quantity", "quantity_basis_points", "cost_micros")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_BASIS_POINTS_FIELD_NUMBER: _ClassVar[int]
    COST_MICROS_FIELD_NUMBER: _ClassVar[int]
    name: str
    order_count: int
    shipment_count: int
    quantity: int
    quantity_basis_points: int
    cost_micros: int
    def __init__(self, name: _Optional[str] = ..., order_count: _Optional[int] = ..., shipment_count: _Optional[int] = ..., quantity: _Optional[int] = ..., quantity_basis_points: _Optional[int] = ..., cost_micros: _Optional[int] = ...) -> None: ...

class SimulationPolicyShare(_message.Message):
    __slots__ = ("policy_id", "version", "rule", "order_count", "shipment_count", "quantity", "cost_micros")
    POLICY_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    COST_MICROS_FIELD_NUMBER: _ClassVar[int]
    policy_id: str
    version: int
    rule: str
    order_count: int
    shipment_count: int
    quantity: int
    cost_micros: int
    def __init__(self, policy_id: _Optional[str] = ..., version: _Optional[int] = ..., rule: _Optional[str] = ..., order_count: _Optional[int] = ..., shipment_count: _Optional[int] = ..., quantity: _Optional[int] = ..., cost_micros: _Optional[int] = ...) -> None: ...

class SimulationDifference(_message.Message):
    __slots__ = ("measure", "term", "order_count", "mean", "low", "high")
    MEASURE_FIELD_NUMBER: _ClassVar[int]
    TERM_FIELD_NUMBER: _ClassVar[int]
    ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    measure: SimulationMeasure
    term: str
    order_count: int
    mean: float
    low: float
    high: float
    def __init__(self, measure: _Optional[_Union[SimulationMeasure, str]] = ..., term: _Optional[str] = ..., order_count: _Optional[int] = ..., mean: _Optional[float] = ..., low: _Optional[float] = ..., high: _Optional[float] = ...) -> None: ...
