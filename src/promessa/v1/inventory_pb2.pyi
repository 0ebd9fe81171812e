import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LateDeltas(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LATE_DELTAS_UNSPECIFIED: _ClassVar[LateDeltas]
    LATE_DELTAS_DROP: _ClassVar[LateDeltas]
    LATE_DELTAS_MERGE: _ClassVar[LateDeltas]

class SequenceOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEQUENCE_OUTCOME_UNSPECIFIED: _ClassVar[SequenceOutcome]
    SEQUENCE_OUTCOME_IN_SEQUENCE: _ClassVar[SequenceOutcome]
    SEQUENCE_OUTCOME_DUPLICATE: _ClassVar[SequenceOutcome]
    SEQUENCE_OUTCOME_PARKED: _ClassVar[SequenceOutcome]
    SEQUENCE_OUTCOME_STALE_EPOCH: _ClassVar[SequenceOutcome]
    SEQUENCE_OUTCOME_PARKING_FULL: _ClassVar[SequenceOutcome]

class FeedOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FEED_OUTCOME_UNSPECIFIED: _ClassVar[FeedOutcome]
    FEED_OUTCOME_APPLIED: _ClassVar[FeedOutcome]
    FEED_OUTCOME_UNCHANGED: _ClassVar[FeedOutcome]
    FEED_OUTCOME_STALE: _ClassVar[FeedOutcome]
    FEED_OUTCOME_INSUFFICIENT_ON_HAND: _ClassVar[FeedOutcome]
    FEED_OUTCOME_UNKNOWN_SKU: _ClassVar[FeedOutcome]
    FEED_OUTCOME_UNKNOWN_NODE: _ClassVar[FeedOutcome]
    FEED_OUTCOME_INVALID: _ClassVar[FeedOutcome]
    FEED_OUTCOME_CONFLICT: _ClassVar[FeedOutcome]
    FEED_OUTCOME_OVERFLOW: _ClassVar[FeedOutcome]
    FEED_OUTCOME_ABSORBED: _ClassVar[FeedOutcome]
    FEED_OUTCOME_TOO_OLD: _ClassVar[FeedOutcome]
    FEED_OUTCOME_IN_FUTURE: _ClassVar[FeedOutcome]
    FEED_OUTCOME_IS_KIT: _ClassVar[FeedOutcome]
LATE_DELTAS_UNSPECIFIED: LateDeltas
LATE_DELTAS_DROP: LateDeltas
LATE_DELTAS_MERGE: LateDeltas
SEQUENCE_OUTCOME_UNSPECIFIED: SequenceOutcome
SEQUENCE_OUTCOME_IN_SEQUENCE: SequenceOutcome
SEQUENCE_OUTCOME_DUPLICATE: SequenceOutcome
SEQUENCE_OUTCOME_PARKED: SequenceOutcome
SEQUENCE_OUTCOME_STALE_EPOCH: SequenceOutcome
SEQUENCE_OUTCOME_PARKING_FULL: SequenceOutcome
FEED_OUTCOME_UNSPECIFIED: FeedOutcome
FEED_OUTCOME_APPLIED: FeedOutcome
FEED_OUTCOME_UNCHANGED: FeedOutcome
FEED_OUTCOME_STALE: FeedOutcome
FEED_OUTCOME_INSUFFICIENT_ON_HAND: FeedOutcome
FEED_OUTCOME_UNKNOWN_SKU: FeedOutcome
FEED_OUTCOME_UNKNOWN_NODE: FeedOutcome
FEED_OUTCOME_INVALID: FeedOutcome
FEED_OUTCOME_CONFLICT: FeedOutcome
FEED_OUTCOME_OVERFLOW: FeedOutcome
FEED_OUTCOME_ABSORBED: FeedOutcome
FEED_OUTCOME_TOO_OLD: FeedOutcome
FEED_OUTCOME_IN_FUTURE: FeedOutcome
FEED_OUTCOME_IS_KIT: FeedOutcome

class StockCell(_message.Message):
    __slots__ = ("sku", "node_id", "on_hand_quantity", "unavailable_quantity", "safety_stock_quantity", "held_quantity", "committed_quantity", "available_quantity", "version", "count_time", "count_source_id")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    ON_HAND_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    UNAVAILABLE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    SAFETY_STOCK_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    HELD_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    COMMITTED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    COUNT_TIME_FIELD_NUMBER: _ClassVar[int]
    COUNT_SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    sku: str
    node_id: str
    on_hand_quantity: int
    unavailable_quantity: int
    safety_stock_quantity: int
    held_quantity: int
    committed_quantity: int
    available_quantity: int
    version: int
    count_time: _timestamp_pb2.Timestamp
    count_source_id: str
    def __init__(self, sku: _Optional[str] = ..., node_id: _Optional[str] = ..., on_hand_quantity: _Optional[int] = ..., unavailable_quantity: _Optional[int] = ..., safety_stock_quantity: _Optional[int] = ..., held_quantity: _Optional[int] = ..., committed_quantity: _Optional[int] = ..., available_quantity: _Optional[int] = ..., version: _Optional[int] = ..., count_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., count_source_id: _Optional[str] = ...) -> None: ...

class StockDelta(_message.Message):
    __slots__ = ("sku", "node_id", "delta_quantity", "occurred_at")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    DELTA_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    OCCURRED_AT_FIELD_NUMBER: _ClassVar[int]
    sku: str
    node_id: str
    delta_quantity: int
    occurred_at: _timestamp_pb2.Timestamp
    def __init__(self, sku: _Optional[str] = ..., node_id: _Optional[str] = ..., delta_quantity: _Optional[int] = ..., occurred_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class FeedPosition(_message.Message):
    __slots__ = ("source_id", "epoch", "sequence")
    SOURCE_ID_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    source_id: str
    epoch: int
    sequence: int
    def __init__(self, source_id: _Optional[str] = ..., epoch: _Optional[int] = ..., sequence: _Optional[int] = ...) -> None: ...

class StockCount(_message.Message):
    __slots__ = ("sku", "node_id", "on_hand_quantity", "unavailable_quantity", "safety_stock_quantity")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    ON_HAND_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    UNAVAILABLE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    SAFETY_STOCK_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    sku: str
    node_id: str
    on_hand_quantity: int
    unavailable_quantity: int
    safety_stock_quantity: int
    def __init__(self, sku: _Optional[str] = ..., node_id: _Optional[str] = ..., on_hand_quantity: _Optional[int] = ..., unavailable_quantity: _Optional[int] = ..., safety_stock_quantity: _Optional[int] = ...) -> None: ...

class FeedResult(_message.Message):
    __slots__ = ("outcome", "on_hand_quantity", "available_quantity")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    ON_HAND_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    outcome: FeedOutcome
    on_hand_quantity: int
    available_quantity: int
    def __init__(self, outcome: _Optional[_Union[FeedOutcome, str]] = ..., on_hand_quantity: _Optional[int] = ..., available_quantity: _Optional[int] = ...) -> None: ...

class UnavailableQuantity(_message.Message):
    __slots__ = ("reason", "quantity")
    REASON_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    reason: str
    quantity: int
    def __init__(self, reason: _Optional[str] = ..., quantity: _Optional[int] = ...) -> None: ...
