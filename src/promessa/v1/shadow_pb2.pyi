from promessa.v1 import sourcing_pb2 as _sourcing_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ShadowResults(_message.Message):
    __slots__ = ("version", "percent", "order_count", "same_count", "comparable_count", "gained_count", "lost_count", "failed_count", "dropped_count", "cost_difference", "shipment_difference", "arrival_difference_ms", "unserved_difference_quantity")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PERCENT_FIELD_NUMBER: _ClassVar[int]
    ORDER_COUNT_FIELD_NUMBER: _ClassVar[int]
    SAME_COUNT_FIELD_NUMBER: _ClassVar[int]
    COMPARABLE_COUNT_FIELD_NUMBER: _ClassVar[int]
    GAINED_COUNT_FIELD_NUMBER: _ClassVar[int]
    LOST_COUNT_FIELD_NUMBER: _ClassVar[int]
    FAILED_COUNT_FIELD_NUMBER: _ClassVar[int]
    DROPPED_COUNT_FIELD_NUMBER: _ClassVar[int]
    COST_DIFFERENCE_FIELD_NUMBER: _ClassVar[int]
    SHIPMENT_DIFFERENCE_FIELD_NUMBER: _ClassVar[int]
    ARRIVAL_DIFFERENCE_MS_FIELD_NUMBER: _ClassVar[int]
    UNSERVED_DIFFERENCE_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    version: int
    percent: int
    order_count: int
    same_count: int
    comparable_count: int
    gained_count: int
    lost_count: int
    failed_count: int
    dropped_count: int
    cost_difference: _sourcing_pb2.PlanCost
    shipment_difference: int
    arrival_difference_ms: int
    unserved_difference_quantity: int
    def __init__(self, version: _Optional[int] = ..., percent: _Optional[int] = ..., order_count: _Optional[int] = ..., same_count: _Optional[int] = ..., comparable_count: _Optional[int] = ..., gained_count: _Optional[int] = ..., lost_count: _Optional[int] = ..., failed_count: _Optional[int] = ..., dropped_count: _Optional[int] = ..., cost_difference: _Optional[_Union[_sourcing_pb2.PlanCost, _Mapping]] = ..., shipment_difference: _Optional[int] = ..., arrival_difference_ms: _Optional[int] = ..., unserved_difference_quantity: _Optional[int] = ...) -> None: ...
