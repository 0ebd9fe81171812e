import datetime

from buf.validate import validate_pb2 as _validate_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ReportPeriod(_message.Message):
    __slots__ = ("first_day", "last_day", "time_zone")
    FIRST_DAY_FIELD_NUMBER: _ClassVar[int]
    LAST_DAY_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    first_day: str
    last_day: str
    time_zone: str
    def __init__(self, first_day: _Optional[str] = ..., last_day: _Optional[str] = ..., time_zone: _Optional[str] = ...) -> None: ...

class ReportBasis(_message.Message):
    __slots__ = ("start_time", "end_time", "archived_until_time", "dead_letter_count")
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    ARCHIVED_UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    DEAD_LETTER_COUNT_FIELD_NUMBER: _ClassVar[int]
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    archived_until_time: _timestamp_pb2.Timestamp
    dead_letter_count: int
    def __init__(self, start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., archived_until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., dead_letter_count: _Optional[int] = ...) -> None: ...

class StockoutRow(_message.Message):
    __slots__ = ("sku", "node_id", "reason", "line_count", "request_count", "requested_quantity", "granted_quantity", "missing_quantity")
    SKU_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    LINE_COUNT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_COUNT_FIELD_NUMBER: _ClassVar[int]
    REQUESTED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    GRANTED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    MISSING_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    sku: str
    node_id: str
    reason: str
    line_count: int
    request_count: int
    requested_quantity: int
    granted_quantity: int
    missing_quantity: int
    def __init__(self, sku: _Optional[str] = ..., node_id: _Optional[str] = ..., reason: _Optional[str] = ..., line_count: _Optional[int] = ..., request_count: _Optional[int] = ..., requested_quantity: _Optional[int] = ..., granted_quantity: _Optional[int] = ..., missing_quantity: _Optional[int] = ...) -> None: ...

class JourneyRow(_message.Message):
    __slots__ = ("channel", "reservation_count", "held_count", "confirmed_count", "fulfilled_count", "released_count", "expired_count", "confirm_time", "fulfill_time")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_COUNT_FIELD_NUMBER: _ClassVar[int]
    HELD_COUNT_FIELD_NUMBER: _ClassVar[int]
    CONFIRMED_COUNT_FIELD_NUMBER: _ClassVar[int]
    FULFILLED_COUNT_FIELD_NUMBER: _ClassVar[int]
    RELEASED_COUNT_FIELD_NUMBER: _ClassVar[int]
    EXPIRED_COUNT_FIELD_NUMBER: _ClassVar[int]
    CONFIRM_TIME_FIELD_NUMBER: _ClassVar[int]
    FULFILL_TIME_FIELD_NUMBER: _ClassVar[int]
    channel: str
    reservation_count: int
    held_count: int
    confirmed_count: int
    fulfilled_count: int
    released_count: int
    expired_count: int
    confirm_time: DurationSpread
    fulfill_time: DurationSpread
    def __init__(self, channel: _Optional[str] = ..., reservation_count: _Optional[int] = ..., held_count: _Optional[int] = ..., confirmed_count: _Optional[int] = ..., fulfilled_count: _Optional[int] = ..., released_count: _Optional[int] = ..., expired_count: _Optional[int] = ..., confirm_time: _Optional[_Union[DurationSpread, _Mapping]] = ..., fulfill_time: _Optional[_Union[DurationSpread, _Mapping]] = ...) -> None: ...

class DurationSpread(_message.Message):
    __slots__ = ("p50_ms", "p90_ms", "p99_ms")
    P50_MS_FIELD_NUMBER: _ClassVar[int]
    P90_MS_FIELD_NUMBER: _ClassVar[int]
    P99_MS_FIELD_NUMBER: _ClassVar[int]
    p50_ms: int
    p90_ms: int
    p99_ms: int
    def __init__(self, p50_ms: _Optional[int] = ..., p90_ms: _Optional[int] = ..., p99_ms: _Optional[int] = ...) -> None: ...

class NodePerformanceRow(_message.Message):
    __slots__ = ("node_id", "reservation_count", "held_quantity", "confirmed_quantity", "fulfilled_quantity", "released_quantity", "expired_quantity")
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_COUNT_FIELD_NUMBER: _ClassVar[int]
    HELD_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    CONFIRMED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    FULFILLED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    RELEASED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    EXPIRED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    node_id: str
    reservation_count: int
    held_quantity: int
    confirmed_quantity: int
    fulfilled_quantity: int
    released_quantity: int
    expired_quantity: int
    def __init__(self, node_id: _Optional[str] = ..., reservation_count: _Optional[int] = ..., held_quantity: _Optional[int] = ..., confirmed_quantity: _Optional[int] = ..., fulfilled_quantity: _Optional[int] = ..., released_quantity: _Optional[int] = ..., expired_quantity: _Optional[int] = ...) -> None: ...

class ChannelPerformanceRow(_message.Message):
    __slots__ = ("channel", "reservation_count", "refused_count", "held_quantity", "fulfilled_quantity", "released_quantity", "expired_quantity")
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    RESERVATION_COUNT_FIELD_NUMBER: _ClassVar[int]
    REFUSED_COUNT_FIELD_NUMBER: _ClassVar[int]
    HELD_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    FULFILLED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    RELEASED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    EXPIRED_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    channel: str
    reservation_count: int
    refused_count: int
    held_quantity: int
    fulfilled_quantity: int
    released_quantity: int
    expired_quantity: int
    def __init__(self, channel: _Optional[str] = ..., reservation_count: _Optional[int] = ..., refused_count: _Optional[int] = ..., held_quantity: _Optional[int] = ..., fulfilled_quantity: _Optional[int] = ..., released_quantity: _Optional[int] = ..., expired_quantity: _Optional[int] = ...) -> None: ...
