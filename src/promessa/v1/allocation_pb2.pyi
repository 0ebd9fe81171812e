import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AllocationStrategy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ALLOCATION_STRATEGY_UNSPECIFIED: _ClassVar[AllocationStrategy]
    ALLOCATION_STRATEGY_STRICT: _ClassVar[AllocationStrategy]
    ALLOCATION_STRATEGY_OWN_FIRST: _ClassVar[AllocationStrategy]
    ALLOCATION_STRATEGY_COMMON_FIRST: _ClassVar[AllocationStrategy]
ALLOCATION_STRATEGY_UNSPECIFIED: AllocationStrategy
ALLOCATION_STRATEGY_STRICT: AllocationStrategy
ALLOCATION_STRATEGY_OWN_FIRST: AllocationStrategy
ALLOCATION_STRATEGY_COMMON_FIRST: AllocationStrategy

class AllocationPool(_message.Message):
    __slots__ = ("sku", "node_id", "channel", "strategy", "quantity", "share_permille", "give_back_time", "drawn_quantity", "unused_quantity")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    SHARE_PERMILLE_FIELD_NUMBER: _ClassVar[int]
    GIVE_BACK_TIME_FIELD_NUMBER: _ClassVar[int]
    DRAWN_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    UNUSED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    sku: str
    node_id: str
    channel: str
    strategy: AllocationStrategy
    quantity: int
    share_permille: int
    give_back_time: _timestamp_pb2.Timestamp
    drawn_quantity: int
    unused_quantity: int
    def __init__(self, sku: _Optional[str] = ..., node_id: _Optional[str] = ..., channel: _Optional[str] = ..., strategy: _Optional[_Union[AllocationStrategy, str]] = ..., quantity: _Optional[int] = ..., share_permille: _Optional[int] = ..., give_back_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., drawn_quantity: _Optional[int] = ..., unused_quantity: _Optional[int] = ...) -> None: ...

class DrawnUnits(_message.Message):
    __slots__ = ("sku", "node_id", "channel", "quantity")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    sku: str
    node_id: str
    channel: str
    quantity: int
    def __init__(self, sku: _Optional[str] = ..., node_id: _Optional[str] = ..., channel: _Optional[str] = ..., quantity: _Optional[int] = ...) -> None: ...
