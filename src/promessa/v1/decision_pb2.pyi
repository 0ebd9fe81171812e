import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from promessa.v1 import constraint_pb2 as _constraint_pb2
from promessa.v1 import sourcing_pb2 as _sourcing_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FlipKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FLIP_KIND_UNSPECIFIED: _ClassVar[FlipKind]
    FLIP_KIND_NODE_CHEAPER: _ClassVar[FlipKind]
    FLIP_KIND_CHOSEN_DEARER: _ClassVar[FlipKind]
FLIP_KIND_UNSPECIFIED: FlipKind
FLIP_KIND_NODE_CHEAPER: FlipKind
FLIP_KIND_CHOSEN_DEARER: FlipKind

class ExplanationParts(_message.Message):
    __slots__ = ("bindings", "flips", "relaxations", "language")
    BINDINGS_FIELD_NUMBER: _ClassVar[int]
    FLIPS_FIELD_NUMBER: _ClassVar[int]
    RELAXATIONS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    bindings: bool
    flips: bool
    relaxations: bool
    language: str
    def __init__(self, bindings: _Optional[bool] = ..., flips: _Optional[bool] = ..., relaxations: _Optional[bool] = ..., language: _Optional[str] = ...) -> None: ...

class DecisionExplanation(_message.Message):
    __slots__ = ("bindings", "flips", "relaxations", "sentences", "is_cut_short")
    BINDINGS_FIELD_NUMBER: _ClassVar[int]
    FLIPS_FIELD_NUMBER: _ClassVar[int]
    RELAXATIONS_FIELD_NUMBER: _ClassVar[int]
    SENTENCES_FIELD_NUMBER: _ClassVar[int]
    IS_CUT_SHORT_FIELD_NUMBER: _ClassVar[int]
    bindings: _containers.RepeatedCompositeFieldContainer[Binding]
    flips: _containers.RepeatedCompositeFieldContainer[Flip]
    relaxations: _containers.RepeatedCompositeFieldContainer[Relaxation]
    sentences: _containers.RepeatedScalarFieldContainer[str]
    is_cut_short: bool
    def __init__(self, bindings: _Optional[_Iterable[_Union[Binding, _Mapping]]] = ..., flips: _Optional[_Iterable[_Union[Flip, _Mapping]]] = ..., relaxations: _Optional[_Iterable[_Union[Relaxation, _Mapping]]] = ..., sentences: _Optional[_Iterable[str]] = ..., is_cut_short: _Optional[bool] = ...) -> None: ...

class Binding(_message.Message):
    __slots__ = ("constraint", "is_binding", "saves_micros", "earlier_seconds", "more_quantity", "plan")
    CONSTRAINT_FIELD_NUMBER: _ClassVar[int]
    IS_BINDING_FIELD_NUMBER: _ClassVar[int]
    SAVES_MICROS_FIELD_NUMBER: _ClassVar[int]
    EARLIER_SECONDS_FIELD_NUMBER: _ClassVar[int]
    MORE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    constraint: _constraint_pb2.Constraint
    is_binding: bool
    saves_micros: int
    earlier_seconds: int
    more_quantity: int
    plan: _sourcing_pb2.SourcingPlan
    def __init__(self, constraint: _Optional[_Union[_constraint_pb2.Constraint, _Mapping]] = ..., is_binding: _Optional[bool] = ..., saves_micros: _Optional[int] = ..., earlier_seconds: _Optional[int] = ..., more_quantity: _Optional[int] = ..., plan: _Optional[_Union[_sourcing_pb2.SourcingPlan, _Mapping]] = ...) -> None: ...

class Flip(_message.Message):
    __slots__ = ("kind", "node_id", "micros", "is_exact", "is_out_of_reach")
    KIND_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    MICROS_FIELD_NUMBER: _ClassVar[int]
    IS_EXACT_FIELD_NUMBER: _ClassVar[int]
    IS_OUT_OF_REACH_FIELD_NUMBER: _ClassVar[int]
    kind: FlipKind
    node_id: str
    micros: int
    is_exact: bool
    is_out_of_reach: bool
    def __init__(self, kind: _Optional[_Union[FlipKind, str]] = ..., node_id: _Optional[str] = ..., micros: _Optional[int] = ..., is_exact: _Optional[bool] = ..., is_out_of_reach: _Optional[bool] = ...) -> None: ...

class Relaxation(_message.Message):
    __slots__ = ("constraints", "plan", "extra_micros", "later_seconds", "extra_shipments", "missing")
    CONSTRAINTS_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    EXTRA_MICROS_FIELD_NUMBER: _ClassVar[int]
    LATER_SECONDS_FIELD_NUMBER: _ClassVar[int]
    EXTRA_SHIPMENTS_FIELD_NUMBER: _ClassVar[int]
    MISSING_FIELD_NUMBER: _ClassVar[int]
    constraints: _containers.RepeatedCompositeFieldContainer[_constraint_pb2.Constraint]
    plan: _sourcing_pb2.SourcingPlan
    extra_micros: int
    later_seconds: int
    extra_shipments: int
    missing: _containers.RepeatedCompositeFieldContainer[MissingStock]
    def __init__(self, constraints: _Optional[_Iterable[_Union[_constraint_pb2.Constraint, _Mapping]]] = ..., plan: _Optional[_Union[_sourcing_pb2.SourcingPlan, _Mapping]] = ..., extra_micros: _Optional[int] = ..., later_seconds: _Optional[int] = ..., extra_shipments: _Optional[int] = ..., missing: _Optional[_Iterable[_Union[MissingStock, _Mapping]]] = ...) -> None: ...

class MissingStock(_message.Message):
    __slots__ = ("line", "sku", "node_id", "quantity")
    LINE_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    line: int
    sku: str
    node_id: str
    quantity: int
    def __init__(self, line: _Optional[int] = ..., sku: _Optional[str] = ..., node_id: _Optional[str] = ..., quantity: _Optional[int] = ...) -> None: ...

class DecisionDifference(_message.Message):
    __slots__ = ("place", "recorded", "found")
    PLACE_FIELD_NUMBER: _ClassVar[int]
    RECORDED_FIELD_NUMBER: _ClassVar[int]
    FOUND_FIELD_NUMBER: _ClassVar[int]
    place: str
    recorded: str
    found: str
    def __init__(self, place: _Optional[str] = ..., recorded: _Optional[str] = ..., found: _Optional[str] = ...) -> None: ...

class QuotedDecision(_message.Message):
    __slots__ = ("quote_time", "total_micros", "promise_time", "total_at_hold_micros")
    QUOTE_TIME_FIELD_NUMBER: _ClassVar[int]
    TOTAL_MICROS_FIELD_NUMBER: _ClassVar[int]
    PROMISE_TIME_FIELD_NUMBER: _ClassVar[int]
    TOTAL_AT_HOLD_MICROS_FIELD_NUMBER: _ClassVar[int]
    quote_time: _timestamp_pb2.Timestamp
    total_micros: int
    promise_time: _timestamp_pb2.Timestamp
    total_at_hold_micros: int
    def __init__(self, quote_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., total_micros: _Optional[int] = ..., promise_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., total_at_hold_micros: _Optional[int] = ...) -> None: ...
