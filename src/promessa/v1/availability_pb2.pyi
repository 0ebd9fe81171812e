import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from promessa.v1 import allocation_pb2 as _allocation_pb2
from promessa.v1 import inventory_pb2 as _inventory_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AvailabilityStepKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AVAILABILITY_STEP_KIND_UNSPECIFIED: _ClassVar[AvailabilityStepKind]
    AVAILABILITY_STEP_KIND_ON_HAND: _ClassVar[AvailabilityStepKind]
    AVAILABILITY_STEP_KIND_UNAVAILABLE: _ClassVar[AvailabilityStepKind]
    AVAILABILITY_STEP_KIND_SAFETY_STOCK: _ClassVar[AvailabilityStepKind]
    AVAILABILITY_STEP_KIND_HELD: _ClassVar[AvailabilityStepKind]
    AVAILABILITY_STEP_KIND_COMMITTED: _ClassVar[AvailabilityStepKind]
    AVAILABILITY_STEP_KIND_CLAMPED: _ClassVar[AvailabilityStepKind]
    AVAILABILITY_STEP_KIND_NODE_PAUSED: _ClassVar[AvailabilityStepKind]
    AVAILABILITY_STEP_KIND_CAPACITY_FULL: _ClassVar[AvailabilityStepKind]
    AVAILABILITY_STEP_KIND_RING_FENCED: _ClassVar[AvailabilityStepKind]

class AvailabilityEventKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AVAILABILITY_EVENT_KIND_UNSPECIFIED: _ClassVar[AvailabilityEventKind]
    AVAILABILITY_EVENT_KIND_CHANGED: _ClassVar[AvailabilityEventKind]
    AVAILABILITY_EVENT_KIND_OUT_OF_STOCK: _ClassVar[AvailabilityEventKind]
    AVAILABILITY_EVENT_KIND_LOW: _ClassVar[AvailabilityEventKind]
    AVAILABILITY_EVENT_KIND_MEDIUM: _ClassVar[AvailabilityEventKind]
    AVAILABILITY_EVENT_KIND_HIGH: _ClassVar[AvailabilityEventKind]
    AVAILABILITY_EVENT_KIND_ABOVE_LEVELS: _ClassVar[AvailabilityEventKind]
    AVAILABILITY_EVENT_KIND_BACK_IN_STOCK: _ClassVar[AvailabilityEventKind]

class AvailabilityStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AVAILABILITY_STATUS_UNSPECIFIED: _ClassVar[AvailabilityStatus]
    AVAILABILITY_STATUS_AVAILABLE: _ClassVar[AvailabilityStatus]
    AVAILABILITY_STATUS_OUT_OF_STOCK: _ClassVar[AvailabilityStatus]
    AVAILABILITY_STATUS_NOT_STOCKED: _ClassVar[AvailabilityStatus]
    AVAILABILITY_STATUS_NODE_PAUSED: _ClassVar[AvailabilityStatus]
    AVAILABILITY_STATUS_UNKNOWN_SKU: _ClassVar[AvailabilityStatus]
    AVAILABILITY_STATUS_UNKNOWN_NODE: _ClassVar[AvailabilityStatus]
    AVAILABILITY_STATUS_CAPACITY_FULL: _ClassVar[AvailabilityStatus]
    AVAILABILITY_STATUS_INFINITE: _ClassVar[AvailabilityStatus]
    AVAILABILITY_STATUS_MADE_TO_ORDER: _ClassVar[AvailabilityStatus]

class ReadSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    READ_SOURCE_UNSPECIFIED: _ClassVar[ReadSource]
    READ_SOURCE_REPLICA: _ClassVar[ReadSource]
    READ_SOURCE_STORE: _ClassVar[ReadSource]

class StalePolicy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STALE_POLICY_UNSPECIFIED: _ClassVar[StalePolicy]
    STALE_POLICY_ANNOTATE: _ClassVar[StalePolicy]
    STALE_POLICY_READ_THROUGH: _ClassVar[StalePolicy]
    STALE_POLICY_FAIL: _ClassVar[StalePolicy]
