import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from promessa.v1 import reservation_pb2 as _reservation_pb2
from promessa.v1 import sourcing_pb2 as _sourcing_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PlanTokenOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PLAN_TOKEN_OUTCOME_UNSPECIFIED: _ClassVar[PlanTokenOutcome]
    PLAN_TOKEN_OUTCOME_HONOURED: _ClassVar[PlanTokenOutcome]
    PLAN_TOKEN_OUTCOME_REPLACED: _ClassVar[PlanTokenOutcome]
    PLAN_TOKEN_OUTCOME_CHANGED: _ClassVar[PlanTokenOutcome]

class PlanTokenChangeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PLAN_TOKEN_CHANGE_KIND_UNSPECIFIED: _ClassVar[PlanTokenChangeKind]
    PLAN_TOKEN_CHANGE_KIND_STOCK_SHORT: _ClassVar[PlanTokenChangeKind]
    PLAN_TOKEN_CHANGE_KIND_NODE_GONE: _ClassVar[PlanTokenChangeKind]
    PLAN_TOKEN_CHANGE_KIND_LANE_GONE: _ClassVar[PlanTokenChangeKind]
    PLAN_TOKEN_CHANGE_KIND_LATER: _ClassVar[PlanTokenChangeKind]
    PLAN_TOKEN_CHANGE_KIND_NOT_ALLOWED: _ClassVar[PlanTokenChangeKind]
    PLAN_TOKEN_CHANGE_KIND_NODE_COOLING: _ClassVar[PlanTokenChangeKind]
    PLAN_TOKEN_CHANGE_KIND_SUPPLY_SHORT: _ClassVar[PlanTokenChangeKind]
PLAN_TOKEN_OUTCOME_UNSPECIFIED: PlanTokenOutcome
PLAN_TOKEN_OUTCOME_HONOURED: PlanTokenOutcome
PLAN_TOKEN_OUTCOME_REPLACED: PlanTokenOutcome
PLAN_TOKEN_OUTCOME_CHANGED: PlanTokenOutcome
PLAN_TOKEN_CHANGE_KIND_UNSPECIFIED: PlanTokenChangeKind
PLAN_TOKEN_CHANGE_KIND_STOCK_SHORT: PlanTokenChangeKind
PLAN_TOKEN_CHANGE_KIND_NODE_GONE: PlanTokenChangeKind
PLAN_TOKEN_CHANGE_KIND_LANE_GONE: PlanTokenChangeKind
PLAN_TOKEN_CHANGE_KIND_LATER: PlanTokenChangeKind
PLAN_TOKEN_CHANGE_KIND_NOT_ALLOWED: PlanTokenChangeKind
PLAN_TOKEN_CHANGE_KIND_NODE_COOLING: PlanTokenChangeKind
PLAN_TOKEN_CHANGE_KIND_SUPPLY_SHORT: PlanTokenChangeKind

class PlanTokenResult(_message.Message):
    __slots__ = ("outcome", "changes", "quoted_total_micros", "quoted_promise_time", "total_now_micros", "plan", "extra_cost_micros", "plan_token", "plan_token_expire_time")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    QUOTED_TOTAL_MICROS_FIELD_NUMBER: _ClassVar[int]
    QUOTED_PROMISE_TIME_FIELD_NUMBER: _ClassVar[int]
    TOTAL_NOW_MICROS_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    EXTRA_COST_MICROS_FIELD_NUMBER: _ClassVar[int]
    PLAN_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PLAN_TOKEN_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    outcome: PlanTokenOutcome
    changes: _containers.RepeatedCompositeFieldContainer[PlanTokenChange]
    quoted_total_micros: int
    quoted_promise_time: _timestamp_pb2.Timestamp
    total_now_micros: int
    plan: _sourcing_pb2.SourcingPlan
    extra_cost_micros: int
    plan_token: str
    plan_token_expire_time: _timestamp_pb2.Timestamp
    def __init__(self, outcome: _Optional[_Union[PlanTokenOutcome, str]] = ..., changes: _Optional[_Iterable[_Union[PlanTokenChange, _Mapping]]] = ..., quoted_total_micros: _Optional[int] = ..., quoted_promise_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., total_now_micros: _Optional[int] = ..., plan: _Optional[_Union[_sourcing_pb2.SourcingPlan, _Mapping]] = ..., extra_cost_micros: _Optional[int] = ..., plan_token: _Optional[str] = ..., plan_token_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class PlanTokenChange(_message.Message):
    __slots__ = ("kind", "node_id", "lane_id", "sku", "requested_quantity", "available_quantity", "reason", "promise_time", "quoted_promise_time", "supply_date")
    KIND_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    LANE_ID_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    PROMISE_TIME_FIELD_NUMBER: _ClassVar[int]
    QUOTED_PROMISE_TIME_FIELD_NUMBER: _ClassVar[int]
    SUPPLY_DATE_FIELD_NUMBER: _ClassVar[int]
    kind: PlanTokenChangeKind
    node_id: str
    lane_id: str
    sku: str
    requested_quantity: int
    available_quantity: int
    reason: _reservation_pb2.ShortfallReason
    promise_time: _timestamp_pb2.Timestamp
    quoted_promise_time: _timestamp_pb2.Timestamp
    supply_date: str
    def __init__(self, kind: _Optional[_Union[PlanTokenChangeKind, str]] = ..., node_id: _Optional[str] = ..., lane_id: _Optional[str] = ..., sku: _Optional[str] = ..., requested_quantity: _Optional[int] = ..., available_quantity: _Optional[int] = ..., reason: _Optional[_Union[_reservation_pb2.ShortfallReason, str]] = ..., promise_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., quoted_promise_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., supply_date: _Optional[str] = ...) -> None: ...