AVAILABILITY_STEP_KIND_UNSPECIFIED: AvailabilityStepKind
AVAILABILITY_STEP_KIND_ON_HAND: AvailabilityStepKind
AVAILABILITY_STEP_KIND_UNAVAILABLE: AvailabilityStepKind
AVAILABILITY_STEP_KIND_SAFETY_STOCK: AvailabilityStepKind
AVAILABILITY_STEP_KIND_HELD: AvailabilityStepKind
AVAILABILITY_STEP_KIND_COMMITTED: AvailabilityStepKind
AVAILABILITY_STEP_KIND_CLAMPED: AvailabilityStepKind
AVAILABILITY_STEP_KIND_NODE_PAUSED: AvailabilityStepKind
AVAILABILITY_STEP_KIND_CAPACITY_FULL: AvailabilityStepKind
AVAILABILITY_STEP_KIND_RING_FENCED: AvailabilityStepKind
AVAILABILITY_EVENT_KIND_UNSPECIFIED: AvailabilityEventKind
AVAILABILITY_EVENT_KIND_CHANGED: AvailabilityEventKind
AVAILABILITY_EVENT_KIND_OUT_OF_STOCK: AvailabilityEventKind
AVAILABILITY_EVENT_KIND_LOW: AvailabilityEventKind
AVAILABILITY_EVENT_KIND_MEDIUM: AvailabilityEventKind
AVAILABILITY_EVENT_KIND_HIGH: AvailabilityEventKind
AVAILABILITY_EVENT_KIND_ABOVE_LEVELS: AvailabilityEventKind
AVAILABILITY_EVENT_KIND_BACK_IN_STOCK: AvailabilityEventKind
AVAILABILITY_STATUS_UNSPECIFIED: AvailabilityStatus
AVAILABILITY_STATUS_AVAILABLE: AvailabilityStatus
AVAILABILITY_STATUS_OUT_OF_STOCK: AvailabilityStatus
AVAILABILITY_STATUS_NOT_STOCKED: AvailabilityStatus
AVAILABILITY_STATUS_NODE_PAUSED: AvailabilityStatus
AVAILABILITY_STATUS_UNKNOWN_SKU: AvailabilityStatus
AVAILABILITY_STATUS_UNKNOWN_NODE: AvailabilityStatus
AVAILABILITY_STATUS_CAPACITY_FULL: AvailabilityStatus
AVAILABILITY_STATUS_INFINITE: AvailabilityStatus
AVAILABILITY_STATUS_MADE_TO_ORDER: AvailabilityStatus
READ_SOURCE_UNSPECIFIED: ReadSource
READ_SOURCE_REPLICA: ReadSource
READ_SOURCE_STORE: ReadSource
STALE_POLICY_UNSPECIFIED: StalePolicy
STALE_POLICY_ANNOTATE: StalePolicy
STALE_POLICY_READ_THROUGH: StalePolicy
STALE_POLICY_FAIL: StalePolicy

class NodeAvailability(_message.Message):
    __slots__ = ("node_id", "available_quantity", "status", "version", "count_time", "count_source_id")
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    COUNT_TIME_FIELD_NUMBER: _ClassVar[int]
    COUNT_SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    node_id: str
    available_quantity: int
    status: AvailabilityStatus
    version: int
    count_time: _timestamp_pb2.Timestamp
    count_source_id: str
    def __init__(self, node_id: _Optional[str] = ..., available_quantity: _Optional[int] = ..., status: _Optional[_Union[AvailabilityStatus, str]] = ..., version: _Optional[int] = ..., count_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., count_source_id: _Optional[str] = ...) -> None: ...

class NodeExplanation(_message.Message):
    __slots__ = ("node_id", "status", "steps", "available_quantity", "deficit_quantity", "sentence", "count_time", "count_source_id", "version", "pools", "components", "unavailable")
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    DEFICIT_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    SENTENCE_FIELD_NUMBER: _ClassVar[int]
    COUNT_TIME_FIELD_NUMBER: _ClassVar[int]
    COUNT_SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    POOLS_FIELD_NUMBER: _ClassVar[int]
    COMPONENTS_FIELD_NUMBER: _ClassVar[int]
    UNAVAILABLE_FIELD_NUMBER: _ClassVar[int]
    node_id: str
    status: AvailabilityStatus
    steps: _containers.RepeatedCompositeFieldContainer[AvailabilityStep]
    available_quantity: int
    deficit_quantity: int
    sentence: str
    count_time: _timestamp_pb2.Timestamp
    count_source_id: str
    version: int
    pools: _containers.RepeatedCompositeFieldContainer[_allocation_pb2.AllocationPool]
    components: _containers.RepeatedCompositeFieldContainer[ComponentExplanation]
    unavailable: _containers.RepeatedCompositeFieldContainer[_inventory_pb2.UnavailableQuantity]
    def __init__(self, node_id: _Optional[str] = ..., status: _Optional[_Union[AvailabilityStatus, str]] = ..., steps: _Optional[_Iterable[_Union[AvailabilityStep, _Mapping]]] = ..., available_quantity: _Optional[int] = ..., deficit_quantity: _Optional[int] = ..., sentence: _Optional[str] = ..., count_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., count_source_id: _Optional[str] = ..., version: _Optional[int] = ..., pools: _Optional[_Iterable[_Union[_allocation_pb2.AllocationPool, _Mapping]]] = ..., components: _Optional[_Iterable[_Union[ComponentExplanation, _Mapping]]] = ..., unavailable: _Optional[_Iterable[_Union[_inventory_pb2.UnavailableQuantity, _Mapping]]] = ...) -> None: ...

class ComponentExplanation(_message.Message):
    __slots__ = ("sku", "quantity", "available_quantity", "status", "kit_quantity", "limiting")
    SKU_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    KIT_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    LIMITING_FIELD_NUMBER: _ClassVar[int]
    sku: str
    quantity: int
    available_quantity: int
    status: AvailabilityStatus
    kit_quantity: int
    limiting: bool
    def __init__(self, sku: _Optional[str] = ..., quantity: _Optional[int] = ..., available_quantity: _Optional[int] = ..., status: _Optional[_Union[AvailabilityStatus, str]] = ..., kit_quantity: _Optional[int] = ..., limiting: _Optional[bool] = ...) -> None: ...

class Substitute(_message.Message):
    __slots__ = ("sku", "available_quantity", "status", "nodes")
    SKU_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    sku: str
    available_quantity: int
    status: AvailabilityStatus
    nodes: _containers.RepeatedCompositeFieldContainer[NodeAvailability]
    def __init__(self, sku: _Optional[str] = ..., available_quantity: _Optional[int] = ..., status: _Optional[_Union[AvailabilityStatus, str]] = ..., nodes: _Optional[_Iterable[_Union[NodeAvailability, _Mapping]]] = ...) -> None: ...

class LineSubstitutes(_message.Message):
    __slots__ = ("line", "substitutes")
    LINE_FIELD_NUMBER: _ClassVar[int]
    SUBSTITUTES_FIELD_NUMBER: _ClassVar[int]
    line: int
    substitutes: _containers.RepeatedCompositeFieldContainer[Substitute]
    def __init__(self, line: _Optional[int] = ..., substitutes: _Optional[_Iterable[_Union[Substitute, _Mapping]]] = ...) -> None: ...

class AvailabilityStep(_message.Message):
    __slots__ = ("kind", "quantity", "left_quantity")
    KIND_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    LEFT_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    kind: AvailabilityStepKind
    quantity: int
    left_quantity: int
    def __init__(self, kind: _Optional[_Union[AvailabilityStepKind, str]] = ..., quantity: _Optional[int] = ..., left_quantity: _Optional[int] = ...) -> None: ...

class AvailabilityEvent(_message.Message):
    __slots__ = ("kind", "sku", "node_id", "available_quantity", "available_quantity_before", "status", "status_before")
    KIND_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_QUANTITY_BEFORE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    STATUS_BEFORE_FIELD_NUMBER: _ClassVar[int]
    kind: AvailabilityEventKind
    sku: str
    node_id: str
    available_quantity: int
    available_quantity_before: int
    status: AvailabilityStatus
    status_before: AvailabilityStatus
    def __init__(self, kind: _Optional[_Union[AvailabilityEventKind, str]] = ..., sku: _Optional[str] = ..., node_id: _Optional[str] = ..., available_quantity: _Optional[int] = ..., available_quantity_before: _Optional[int] = ..., status: _Optional[_Union[AvailabilityStatus, str]] = ..., status_before: _Optional[_Union[AvailabilityStatus, str]] = ...) -> None: ...

class Freshness(_message.Message):
    __slots__ = ("source", "staleness_ms", "epoch", "applied_sequences", "observed_time")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    STALENESS_MS_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    APPLIED_SEQUENCES_FIELD_NUMBER: _ClassVar[int]
    OBSERVED_TIME_FIELD_NUMBER: _ClassVar[int]
    source: ReadSource
    staleness_ms: int
    epoch: int
    applied_sequences: _containers.RepeatedScalarFieldContainer[int]
    observed_time: _timestamp_pb2.Timestamp
    def __init__(self, source: _Optional[_Union[ReadSource, str]] = ..., staleness_ms: _Optional[int] = ..., epoch: _Optional[int] = ..., applied_sequences: _Optional[_Iterable[int]] = ..., observed_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Consistency(_message.Message):
    __slots__ = ("max_staleness_ms", "stale_policy", "at_least_token", "authoritative")
    MAX_STALENESS_MS_FIELD_NUMBER: _ClassVar[int]
    STALE_POLICY_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_TOKEN_FIELD_NUMBER: _ClassVar[int]
    AUTHORITATIVE_FIELD_NUMBER: _ClassVar[int]
    max_staleness_ms: int
    stale_policy: StalePolicy
    at_least_token: str
    authoritative: bool
    def __init__(self, max_staleness_ms: _Optional[int] = ..., stale_policy: _Optional[_Union[StalePolicy, str]] = ..., at_least_token: _Optional[str] = ..., authoritative: _Optional[bool] = ...) -> None: ...
